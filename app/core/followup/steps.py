"""The steps of a community's follow-up: their order, who may take them, when they are due, what is late.

Before the first of them the round's own states count (`core.rounds`). Nothing here knows a result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.core.accounts import Permission
from app.core.followup.step_deadlines import DEFAULT_DEADLINES, StepDeadlines


class FollowUpStep(StrEnum):
    """Where a community stands after a round; the order is the only way it can go."""

    RELEASED = "released"
    PREVIEWED = "previewed"
    DISCUSSED = "discussed"
    PLAN_AGREED = "plan_agreed"
    IN_PROGRESS = "in_progress"
    PULSE_DONE = "pulse_done"
    EFFECT_REVIEWED = "effect_reviewed"


# Released comes from the round, and the pulse from the release of a pulse round: nobody presses for them.
MANUAL_STEPS: Mapping[FollowUpStep, Permission] = {
    FollowUpStep.PREVIEWED: Permission.EDIT_PLAN,
    FollowUpStep.DISCUSSED: Permission.EDIT_PLAN,
    FollowUpStep.PLAN_AGREED: Permission.EDIT_PLAN,
    FollowUpStep.IN_PROGRESS: Permission.EDIT_PLAN,
    FollowUpStep.EFFECT_REVIEWED: Permission.EDIT_PLAN,
}


class StepErrorCode(StrEnum):
    """Why a step cannot be taken, or taken back."""

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
    """What has happened so far.

    `at` holds the moment of each step that was taken. `pulse` says whether the plan asks for a pulse,
    `next_released` when the survey after this one was released, `discussed_on` the day in the minutes.
    """

    at: Mapping[FollowUpStep, datetime]
    pulse: bool = True
    discussed_on: date | None = None
    next_released: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One step on the clock: when it was taken, or until when it is due; `due` is None while nobody knows."""

    step: FollowUpStep
    at: datetime | None
    due: date | None

    @property
    def is_done(self) -> bool:
        """Whether the step was taken."""
        return self.at is not None

    def is_late(self, today: date) -> bool:
        """Tell whether the step should have been taken before today."""
        return self.at is None and self.due is not None and self.due < today


@dataclass(frozen=True, slots=True)
class Timeline:
    """The clock of one community's follow-up, in order."""

    marks: tuple[TimelineStep, ...]
    pulse_from: date | None

    @property
    def current(self) -> FollowUpStep:
        """The last step that was taken."""
        return [mark.step for mark in self.marks if mark.is_done][-1]

    @property
    def next(self) -> TimelineStep | None:
        """The step that comes next, or None when the follow-up is finished."""
        return next((mark for mark in self.marks if not mark.is_done), None)

    def mark(self, step: FollowUpStep) -> TimelineStep | None:
        """Return the mark of a step, or None where the way leaves it out."""
        return next((mark for mark in self.marks if mark.step == step), None)

    def has(self, step: FollowUpStep) -> bool:
        """Tell whether a step was taken."""
        timeline_step = self.mark(step)
        return timeline_step is not None and timeline_step.is_done

    def is_late(self, today: date) -> bool:
        """Tell whether the next step should have been taken before today."""
        return self.next is not None and self.next.is_late(today)


def build_timeline(reached: FollowUpProgress, *, template: StepDeadlines = DEFAULT_DEADLINES) -> Timeline:
    """Return the clock of a community; a step hangs on the one before it, taken or due.

    A pulse that somebody skipped (the next survey came first) is never owed any more.
    """
    skipped = not reached.pulse or (
        FollowUpStep.EFFECT_REVIEWED in reached.at and FollowUpStep.PULSE_DONE not in reached.at
    )
    way = [step for step in FollowUpStep if not (step is FollowUpStep.PULSE_DONE and skipped)]
    due = _due(reached, template)
    marks = tuple(TimelineStep(step, reached.at.get(step), due.get(step)) for step in way)
    agreed = _day(reached.at.get(FollowUpStep.PLAN_AGREED)) or due[FollowUpStep.PLAN_AGREED]
    return Timeline(_in_order(marks), agreed + template.pulse_from if reached.pulse else None)


def _in_order(marks: tuple[TimelineStep, ...]) -> tuple[TimelineStep, ...]:
    # A pulse may be released before anybody says that the work has begun; the way still has no hole.
    done = 0
    for mark in marks:
        if not mark.is_done:
            break
        done += 1
    return marks[:done] + tuple(TimelineStep(mark.step, None, mark.due) for mark in marks[done:])


def _due(reached: FollowUpProgress, template: StepDeadlines) -> dict[FollowUpStep, date]:
    released = reached.at[FollowUpStep.RELEASED].date()
    discussed = reached.discussed_on or _day(reached.at.get(FollowUpStep.DISCUSSED)) or released + template.meeting
    agreed = _day(reached.at.get(FollowUpStep.PLAN_AGREED)) or discussed + template.plan
    due = {
        FollowUpStep.RELEASED: released,
        FollowUpStep.PREVIEWED: released + template.preview,
        FollowUpStep.DISCUSSED: released + template.meeting,
        FollowUpStep.PLAN_AGREED: discussed + template.plan,
        FollowUpStep.IN_PROGRESS: agreed + template.first_step,
        FollowUpStep.PULSE_DONE: agreed + template.pulse_by,
    }
    if reached.next_released is not None:
        due[FollowUpStep.EFFECT_REVIEWED] = reached.next_released.date() + template.review
    return due


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def require_step(clock: Timeline, step: FollowUpStep, *, ready: Mapping[FollowUpStep, StepErrorCode]) -> None:
    """Refuse a step that is not the next one, comes by itself, or lacks what it rests on.

    `ready` names what is missing for a step. A review may pass over a pulse that never came.
    """
    if step not in MANUAL_STEPS:
        raise StepNotAllowed(StepErrorCode.BY_ITSELF)
    waiting = clock.next
    passes = step is FollowUpStep.EFFECT_REVIEWED and waiting is not None and waiting.step is FollowUpStep.PULSE_DONE
    if waiting is None or (waiting.step is not step and not passes):
        raise StepNotAllowed(StepErrorCode.NOT_NEXT)
    if step in ready:
        raise StepNotAllowed(ready[step])


def require_undo(clock: Timeline, step: FollowUpStep) -> None:
    """Refuse to take back any step but the last, and one that came by itself."""
    if step not in MANUAL_STEPS:
        raise StepNotAllowed(StepErrorCode.BY_ITSELF)
    if clock.current is not step:
        raise StepNotAllowed(StepErrorCode.NOT_NEXT)
