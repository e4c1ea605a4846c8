"""Follow-up of one community after a survey, from the release to the review of the effect."""

from app.services.followup.effect_review import follow_up_effect_across_units
from app.services.followup.escalations import (
    EscalationError,
    all_escalations,
    answer_escalation,
    escalate,
    find_escalation,
)
from app.services.followup.follow_up_lookup import (
    FollowUp,
    UnknownFollowUp,
    follow_up_of_unit,
    follow_ups_after_survey,
    newest_follow_up_of_each_unit,
    newest_survey_result_of_each_unit,
    next_step,
    released_surveys,
)
from app.services.followup.plan_editing import (
    EditConflict,
    SaveResult,
    UnknownAction,
    author_names,
    change_subject_of_action,
    get_action,
    minutes_and_focus_to_form,
    plan_changes,
    save_action,
    save_minutes_and_focus,
)
from app.services.followup.pulse_surveys import (
    follow_ups_due_for_pulse,
    pulse_opening_and_closing,
    region_asked_by_round,
    restrict_pulse_to_units,
)
from app.services.followup.reminders import Reminder, ReminderKind, due_reminders, record_reminder
from app.services.followup.staff_page import (
    EarlierPromises,
    UnknownAccessPhrase,
    access_phrase,
    earlier_promises,
    follow_up_by_access_phrase,
    may_staff_read_results,
    renew_access_phrase,
)
from app.services.followup.step_deadlines import deadlines_of_round, set_deadlines
from app.services.followup.transitions import missing_requirement_by_step, step_refusal, take_step, undo_step
from app.services.followup.unit_progress import UnitProgress, progress_of_each_unit

__all__ = [
    "EarlierPromises",
    "EditConflict",
    "EscalationError",
    "FollowUp",
    "Reminder",
    "ReminderKind",
    "SaveResult",
    "UnitProgress",
    "UnknownAccessPhrase",
    "UnknownAction",
    "UnknownFollowUp",
    "access_phrase",
    "all_escalations",
    "answer_escalation",
    "author_names",
    "change_subject_of_action",
    "deadlines_of_round",
    "due_reminders",
    "earlier_promises",
    "escalate",
    "find_escalation",
    "follow_up_by_access_phrase",
    "follow_up_effect_across_units",
    "follow_up_of_unit",
    "follow_ups_after_survey",
    "follow_ups_due_for_pulse",
    "get_action",
    "may_staff_read_results",
    "minutes_and_focus_to_form",
    "missing_requirement_by_step",
    "newest_follow_up_of_each_unit",
    "newest_survey_result_of_each_unit",
    "next_step",
    "plan_changes",
    "progress_of_each_unit",
    "pulse_opening_and_closing",
    "record_reminder",
    "region_asked_by_round",
    "released_surveys",
    "renew_access_phrase",
    "restrict_pulse_to_units",
    "save_action",
    "save_minutes_and_focus",
    "set_deadlines",
    "step_refusal",
    "take_step",
    "undo_step",
]
