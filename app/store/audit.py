"""The trail of what staff did; entries are added and, when old enough, deleted, never changed."""

from datetime import datetime

from sqlalchemy import Enum, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.audit import Deed, Entry
from app.store.database import Base


class EntryRow(Base):
    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    deed: Mapped[Deed] = mapped_column(
        Enum(
            Deed,
            name="deed",
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda deeds: [deed.value for deed in deeds],
        )
    )
    subject: Mapped[str] = mapped_column(String(120))


def add(session: Session, entry: Entry) -> None:
    """Add an entry to the trail."""
    session.add(EntryRow(at=entry.at, account_id=entry.account, deed=entry.deed, subject=entry.subject[:120]))
    session.flush()


def entries(
    session: Session,
    *,
    deed: Deed | None = None,
    account: AccountId | None = None,
    skip: int = 0,
    limit: int = 100,
) -> tuple[Entry, ...]:
    """Return the latest entries first, of one deed or one account if asked."""
    query = select(EntryRow).order_by(EntryRow.at.desc(), EntryRow.id.desc()).offset(skip).limit(limit)
    if deed is not None:
        query = query.where(EntryRow.deed == deed)
    if account is not None:
        query = query.where(EntryRow.account_id == account)
    return tuple(
        Entry(row.at, None if row.account_id is None else AccountId(row.account_id), row.deed, row.subject)
        for row in session.scalars(query)
    )


def forget_before(session: Session, moment: datetime) -> int:
    """Delete entries older than `moment`; return how many there were."""
    return len(session.execute(delete(EntryRow).where(EntryRow.at < moment).returning(EntryRow.id)).all())
