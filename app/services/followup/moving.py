"""Take a step of a follow-up, or take it back."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.followup import Step, StepFault, StepRefused, require_step, require_undo
from app.core.rounds import RoundId
from app.services.followup.reading import FollowUp, followup_of
from app.store import followup as store
from app.store import plans
from app.store.plans import Change

STEP = "step"
TAKEN, TAKEN_BACK = "taken", "taken_back"


def missing(current: FollowUp) -> dict[Step, StepFault]:
    """Return what each step still lacks."""
    plan, found = current.plan, {}
    if plan.meeting.discussed_on is None:
        found[Step.DISCUSSED] = StepFault.NO_MEETING
    if not plan.kept_actions:
        found[Step.PLAN_AGREED] = StepFault.NO_ACTION
    if not plan.focus:
        found[Step.PLAN_AGREED] = StepFault.NO_FOCUS
    if not plan.has_begun:
        found[Step.IN_PROGRESS] = StepFault.NOT_BEGUN
    if current.next_round is None:
        found[Step.EFFECT_REVIEWED] = StepFault.NO_NEXT_ROUND
    return found


def may_take(current: FollowUp, step: Step) -> StepFault | None:
    """Return why a step cannot be taken now, or None where it can."""
    try:
        require_step(current.clock, step, ready=missing(current))
    except StepRefused as refused:
        return refused.fault
    return None


def take(session: Session, round_id: RoundId, unit_id: str, step: Step, *, by: AccountId | None, now: datetime) -> None:
    """Take the next step; StepRefused if it is not the next, or lacks something."""
    current = followup_of(session, round_id, unit_id)
    require_step(current.clock, step, ready=missing(current))
    if not store.take_step(session, round_id, unit_id, step, by=by, now=now):
        raise StepRefused(StepFault.NOT_NEXT)
    _note(session, current, step, TAKEN, by=by, now=now)


def take_back(
    session: Session, round_id: RoundId, unit_id: str, step: Step, *, by: AccountId | None, now: datetime
) -> None:
    """Take back the last step, pressed by mistake; StepRefused for any other."""
    current = followup_of(session, round_id, unit_id)
    require_undo(current.clock, step)
    if not store.take_back(session, round_id, unit_id, step):
        raise StepRefused(StepFault.NOT_NEXT)
    _note(session, current, step, TAKEN_BACK, by=by, now=now)


def _note(session: Session, current: FollowUp, step: Step, deed: str, *, by: AccountId | None, now: datetime) -> None:
    change = Change(STEP, current.plan.version, by, now, {"step": step.value, "deed": deed})
    plans.note_change(session, current.round, current.unit.id, change)
