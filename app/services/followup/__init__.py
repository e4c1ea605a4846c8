"""Follow-up of one community after a survey, from the release to the review of the effect."""

from app.services.followup.effect_review import follow_up_effect
from app.services.followup.escalations import EscalationError, answer, escalate, escalation, inbox
from app.services.followup.follow_up_lookup import (
    FollowUp,
    UnknownFollowUp,
    follow_up,
    follow_ups,
    newest_followups,
    newest_surveys,
    next_step,
    surveys,
)
from app.services.followup.plan_editing import (
    EditConflict,
    SaveResult,
    UnknownAction,
    action_subject,
    author_names,
    find_action,
    history,
    meeting_texts,
    save_action,
    save_meeting,
)
from app.services.followup.pulse_surveys import due_for_pulse, invite_to_pulse, pulse_days, region_to_survey
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
    "answer",
    "author_names",
    "community_by_phrase",
    "deadlines",
    "due_for_pulse",
    "due_reminders",
    "earlier_promises",
    "escalate",
    "escalation",
    "find_action",
    "follow_up",
    "follow_up_effect",
    "follow_ups",
    "history",
    "inbox",
    "invite_to_pulse",
    "may_staff_read",
    "meeting_texts",
    "missing_requirements",
    "newest_followups",
    "newest_surveys",
    "next_step",
    "pulse_days",
    "record_reminder",
    "region_to_survey",
    "renew_access_phrase",
    "save_action",
    "save_meeting",
    "set_deadlines",
    "step_refusal",
    "surveys",
    "take_step",
    "undo_step",
    "unit_progress",
]
