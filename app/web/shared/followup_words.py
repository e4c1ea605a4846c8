"""Labels of the enums of the follow-up, for all areas."""

from flask import Flask
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.followup import (
    ActionErrorCode,
    ActionStatus,
    ActionTarget,
    DecisionLevel,
    FollowUpStep,
    MeetingErrorCode,
    MunicipalityAnswerKind,
    StepErrorCode,
)
from app.web.shared.app_context import today

STEPS: dict[FollowUpStep, LazyString] = {
    FollowUpStep.RELEASED: _("Results released"),
    FollowUpStep.PREVIEWED: _("Results read and opened to the staff"),
    FollowUpStep.DISCUSSED: _("Discussed with staff"),
    FollowUpStep.PLAN_AGREED: _("Plan agreed"),
    FollowUpStep.IN_PROGRESS: _("First change under way"),
    FollowUpStep.PULSE_DONE: _("Pulse: has it helped?"),
    FollowUpStep.EFFECT_REVIEWED: _("Effect reviewed"),
}
TASKS: dict[FollowUpStep, LazyString] = {
    FollowUpStep.PREVIEWED: _("Read the results of your community. Then let the staff read them."),
    FollowUpStep.DISCUSSED: _(
        "Discuss the results with the staff, let them choose one or two focus areas, and write the minutes."
    ),
    FollowUpStep.PLAN_AGREED: _(
        "Agree on a plan: for each action, what changes, who is responsible and what the first visible step is."
    ),
    FollowUpStep.IN_PROGRESS: _("Take the first visible step, and mark the action as started."),
    FollowUpStep.PULSE_DONE: _(
        "The coordinator opens a pulse survey of a few questions. You do not need to do anything now."
    ),
    FollowUpStep.EFFECT_REVIEWED: _(
        "When the results of the next survey have been released, review what was done, what was noticed and what "
        "changed."
    ),
}
STEP_FAULTS: dict[StepErrorCode, LazyString] = {
    StepErrorCode.NOT_NEXT: _("This is not the next step. Someone else may have moved on in the meantime."),
    StepErrorCode.BY_ITSELF: _("This step is completed automatically."),
    StepErrorCode.NO_MEETING: _("First enter the day on which the results were discussed with the staff."),
    StepErrorCode.NO_FOCUS: _("First choose the one or two areas that the staff want to work on."),
    StepErrorCode.NO_ACTION: _("First add at least one action."),
    StepErrorCode.NOT_BEGUN: _("First mark at least one action as started."),
    StepErrorCode.NO_NEXT_ROUND: _("Available when the results of the next survey have been released."),
}
AIMS: dict[ActionTarget, LazyString] = {
    ActionTarget.WORK: _("The work: what is done, when and by whom"),
    ActionTarget.TEAM: _("Working together"),
    ActionTarget.LEADERSHIP: _("Leadership"),
    ActionTarget.SKILLS: _("Skills"),
}
POWERS: dict[DecisionLevel, LazyString] = {
    DecisionLevel.COMMUNITY: _("Our own community"),
    DecisionLevel.MUNICIPALITY: _("The municipality"),
    DecisionLevel.REGION: _("The region"),
}
STATUSES: dict[ActionStatus, LazyString] = {
    ActionStatus.PLANNED: _("Agreed"),
    ActionStatus.STARTED: _("Started"),
    ActionStatus.DONE: _("Done"),
    ActionStatus.DROPPED: _("Dropped"),
}
ANSWERS: dict[MunicipalityAnswerKind, LazyString] = {
    MunicipalityAnswerKind.DONE: _("Done"),
    MunicipalityAnswerKind.WILL_DO: _("Will be done"),
    MunicipalityAnswerKind.NOT_NOW: _("Not now, because"),
}
ACTION_FAULTS: dict[ActionErrorCode, LazyString] = {
    ActionErrorCode.MISSING: _("Fill this in."),
    ActionErrorCode.TOO_LONG: _("Shorten the text to at most 500 characters, the responsible role to at most 120."),
    ActionErrorCode.UNKNOWN: _("Choose one from the list."),
    ActionErrorCode.NO_DATE: _("Choose a day."),
    ActionErrorCode.FIRST_STEP_TOO_LATE: _(
        "Choose an earlier day: staff should see the first step soon after the plan."
    ),
    ActionErrorCode.ENDS_BEFORE_FIRST_STEP: _("Choose a day after the first step."),
}
MEETING_FAULTS: dict[MeetingErrorCode, LazyString] = {
    MeetingErrorCode.NO_DATE: _("Choose the day on which the results were discussed."),
    MeetingErrorCode.IN_THE_FUTURE: _("This day is in the future. Write the minutes after the meeting."),
    MeetingErrorCode.NO_NUMBER: _("Enter the number of people present as a whole number."),
    MeetingErrorCode.UNKNOWN_FOCUS: _("Choose one from the list."),
    MeetingErrorCode.TOO_MANY: _("Choose at most two, so that there is time to carry the plan out."),
    MeetingErrorCode.TOO_LONG: _("Shorten the text to at most 500 characters."),
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
        today=today,
    )
