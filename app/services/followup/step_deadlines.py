"""How long the steps after a round may take: chosen for each round, else the usual template."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.followup import StepDeadlines
from app.core.rounds import RoundId
from app.store import audit, step_deadlines


def deadlines(session: Session, round_id: RoundId) -> StepDeadlines:
    """Return the template of a round."""
    return step_deadlines.deadlines(session, round_id)


def set_deadlines(
    session: Session, round_id: RoundId, found_step_deadlines: StepDeadlines, *, by: AccountId | None, now: datetime
) -> None:
    """Choose how long the steps after a round may take; what was done or is due follows it at once."""
    step_deadlines.set_deadlines(session, round_id, found_step_deadlines)
    audit.add(session, AuditEntry(now, by, AuditEvent.ROUND_PREPARED, f"round:{round_id}"))
