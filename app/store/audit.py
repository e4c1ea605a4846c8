"""Audit log of staff actions; entries are added and, when old enough, deleted, never changed.

A change and its entry are one transaction. A request that may change something attaches its entry beforehand;
the first commit adds it, unless the code added a more specific entry.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, String, delete, event, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent, AuditFilter
from app.store.columns import enum_type
from app.store.database import Base

NO_FILTER = AuditFilter()
_ATTACHED = "audit event attached"
_ADDED = "audit event added"
_COMMITTED = "audit event committed"


class AuditEntryRow(Base):
    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    event: Mapped[AuditEvent] = mapped_column("deed", enum_type(AuditEvent, "deed", length=40))
    subject: Mapped[str] = mapped_column(String(120))


def add(session: Session, entry: AuditEntry) -> None:
    """Add an entry to the audit log."""
    session.info[_ADDED] = True
    session.add(AuditEntryRow(at=entry.at, account_id=entry.account, event=entry.event, subject=entry.subject[:120]))
    session.flush()


def attach_to_commit(session: Session, entry: AuditEntry | None) -> None:
    """Add this entry at the next commit of the session unless another is added first; None detaches it."""
    session.info[_ATTACHED] = entry


def has_session_committed_entry(session: Session) -> bool:
    """Tell whether this session has committed an entry."""
    return bool(session.info.get(_COMMITTED))


@event.listens_for(Session, "before_commit")
def _add_attached(session: Session) -> None:
    entry = session.info.get(_ATTACHED)
    if entry is not None and not session.info.get(_ADDED) and not has_session_committed_entry(session):
        add(session, entry)


@event.listens_for(Session, "after_commit")
def _mark_committed(session: Session) -> None:
    session.info[_COMMITTED] = has_session_committed_entry(session) or session.info.pop(_ADDED, False)


@event.listens_for(Session, "after_rollback")
def _clear_added(session: Session) -> None:
    session.info.pop(_ADDED, None)


def is_recorded(session: Session, entry: AuditEntry, *, since: datetime) -> bool:
    """Tell whether the same event of the same account was recorded after `since`."""
    same = (
        AuditEntryRow.account_id == entry.account,
        AuditEntryRow.event == entry.event,
        AuditEntryRow.subject == entry.subject[:120],
    )
    return session.scalar(select(AuditEntryRow.id).where(*same, AuditEntryRow.at > since).limit(1)) is not None


def entries(
    session: Session, audit_filter: AuditFilter = NO_FILTER, *, skip: int = 0, limit: int | None = 100
) -> tuple[AuditEntry, ...]:
    """Return the entries that match the filter, latest first."""
    query = (
        _apply_filter(select(AuditEntryRow), audit_filter)
        .order_by(AuditEntryRow.at.desc(), AuditEntryRow.id.desc())
        .offset(skip)
    )
    rows: Iterable[AuditEntryRow] = session.scalars(query if limit is None else query.limit(limit))
    return tuple(
        AuditEntry(row.at, None if row.account_id is None else AccountId(row.account_id), row.event, row.subject)
        for row in rows
    )


def _apply_filter(query: Select[Any], audit_filter: AuditFilter) -> Select[Any]:
    if audit_filter.event is not None:
        query = query.where(AuditEntryRow.event == audit_filter.event)
    if audit_filter.account is not None:
        query = query.where(AuditEntryRow.account_id == audit_filter.account)
    if audit_filter.since is not None:
        query = query.where(AuditEntryRow.at >= audit_filter.since)
    if audit_filter.before is not None:
        query = query.where(AuditEntryRow.at < audit_filter.before)
    return query


def delete_before(session: Session, moment: datetime) -> int:
    """Delete entries older than `moment`; return how many."""
    return len(
        session.execute(delete(AuditEntryRow).where(AuditEntryRow.at < moment).returning(AuditEntryRow.id)).all()
    )


def has_entry_for_subject(session: Session, subject: str, events: Iterable[AuditEvent]) -> bool:
    """Tell whether one of the events is recorded for a subject such as `round:3` or a part of it."""
    parts = or_(
        AuditEntryRow.subject == subject,
        *(AuditEntryRow.subject.startswith(f"{subject}{separator}") for separator in (" ", "-")),
    )
    return (
        session.scalar(select(AuditEntryRow.id).where(AuditEntryRow.event.in_(list(events)), parts).limit(1))
        is not None
    )
