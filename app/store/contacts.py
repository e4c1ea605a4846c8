"""E-mail addresses to invite, and the sender of a round's e-mails; kept until the count."""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, String, Table, bindparam, delete, false, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.languages import Language
from app.core.mail import InvitedAddress, SenderIdentity
from app.core.rounds import RoundId
from app.store.database import Base, chunked, execute_and_count_rows


class ContactRow(Base):
    __tablename__ = "contact"
    # Ordered by address: the file does not reveal the order of import.
    __table_args__ = (CheckConstraint("language IN ('fi', 'sv', 'en')", name="language"), {"sqlite_with_rowid": False})

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(2))
    undeliverable: Mapped[bool] = mapped_column(default=False, server_default=false())


class RoundSenderRow(Base):
    __tablename__ = "round_sender"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(100))
    reply_to: Mapped[str] = mapped_column(String(254))


_TABLE = cast("Table", ContactRow.__table__)
_CHANGE = update(_TABLE).where(_TABLE.c.round_id == bindparam("of_round"), _TABLE.c.address == bindparam("called"))


def contacts(session: Session, round_id: RoundId) -> tuple[InvitedAddress, ...]:
    """Return the addresses of a round in the order of the alphabet."""
    query = select(ContactRow).where(ContactRow.round_id == round_id)
    listed = (
        InvitedAddress(row.address, row.unit_id, Language(row.language), row.undeliverable)
        for row in session.scalars(query)
    )
    return tuple(sorted(listed, key=lambda contact: contact.address))


def upsert(session: Session, round_id: RoundId, new: Iterable[InvitedAddress]) -> None:
    """Insert addresses, or update those that exist; all become deliverable."""
    existing = set(session.scalars(select(ContactRow.address).where(ContactRow.round_id == round_id)))
    ordered = sorted(new, key=lambda contact: contact.address)
    added = [
        {"round_id": round_id, "address": contact.address, **_values(contact)}
        for contact in ordered
        if contact.address not in existing
    ]
    changed = [
        {"of_round": round_id, "called": contact.address, **_values(contact)}
        for contact in ordered
        if contact.address in existing
    ]
    # One statement for many rows: a city's list has ten thousand.
    for statement, rows in ((insert(_TABLE), added), (_CHANGE, changed)):
        if rows:
            session.connection().execute(statement, rows)
    session.expire_all()


def set_undeliverable(session: Session, round_id: RoundId, addresses: Iterable[str], *, undeliverable: bool) -> None:
    """Mark addresses of a round as undeliverable, or remove the mark."""
    for some in chunked(addresses):
        session.execute(
            update(ContactRow)
            .where(ContactRow.round_id == round_id, ContactRow.address.in_(some))
            .values(undeliverable=undeliverable),
            execution_options={"synchronize_session": False},
        )
    session.expire_all()


def remove_addresses(session: Session, round_id: RoundId, addresses: Iterable[str]) -> int:
    """Delete some addresses of a round; return how many existed."""
    removed = 0
    for some in chunked(addresses):
        result: Any = session.execute(
            delete(ContactRow).where(ContactRow.round_id == round_id, ContactRow.address.in_(some))
        )
        removed += int(result.rowcount)
    return removed


def erase(session: Session, round_id: RoundId) -> int:
    """Delete all addresses of a round; return how many."""
    return execute_and_count_rows(session, delete(_TABLE).where(_TABLE.c.round_id == round_id))


def erase_sender(session: Session, round_id: RoundId) -> None:
    """Delete the sender of a round's messages."""
    session.execute(delete(RoundSenderRow).where(RoundSenderRow.round_id == round_id))


def sender(session: Session, round_id: RoundId) -> SenderIdentity:
    """Return the sender of a round's messages."""
    row = session.get(RoundSenderRow, round_id)
    return SenderIdentity() if row is None else SenderIdentity(row.name, row.reply_to)


def set_sender(session: Session, round_id: RoundId, mail_sender: SenderIdentity) -> None:
    """Set the sender of a round's messages."""
    session.merge(RoundSenderRow(round_id=round_id, name=mail_sender.name, reply_to=mail_sender.reply_to))


def _values(contact: InvitedAddress) -> dict[str, Any]:
    return {"unit_id": contact.unit, "language": contact.language.value, "undeliverable": contact.undeliverable}
