"""Delete expired data; data of a round is erased by the count."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.store import accounts, audit, outbox, uploads


@dataclass(frozen=True, slots=True)
class RetentionPeriods:
    """How long audit log entries and the counts of finished mail batches are kept."""

    audit_log: timedelta
    messages: timedelta


@dataclass(frozen=True, slots=True)
class ErasedCounts:
    """How many audit log entries, closed accounts and finished mail batches were erased."""

    entries: int
    accounts: int
    batches: int


def delete_expired(session: Session, spans: RetentionPeriods, *, now: datetime) -> ErasedCounts:
    """Delete what is older than its retention period; can be called again.

    A closed account is kept as long as the audit log, which needs it to name whose events it holds.
    """
    uploads.delete_expired(session, before=now - uploads.UNCONFIRMED_FOR)
    return ErasedCounts(
        entries=audit.delete_before(session, now - spans.audit_log),
        accounts=accounts.delete_closed(session, before=now - spans.audit_log),
        batches=outbox.delete_ended_batches_without_round(session, before=now - spans.messages),
    )
