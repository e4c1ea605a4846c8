"""Deadlines of follow-up steps: chosen for a round, or the standard ones."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.followup import StepDeadlines
from app.core.rounds import RoundId
from app.store import audit, step_deadlines


def deadlines_of_round(session: Session, round_id: RoundId) -> StepDeadlines:
    """Return how long the steps of a round's follow-ups may take."""
    return step_deadlines.deadlines(session, round_id)


def set_deadlines(
    session: Session, round_id: RoundId, new_deadlines: StepDeadlines, *, by: AccountId | None, now: datetime
) -> None:
    """Set the deadlines of a round; they apply to all its follow-ups at once."""
    step_deadlines.set_deadlines(session, round_id, new_deadlines)
    audit.add(session, AuditEntry(now, by, AuditEvent.ROUND_PREPARED, f"round:{round_id}"))
