"""Following up: one community after one survey, from the release to the review of what it brought."""

from app.services.followup.escalating import EscalationRefused, answer, escalation, hand_on, inbox
from app.services.followup.moving import may_take, missing, take, take_back
from app.services.followup.pacing import set_template, template
from app.services.followup.planning import (
    ActionUnknown,
    Clashed,
    Saved,
    find_action,
    history,
    meeting_texts,
    names,
    save_action,
    save_meeting,
    subject_of,
)
from app.services.followup.pulsing import asked_region, due_for_pulse, invite_to_pulse, pulse_days
from app.services.followup.reading import (
    FollowUp,
    FollowUpUnknown,
    followup_of,
    followups,
    newest_followups,
    newest_surveys,
    surveys,
)
from app.services.followup.reminding import Reminder, ReminderKind, due_reminders, note_reminder
from app.services.followup.reviewing import effect
from app.services.followup.telling import Told, WordRefused, by_word, may_staff_read, renew_word, told_before, word_of

__all__ = [
    "ActionUnknown",
    "Clashed",
    "EscalationRefused",
    "FollowUp",
    "FollowUpUnknown",
    "Reminder",
    "ReminderKind",
    "Saved",
    "Told",
    "WordRefused",
    "answer",
    "asked_region",
    "by_word",
    "due_for_pulse",
    "due_reminders",
    "effect",
    "escalation",
    "find_action",
    "followup_of",
    "followups",
    "hand_on",
    "history",
    "inbox",
    "invite_to_pulse",
    "may_staff_read",
    "may_take",
    "meeting_texts",
    "missing",
    "names",
    "newest_followups",
    "newest_surveys",
    "note_reminder",
    "pulse_days",
    "renew_word",
    "save_action",
    "save_meeting",
    "set_template",
    "subject_of",
    "surveys",
    "take",
    "take_back",
    "template",
    "told_before",
    "word_of",
]
