"""The right to answer once: digests of codes, and whether they were spent.

A row carries no time and no number: only the round, the unit, the box in which its ballot will lie,
and, where codes go by mail, the address, until the round is counted.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.rounds import KeyMode, RoundId, RoundState
from app.store.database import Base, Executor, UtcDateTime, has_column, pad_to_power_of_two
from app.store.rounds import RoundRow, RoundUnitRow


class InvitationRow(Base):
    __tablename__ = "invitation"
    # Without a rowid the table is ordered by digest, which is chance: no order of issue in the file.
    __table_args__ = (
        CheckConstraint("kind IN ('mailed', 'slip')", name="kind"),
        Index(None, "round_id", "unit_id"),
        {"sqlite_with_rowid": False},
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[str] = mapped_column(String(100))
    box: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    contact: Mapped[str | None] = mapped_column(String(320))
    spent: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code as it is stored: its digest, and where its ballot will lie."""

    digest: bytes
    unit_id: str
    box: int
    kind: str
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class CodeGrant:
    """What a code that may still be spent gives right to, in one look."""

    round_id: RoundId
    title: str
    instrument_digest: str
    key_mode: KeyMode
    comments: bool
    closes_at: datetime
    k: int
    unit_id: str
    unit_name: str
    unit_size: int
    surveyed_before: bool
    box: int


@dataclass(frozen=True, slots=True)
class ErasedInvitations:
    """How much was deleted at the count."""

    codes: int
    spent: int
    contacts: int


_CODES = cast("Table", InvitationRow.__table__)
_ROUNDS = cast("Table", RoundRow.__table__)
_UNITS = cast("Table", RoundUnitRow.__table__)
_CODE = _CODES.c
_ROUND = _ROUNDS.c
_UNIT = _UNITS.c
(_BY_UNIT,) = _CODES.indexes

# Written once and on plain tables: everybody who answers passes here.
_GRANT_COLUMNS = (
    _ROUND.id.label("round_id"),
    _ROUND.title,
    _ROUND.instrument_digest,
    _ROUND.key_mode,
    _ROUND.comments,
    _ROUND.closes_at,
    _ROUND.k,
    _CODE.unit_id,
    _UNIT.name.label("unit_name"),
    _UNIT.size.label("unit_size"),
    _CODE.box,
    _CODE.spent,
    _ROUND.state,
)
_CODES_OF_ROUNDS = _CODES.join(_ROUNDS, _ROUND.id == _CODE.round_id).join(
    _UNITS,
    (_UNIT.round_id == _CODE.round_id) & (_UNIT.unit_id == _CODE.unit_id),
)
_RESOLVE = select(*_GRANT_COLUMNS, _UNIT.surveyed_before).select_from(_CODES_OF_ROUNDS)
# Before migration 0012 every unit was asked every question.
_RESOLVE_BEFORE_0012 = select(*_GRANT_COLUMNS, true().label("surveyed_before")).select_from(_CODES_OF_ROUNDS)
_ACCEPTING = (
    select(_ROUND.id)
    .where(
        _ROUND.id == _CODE.round_id,
        _ROUND.state == str(RoundState.OPEN),
        _ROUND.closes_at > bindparam("now", type_=UtcDateTime),
    )
    .exists()
)
_SPEND = update(_CODES).where(_CODE.spent == false(), _ACCEPTING).values(spent=true()).returning(_CODE.digest)
# A list is written into its statement at every call: whoever comes alone is spared that.
_ALONE = _CODE.digest == bindparam("looked_for")
_AMONG = _CODE.digest.in_(bindparam("looked_for", expanding=True))
_RESOLVE_ONE = _RESOLVE.where(_ALONE)
_RESOLVE_ONE_BEFORE_0012 = _RESOLVE_BEFORE_0012.where(_ALONE)
_SPENDS = (_SPEND.where(_ALONE), _SPEND.where(_AMONG))


def add(session: Session, round_id: RoundId, invitations: Iterable[Invitation]) -> None:
    """Store invitations in the order of their digests, so that no order of drawing remains."""
    ordered = sorted(invitations, key=lambda invitation: invitation.digest)
    session.execute(
        insert(_CODES),
        [
            {
                "digest": invitation.digest,
                "round_id": round_id,
                "unit_id": invitation.unit_id,
                "box": invitation.box,
                "kind": invitation.kind,
                "contact": invitation.contact,
                "spent": False,
            }
            for invitation in ordered
        ],
    )


def resolve(session: Executor, digest: bytes, *, now: datetime) -> CodeGrant | None:
    """Return what a digest gives right to; None alike if it is unknown, spent, or its round is not open."""
    query = _RESOLVE_ONE if has_column(session, _UNIT.surveyed_before) else _RESOLVE_ONE_BEFORE_0012
    row = session.execute(query, {"looked_for": digest}).one_or_none()
    if row is None or row.spent or row.state != RoundState.OPEN or now >= row.closes_at:
        return None
    values = row._asdict()
    del values["spent"], values["state"]
    return CodeGrant(**{**values, "key_mode": KeyMode(row.key_mode)})


