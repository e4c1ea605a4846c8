"""The trail of what staff did; entries are added and, when old enough, deleted, never changed.

A change and its entry are one transaction. Where a request may change something, its entry is
expected beforehand; the first commit makes it, unless an entry nearer to the deed was added.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Enum, ForeignKey, Select, String, delete, event, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent, AuditFilter
from app.store.database import Base

EVERYTHING = AuditFilter()
EXPECTED = "deed expected"
ADDED = "deed added"
MADE = "deed made"


class EntryRow(Base):
    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    deed: Mapped[AuditEvent] = mapped_column(
        Enum(
            AuditEvent,
            name="deed",
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda deeds: [deed.value for deed in deeds],
        )
    )
    subject: Mapped[str] = mapped_column(String(120))


def add(session: Session, entry: AuditEntry) -> None:
    """Add an entry to the trail."""
    session.info[ADDED] = True
    session.add(EntryRow(at=entry.at, account_id=entry.account, deed=entry.event, subject=entry.subject[:120]))
    session.flush()


def attach_to_commit(session: Session, entry: AuditEntry | None) -> None:
    """Let the next commit of this session make the entry unless it makes another; None takes it back."""
    session.info[EXPECTED] = entry


def has_committed_entry(session: Session) -> bool:
    """Tell whether an entry was committed with this session."""
    return bool(session.info.get(MADE))


@event.listens_for(Session, "before_commit")
def _add_attached(session: Session) -> None:
    entry = session.info.get(EXPECTED)
    if entry is not None and not session.info.get(ADDED) and not has_committed_entry(session):
        add(session, entry)


@event.listens_for(Session, "after_commit")
def _remember_made(session: Session) -> None:
    session.info[MADE] = has_committed_entry(session) or session.info.pop(ADDED, False)


@event.listens_for(Session, "after_rollback")
def _forget_added(session: Session) -> None:
    session.info.pop(ADDED, None)


def is_recorded(session: Session, entry: AuditEntry, *, since: datetime) -> bool:
    """Tell whether the same was recorded of the same account after `since`."""
    same = (EntryRow.account_id == entry.account, EntryRow.deed == entry.event, EntryRow.subject == entry.subject[:120])
    return session.scalar(select(EntryRow.id).where(*same, EntryRow.at > since).limit(1)) is not None


def entries(
    session: Session, asked: AuditFilter = EVERYTHING, *, skip: int = 0, limit: int | None = 100
) -> tuple[AuditEntry, ...]:
    """Return what is asked for, the latest entries first."""
    query = _narrowed(select(EntryRow), asked).order_by(EntryRow.at.desc(), EntryRow.id.desc()).offset(skip)
    rows: Iterable[EntryRow] = session.scalars(query if limit is None else query.limit(limit))
    return tuple(
        AuditEntry(row.at, None if row.account_id is None else AccountId(row.account_id), row.deed, row.subject)
        for row in rows
    )


def _narrowed(query: Select[Any], asked: AuditFilter) -> Select[Any]:
    if asked.event is not None:
        query = query.where(EntryRow.deed == asked.event)
    if asked.account is not None:
        query = query.where(EntryRow.account_id == asked.account)
    if asked.since is not None:
        query = query.where(EntryRow.at >= asked.since)
    if asked.before is not None:
        query = query.where(EntryRow.at < asked.before)
    return query


def delete_before(session: Session, moment: datetime) -> int:
    """Delete entries older than `moment`; return how many there were."""
    return len(session.execute(delete(EntryRow).where(EntryRow.at < moment).returning(EntryRow.id)).all())


def has_read(session: Session, subject: str, events: Iterable[AuditEvent]) -> bool:
    """Tell whether one of these deeds is recorded of a subject such as `round:3`, or of a part of it."""
    parts = or_(EntryRow.subject == subject, *(EntryRow.subject.startswith(f"{subject}{mark}") for mark in (" ", "-")))
    return session.scalar(select(EntryRow.id).where(EntryRow.deed.in_(list(events)), parts).limit(1)) is not None
