"""The trail of staff deeds: expected before a change, noted after a reading, shown, written as a file."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import Asked, Entry
from app.render.sheets import csv_text
from app.store import audit as store

AGAIN_AFTER = timedelta(hours=1)
COLUMNS = ("at", "account", "name", "deed", "subject")


def expect(session: Session, entry: Entry | None) -> None:
    """Let the change that is about to be committed bring its entry along; None: this commit is no deed."""
    store.expect(session, entry)


def has_made(session: Session) -> bool:
    """Tell whether an entry was committed with this session already."""
    return store.has_made(session)


def is_noted(session: Session, entry: Entry) -> bool:
    """Tell whether the same was recorded within the hour.

    A page has pictures and is looked at again; the trail tells that somebody read it, not how often.
    """
    return store.is_noted(session, entry, since=entry.at - AGAIN_AFTER)


def record(session: Session, entry: Entry) -> None:
    """Add an entry to the trail."""
    store.add(session, entry)


def entries(session: Session, asked: Asked, *, skip: int = 0, limit: int | None = 100) -> tuple[Entry, ...]:
    """Return what is asked for, the latest entries first."""
    return store.entries(session, asked, skip=skip, limit=limit)


def as_csv(found: tuple[Entry, ...], names: Mapping[AccountId, str]) -> str:
    """Write entries as CSV; what a spreadsheet would take for a formula is made plain text."""
    rows: list[Sequence[str | float]] = [COLUMNS]
    for one in found:
        name = names.get(one.account, "") if one.account is not None else ""
        rows.append((one.at.isoformat(), one.account or "", name, one.deed.value, one.subject))
    return csv_text(rows)