def spend(session: Executor, digests: Collection[bytes], *, now: datetime) -> frozenset[bytes]:
    """Spend those codes that are unspent and whose round is still open; return those spent by this very call."""
    several = pad_to_power_of_two(digests)
    if not several:
        return frozenset()
    looked_for = several[0] if len(several) == 1 else several
    statement = _SPENDS[len(several) != 1]
    return frozenset(map(bytes, session.execute(statement, {"looked_for": looked_for, "now": now}).scalars()))


def withdraw_unspent(session: Session, round_id: RoundId, unit_id: str, *, kind: str) -> int:
    """Delete the unspent codes of one kind in a unit; return how many."""
    statement = delete(InvitationRow).where(
        InvitationRow.round_id == round_id,
        InvitationRow.unit_id == unit_id,
        InvitationRow.kind == kind,
        InvitationRow.spent == false(),
    )
    result: Any = session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)


def withdraw_mailed(session: Session, round_id: RoundId, digest: bytes) -> str | None:
    """Delete a mailed code that is unspent; return its address, or None if it was spent or is not there."""
    statement = delete(InvitationRow).where(
        InvitationRow.digest == digest,
        InvitationRow.round_id == round_id,
        InvitationRow.kind == "mailed",
        InvitationRow.spent == false(),
    )
    returning = statement.returning(InvitationRow.contact)
    return session.scalars(returning, execution_options={"synchronize_session": False}).one_or_none()


def taken_places(session: Session, round_id: RoundId, unit_id: str) -> dict[int, int]:
    """Return for each box of a unit how many codes, spent or not, already have a place in it."""
    query = (
        select(InvitationRow.box, func.count())
        .where(InvitationRow.round_id == round_id, InvitationRow.unit_id == unit_id)
        .group_by(InvitationRow.box)
    )
    return {box: count for box, count in session.execute(query)}


def spent_by_unit(session: Session, round_id: RoundId) -> dict[str, int]:
    """Return how many codes were spent in each unit; only for bands, never for a page."""
    query = (
        select(InvitationRow.unit_id, func.count())
        .where(InvitationRow.round_id == round_id, InvitationRow.spent == true())
        .group_by(InvitationRow.unit_id)
    )
    return {unit: count for unit, count in session.execute(query)}


def unspent_contacts(session: Session, round_id: RoundId) -> tuple[str, ...]:
    """Return the addresses whose code is unspent, in the order of the alphabet."""
    query = select(InvitationRow.contact).where(
        InvitationRow.round_id == round_id, InvitationRow.spent == false(), InvitationRow.contact.is_not(None)
    )
    return tuple(sorted(contact for contact in session.scalars(query) if contact is not None))


def unspent_mailed(session: Session, round_id: RoundId) -> dict[str, bytes]:
    """Return the digest of each unspent mailed code by its address."""
    query = select(InvitationRow.contact, InvitationRow.digest).where(
        InvitationRow.round_id == round_id, InvitationRow.spent == false(), InvitationRow.contact.is_not(None)
    )
    return {contact: bytes(digest) for contact, digest in session.execute(query) if contact is not None}


def contacts(session: Session, round_id: RoundId) -> dict[str, str]:
    """Return the unit of every address that a code was mailed to, whether it was spent or not."""
    query = select(InvitationRow.contact, InvitationRow.unit_id).where(
        InvitationRow.round_id == round_id, InvitationRow.contact.is_not(None)
    )
    return {contact: unit for contact, unit in session.execute(query) if contact is not None}


def codes_by_unit(session: Session, round_id: RoundId, *, kind: str) -> dict[str, int]:
    """Return how many codes of one kind each unit has, spent or not."""
    query = (
        select(InvitationRow.unit_id, func.count())
        .where(InvitationRow.round_id == round_id, InvitationRow.kind == kind)
        .group_by(InvitationRow.unit_id)
    )
    return {unit: count for unit, count in session.execute(query)}


def erase(session: Session, round_id: RoundId) -> ErasedInvitations:
    """Delete every digest, spent mark and contact of a round; return how many of each there were."""
    mine = _CODE.round_id == round_id
    of_round = (
        func.count(case((mine, 1))),
        func.count(case((mine & _CODE.spent, 1))),
        func.count(case((mine, _CODE.contact))),
    )
    # Nearly every row is of the round: reading the table through is ten times as fast as by its index.
    everybody, *there = map(int, session.execute(select(func.count(), *of_round)).one())
    with _index_made_anew(session) if 2 * there[0] > everybody else nullcontext():
        session.execute(delete(_CODES).where(mine))
    return ErasedInvitations(*there)


@contextmanager
def _index_made_anew(session: Session) -> Iterator[None]:
    """On SQLite, where a writer is alone, keep the index away: taking a country's codes out of it one by one is slow.

    On PostgreSQL deleting leaves an index alone, and dropping it would stop those who answer another round.
    """
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    _BY_UNIT.drop(session.connection())
    yield
    _BY_UNIT.create(session.connection())
