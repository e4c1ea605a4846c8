"""What the closed sets of a follow-up are called, in both wings."""

from datetime import date

from flask import Flask
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.catalogue import DIMENSIONS
from app.core.followup import (
    ActionErrorCode,
    ActionStatus,
    Aim,
    AnswerKind,
    DecisionLevel,
    FollowUpStep,
    MeetingErrorCode,
    StepErrorCode,
)
from app.web.shared.app_context import now
from app.web.shared.languages import language

STEPS: dict[FollowUpStep, LazyString] = {
    FollowUpStep.RELEASED: _("Results released"),
    FollowUpStep.PREVIEWED: _("Principal has read them; staff may read"),
    FollowUpStep.DISCUSSED: _("Discussed with staff"),
    FollowUpStep.PLAN_AGREED: _("Plan agreed"),
    FollowUpStep.IN_PROGRESS: _("First change under way"),
    FollowUpStep.PULSE_DONE: _("Pulse: has it helped?"),
    FollowUpStep.EFFECT_REVIEWED: _("Effect reviewed"),
}
TASKS: dict[FollowUpStep, LazyString] = {
    FollowUpStep.PREVIEWED: _("Read the results of your community. Then let the staff read them."),
    FollowUpStep.DISCUSSED: _(
        "Discuss the results with the staff, let them choose one or two things, and write the minutes."
    ),
    FollowUpStep.PLAN_AGREED: _(
        "Agree on a plan: for each thing, what changes, whose task it is, and its first visible step."
    ),
    FollowUpStep.IN_PROGRESS: _("Take the first visible step, and mark the action as begun."),
    FollowUpStep.PULSE_DONE: _("The coordinator opens a pulse of a few questions. It needs nothing of you now."),
    FollowUpStep.EFFECT_REVIEWED: _(
        "When the next survey has been released: look at what was done, noticed and moved."
    ),
}
STEP_FAULTS: dict[StepErrorCode, LazyString] = {
    StepErrorCode.NOT_NEXT: _("This is not the step that comes next. Somebody else may have moved on meanwhile."),
    StepErrorCode.BY_ITSELF: _("This step comes by itself."),
    StepErrorCode.NO_MEETING: _("Write first on which day the results were discussed with the staff."),
    StepErrorCode.NO_FOCUS: _("Choose first the one or two things that the staff want to work on."),
    StepErrorCode.NO_ACTION: _("Write first at least one action."),
    StepErrorCode.NOT_BEGUN: _("Mark first at least one action as begun."),
    StepErrorCode.NO_NEXT_ROUND: _("This waits for the results of the next survey."),
}
AIMS: dict[Aim, LazyString] = {
    Aim.WORK: _("The work: what is done, when and by whom"),
    Aim.TEAM: _("Working together"),
    Aim.LEADERSHIP: _("Leadership"),
    Aim.SKILLS: _("Skills"),
}
POWERS: dict[DecisionLevel, LazyString] = {
    DecisionLevel.COMMUNITY: _("Our own community"),
    DecisionLevel.MUNICIPALITY: _("The municipality"),
    DecisionLevel.REGION: _("The region"),
}
STATUSES: dict[ActionStatus, LazyString] = {
    ActionStatus.PLANNED: _("Agreed"),
    ActionStatus.STARTED: _("Begun"),
    ActionStatus.DONE: _("Done"),
    ActionStatus.DROPPED: _("Given up"),
}
ANSWERS: dict[AnswerKind, LazyString] = {
    AnswerKind.DONE: _("Done"),
    AnswerKind.WILL_DO: _("Will be done"),
    AnswerKind.NOT_NOW: _("Not now, because"),
}
ACTION_FAULTS: dict[ActionErrorCode, LazyString] = {
    ActionErrorCode.MISSING: _("Fill this in."),
    ActionErrorCode.TOO_LONG: _("Write this shorter: at most 500 characters, the owner at most 120."),
    ActionErrorCode.UNKNOWN: _("Choose one of the list."),
    ActionErrorCode.NO_DATE: _("Choose a day."),
    ActionErrorCode.FIRST_STEP_TOO_LATE: _(
        "Choose an earlier day: staff should see the first step soon after the plan."
    ),
    ActionErrorCode.ENDS_BEFORE_FIRST_STEP: _("Choose a day after the first step."),
}
MEETING_FAULTS: dict[MeetingErrorCode, LazyString] = {
    MeetingErrorCode.NO_DATE: _("Choose the day on which it was discussed."),
    MeetingErrorCode.IN_THE_FUTURE: _("This day has not come yet. Write the minutes after the meeting."),
    MeetingErrorCode.NO_NUMBER: _("Write how many were present, as a whole number."),
    MeetingErrorCode.UNKNOWN_FOCUS: _("Choose one of the list."),
    MeetingErrorCode.TOO_MANY: _("Choose two at most: a plan for everything is a plan for nothing."),
    MeetingErrorCode.TOO_LONG: _("Write this shorter: at most 500 characters."),
}


def register(app: Flask) -> None:
    """Give the templates of `app` these words."""
    app.jinja_env.globals.update(
        step_words=STEPS,
        task_words=TASKS,
        step_fault_words=STEP_FAULTS,
        aim_words=AIMS,
        power_words=POWERS,
        status_words=STATUSES,
        answer_words=ANSWERS,
        dimension_words=dimension,
        today=today,
    )


def dimension(name: str) -> str:
    """Return what a dimension is called in the language of the page."""
    return DIMENSIONS[name].read(language()) if name in DIMENSIONS else name


def today() -> date:
    """Return the day at hand, as the clock of a follow-up counts days."""
    return now().date()
