"""Steps of a community's follow-up: order, permissions, due dates and delays.

The states of the round (`core.rounds`) come before the first step. Steps do not depend on results.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.core.accounts import Permission
from app.core.followup.step_deadlines import DEFAULT_DEADLINES, StepDeadlines
from app.core.working_days import same_or_next_working_day


class FollowUpStep(StrEnum):
    """Steps of a follow-up, in their only possible order."""

    RELEASED = "released"
    PREVIEWED = "previewed"
    DISCUSSED = "discussed"
    PLAN_AGREED = "plan_agreed"
    IN_PROGRESS = "in_progress"
    PULSE_DONE = "pulse_done"
    EFFECT_REVIEWED = "effect_reviewed"


# Two steps are automatic: RELEASED comes from the round, PULSE_DONE from the release of a pulse round.
MANUAL_STEPS: Mapping[FollowUpStep, Permission] = {
    FollowUpStep.PREVIEWED: Permission.EDIT_PLAN,
    FollowUpStep.DISCUSSED: Permission.EDIT_PLAN,
    FollowUpStep.PLAN_AGREED: Permission.EDIT_PLAN,
    FollowUpStep.IN_PROGRESS: Permission.EDIT_PLAN,
    FollowUpStep.EFFECT_REVIEWED: Permission.EDIT_PLAN,
}


class StepErrorCode(StrEnum):
    """Why a step cannot be taken or undone."""

    NOT_NEXT = "not_next"
    BY_ITSELF = "by_itself"
    NO_MEETING = "no_meeting"
    NO_FOCUS = "no_focus"
    NO_ACTION = "no_action"
    NOT_BEGUN = "not_begun"
    NO_NEXT_ROUND = "no_next_round"


class StepNotAllowed(Exception):
    """A step cannot be taken now; `fault` says why."""

    def __init__(self, fault: StepErrorCode):
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class FollowUpProgress:
    """Progress of a follow-up.

    `at` maps each step taken to its time. `pulse` tells whether the plan asks for a pulse survey, `next_released` is
    when the next survey was released, `discussed_on` the day in the minutes.
    """

    at: Mapping[FollowUpStep, datetime]
    pulse: bool = True
    discussed_on: date | None = None
    next_released: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One step of the timeline: when it was taken, or when it is due; `due` is None if not known yet."""

    step: FollowUpStep
    at: datetime | None
    due: date | None

    @property
    def is_done(self) -> bool:
        """Whether the step was taken."""
        return self.at is not None

    def is_late(self, today: date) -> bool:
        """Tell whether the step was due before today and is not done."""
        return self.at is None and self.due is not None and self.due < today


@dataclass(frozen=True, slots=True)
class Timeline:
    """Timeline of one community's follow-up, in order."""

    steps: tuple[TimelineStep, ...]
    pulse_from: date | None

    @property
    def last_step_taken(self) -> FollowUpStep:
        """The last step that was taken."""
        return [mark.step for mark in self.steps if mark.is_done][-1]

    @property
    def next(self) -> TimelineStep | None:
        """The next step, or None when the follow-up is finished."""
        return next((mark for mark in self.steps if not mark.is_done), None)

    def find(self, step: FollowUpStep) -> TimelineStep | None:
        """Return a step of the timeline, or None if this follow-up skips it."""
        return next((mark for mark in self.steps if mark.step == step), None)

    def is_step_taken(self, step: FollowUpStep) -> bool:
        """Tell whether a step was taken."""
        timeline_step = self.find(step)
        return timeline_step is not None and timeline_step.is_done

    def is_next_step_late(self, today: date) -> bool:
        """Tell whether the next step was due before today."""
        return self.next is not None and self.next.is_late(today)


def build_timeline(reached: FollowUpProgress, *, template: StepDeadlines = DEFAULT_DEADLINES) -> Timeline:
    """Return the timeline of a community; each step is due relative to the previous one, taken or due.

    What falls on a weekend, a public holiday or in July is due on the next working day. A pulse that was skipped (the
    next survey came first) is no longer due.
    """
    skipped = not reached.pulse or (
        FollowUpStep.EFFECT_REVIEWED in reached.at and FollowUpStep.PULSE_DONE not in reached.at
    )
    steps = [step for step in FollowUpStep if not (step is FollowUpStep.PULSE_DONE and skipped)]
    due = _due(reached, template)
    timeline_steps = tuple(TimelineStep(step, reached.at.get(step), due.get(step)) for step in steps)
    agreed = _day(reached.at.get(FollowUpStep.PLAN_AGREED)) or due[FollowUpStep.PLAN_AGREED]
    return Timeline(
        _in_order(timeline_steps), same_or_next_working_day(agreed + template.pulse_from) if reached.pulse else None
    )


def _in_order(steps: tuple[TimelineStep, ...]) -> tuple[TimelineStep, ...]:
    # A pulse may be released before the work is marked as begun; the timeline must have no gap.
    done = 0
    for step in steps:
        if not step.is_done:
            break
        done += 1
    return steps[:done] + tuple(TimelineStep(step.step, None, step.due) for step in steps[done:])


def _due(reached: FollowUpProgress, template: StepDeadlines) -> dict[FollowUpStep, date]:
    released = reached.at[FollowUpStep.RELEASED].date()
    meeting_due = same_or_next_working_day(released + template.meeting)
    discussed = reached.discussed_on or _day(reached.at.get(FollowUpStep.DISCUSSED)) or meeting_due
    plan_due = same_or_next_working_day(discussed + template.plan)
    agreed = _day(reached.at.get(FollowUpStep.PLAN_AGREED)) or plan_due
    due = {
        FollowUpStep.RELEASED: released,
        FollowUpStep.PREVIEWED: same_or_next_working_day(released + template.preview),
        FollowUpStep.DISCUSSED: meeting_due,
        FollowUpStep.PLAN_AGREED: plan_due,
        FollowUpStep.IN_PROGRESS: same_or_next_working_day(agreed + template.first_step),
        FollowUpStep.PULSE_DONE: same_or_next_working_day(agreed + template.pulse_by),
    }
    if reached.next_released is not None:
        due[FollowUpStep.EFFECT_REVIEWED] = same_or_next_working_day(reached.next_released.date() + template.review)
    return due


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def require_step_allowed(
    timeline: Timeline, step: FollowUpStep, *, ready: Mapping[FollowUpStep, StepErrorCode]
) -> None:
    """Raise StepNotAllowed for a step that is not next, is automatic, or has unmet requirements.

    `ready` maps steps to what is missing. A review may skip a pulse that never took place.
    """
    if step not in MANUAL_STEPS:
        raise StepNotAllowed(StepErrorCode.BY_ITSELF)
    waiting = timeline.next
    passes = step is FollowUpStep.EFFECT_REVIEWED and waiting is not None and waiting.step is FollowUpStep.PULSE_DONE
    if waiting is None or (waiting.step is not step and not passes):
        raise StepNotAllowed(StepErrorCode.NOT_NEXT)
    if step in ready:
        raise StepNotAllowed(ready[step])


def require_undo(timeline: Timeline, step: FollowUpStep) -> None:
    """Raise StepNotAllowed unless `step` is the last one taken and not automatic."""
    if step not in MANUAL_STEPS:
        raise StepNotAllowed(StepErrorCode.BY_ITSELF)
    if timeline.last_step_taken is not step:
        raise StepNotAllowed(StepErrorCode.NOT_NEXT)
