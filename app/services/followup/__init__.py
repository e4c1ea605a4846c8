"""Follow-up of one community after a survey, from the release to the review of the effect."""

from app.services.followup.effect_review import follow_up_effect
from app.services.followup.escalations import EscalationError, answer_escalation, escalate, escalation, inbox
from app.services.followup.follow_up_lookup import (
    FollowUp,
    UnknownFollowUp,
    follow_up_of_unit,
    follow_ups_after_survey,
    newest_follow_up_of_each_unit,
    newest_survey_of_each_unit,
    next_step,
    released_surveys,
)
from app.services.followup.plan_editing import (
    EditConflict,
    SaveResult,
    UnknownAction,
    action_subject,
    author_names,
    find_action,
    meeting_texts,
    plan_changes,
    save_action,
    save_meeting,
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
    community_by_phrase,
    earlier_promises,
    may_staff_read,
    renew_access_phrase,
)
from app.services.followup.step_deadlines import deadlines, set_deadlines
from app.services.followup.transitions import missing_requirements, step_refusal, take_step, undo_step
from app.services.followup.unit_progress import UnitProgress, unit_progress

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
    "action_subject",
    "answer_escalation",
    "author_names",
    "community_by_phrase",
    "deadlines",
    "due_reminders",
    "earlier_promises",
    "escalate",
    "escalation",
    "find_action",
    "follow_up_effect",
    "follow_up_of_unit",
    "follow_ups_after_survey",
    "follow_ups_due_for_pulse",
    "inbox",
    "may_staff_read",
    "meeting_texts",
    "missing_requirements",
    "newest_follow_up_of_each_unit",
    "newest_survey_of_each_unit",
    "next_step",
    "plan_changes",
    "pulse_opening_and_closing",
    "record_reminder",
    "region_asked_by_round",
    "released_surveys",
    "renew_access_phrase",
    "restrict_pulse_to_units",
    "save_action",
    "save_meeting",
    "set_deadlines",
    "step_refusal",
    "take_step",
    "undo_step",
    "unit_progress",
]
