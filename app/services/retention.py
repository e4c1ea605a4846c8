"""Erase what nobody needs any more; what is erased at a count is the count's own business."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.store import accounts, audit, outbox, uploads

HANDED_IN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RetentionPeriods:
    """How long the installation keeps the trail of deeds, and the numbers of letters that have been sent."""

    trail: timedelta
    letters: timedelta


@dataclass(frozen=True, slots=True)
class ErasedCounts:
    """How many entries of the trail, closed accounts and ended batches of letters were erased."""

    entries: int
    accounts: int
    batches: int


def delete_expired(session: Session, spans: RetentionPeriods, *, now: datetime) -> ErasedCounts:
    """Erase what is older than its span; safe to call again.

    A closed account stays as long as the trail, which would else not tell whose deeds it holds.
    """
    uploads.delete_expired(session, before=now - HANDED_IN)
    return ErasedCounts(
        entries=audit.delete_before(session, now - spans.trail),
        accounts=accounts.delete_closed(session, before=now - spans.trail),
        batches=outbox.forget_ended(session, before=now - spans.letters),
    )
