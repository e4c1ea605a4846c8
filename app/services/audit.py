"""Audit log of staff actions: record, list and export."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditFilter
from app.render.tabular_files import Value
from app.store import audit as store

AGAIN_AFTER = timedelta(hours=1)
COLUMNS = ("at", "account", "name", "deed", "subject")


def attach_to_commit(session: Session, entry: AuditEntry | None) -> None:
    """Write an entry of the audit log in the transaction of the next commit; None if this commit needs no entry."""
    store.attach_to_commit(session, entry)


def has_committed_entry(session: Session) -> bool:
    """Tell whether an entry was committed with this session already."""
    return store.has_session_committed_entry(session)


def is_recently_recorded(session: Session, entry: AuditEntry) -> bool:
    """Tell whether the same was recorded within the hour.

    A page has pictures and is opened again; the audit log records that somebody read it, not how often.
    """
    return store.is_recorded(session, entry, since=entry.at - AGAIN_AFTER)


def record_entry(session: Session, entry: AuditEntry) -> None:
    """Add an entry to the audit log."""
    store.add(session, entry)


def entries(session: Session, asked: AuditFilter, *, skip: int = 0, limit: int | None = 100) -> tuple[AuditEntry, ...]:
    """Return the entries that a filter selects, the latest first."""
    return store.entries(session, asked, skip=skip, limit=limit)


def entries_table(found_entries: tuple[AuditEntry, ...], names: Mapping[AccountId, str]) -> list[Sequence[Value]]:
    """Return entries as a table, header first."""
    rows: list[Sequence[Value]] = [COLUMNS]
    for found_entry in found_entries:
        name = names.get(found_entry.account, "") if found_entry.account is not None else ""
        rows.append(
            (found_entry.at.isoformat(), found_entry.account or "", name, found_entry.event.value, found_entry.subject)
        )
    return rows
