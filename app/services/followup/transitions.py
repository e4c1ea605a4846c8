"""Take or undo a step of a follow-up."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.followup import FollowUpStep, StepErrorCode, StepNotAllowed, require_step_allowed, require_undo
from app.core.rounds import RoundId
from app.services.followup.follow_up_lookup import FollowUp, follow_up_of_unit
from app.store import followup as store
from app.store import plans
from app.store.plans import PlanChange

STEP = "step"
TAKEN = "taken"
TAKEN_BACK = "taken_back"


def missing_requirement_by_step(current: FollowUp) -> dict[FollowUpStep, StepErrorCode]:
    """Return what is missing for each step."""
    plan = current.plan
    result = {}
    if plan.meeting.discussed_on is None:
        result[FollowUpStep.DISCUSSED] = StepErrorCode.NO_MEETING
    if not plan.kept_actions:
        result[FollowUpStep.PLAN_AGREED] = StepErrorCode.NO_ACTION
    if not plan.focus:
        result[FollowUpStep.PLAN_AGREED] = StepErrorCode.NO_FOCUS
    if not plan.has_started_or_done_action:
        result[FollowUpStep.IN_PROGRESS] = StepErrorCode.NOT_BEGUN
    if current.next_round is None:
        result[FollowUpStep.EFFECT_REVIEWED] = StepErrorCode.NO_NEXT_ROUND
    return result


def step_refusal(current: FollowUp, step: FollowUpStep) -> StepErrorCode | None:
    """Return why a step cannot be taken now, or None."""
    try:
        require_step_allowed(current.timeline, step, ready=missing_requirement_by_step(current))
    except StepNotAllowed as refused:
        return refused.fault
    return None


def take_step(
    session: Session, round_id: RoundId, unit_id: str, step: FollowUpStep, *, by: AccountId | None, now: datetime
) -> None:
    """Take the next step; StepNotAllowed if it is not next or lacks a requirement."""
    current = follow_up_of_unit(session, round_id, unit_id)
    require_step_allowed(current.timeline, step, ready=missing_requirement_by_step(current))
    if not store.record_step(session, round_id, unit_id, step, by=by, now=now):
        raise StepNotAllowed(StepErrorCode.NOT_NEXT)
    _record_step(session, current, step, TAKEN, by=by, now=now)


def undo_step(
    session: Session, round_id: RoundId, unit_id: str, step: FollowUpStep, *, by: AccountId | None, now: datetime
) -> None:
    """Undo the last step; StepNotAllowed for any other."""
    current = follow_up_of_unit(session, round_id, unit_id)
    require_undo(current.timeline, step)
    if not store.delete_step(session, round_id, unit_id, step):
        raise StepNotAllowed(StepErrorCode.NOT_NEXT)
    _record_step(session, current, step, TAKEN_BACK, by=by, now=now)


def _record_step(
    session: Session, current: FollowUp, step: FollowUpStep, outcome: str, *, by: AccountId | None, now: datetime
) -> None:
    change = PlanChange(STEP, current.plan.version, by, now, {"step": step.value, "deed": outcome})
    plans.record_change(session, current.round, current.unit.id, change)
