"""Following up: one community after one survey, from the release to the review of what it brought."""

from app.services.followup.escalating import EscalationRefused, answer, escalation, hand_on, inbox
from app.services.followup.moving import may_take, missing, take, take_back
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
from app.services.followup.reading import FollowUp, FollowUpUnknown, followup_of, followups, newest, surveys

__all__ = [
    "ActionUnknown",
    "Clashed",
    "EscalationRefused",
    "FollowUp",
    "FollowUpUnknown",
    "Saved",
    "answer",
    "escalation",
    "find_action",
    "followup_of",
    "followups",
    "hand_on",
    "history",
    "inbox",
    "may_take",
    "meeting_texts",
    "missing",
    "names",
    "newest",
    "save_action",
    "save_meeting",
    "subject_of",
    "surveys",
    "take",
    "take_back",
]
