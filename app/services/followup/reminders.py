"""Reminders of follow-up steps; each is sent once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from app.core.accounts import Permission
from app.core.followup import MANUAL_STEPS, FollowUpStep
from app.core.publication import Publication
from app.core.rounds import RoundId
from app.core.working_days import is_working_day
from app.services.followup.follow_up_lookup import FollowUp, follow_ups_after_survey, released_surveys
from app.store import followup

REMINDER_LEAD = timedelta(days=3)


class ReminderKind(StrEnum):
    """Whether a step is due soon or late."""

    SOON = "soon"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder of the next step, for accounts with `permission` in these communities."""

    round: RoundId
    title: str
    unit: str
    unit_name: str
    municipality: str
    communities: tuple[str, ...]
    step: FollowUpStep
    kind: ReminderKind
    due: date
    permission: Permission


def due_reminders(session: Session, *, now: datetime) -> tuple[Reminder, ...]:
    """Return the due reminders that were not sent; records nothing (see `record_reminder`).

    None is due on a day off. After a time without service each community gets one reminder, the latest, not those
    it missed.
    """
    if not is_working_day(now.date()):
        return ()
    newest, before = _followed_surveys(released_surveys(session))
    result = []
    for number in sorted({*newest.values(), *before.values()}):
        sent = followup.sent_reminders(session, number)
        for follow_up in follow_ups_after_survey(session, number):
            reminder = _reminder(follow_up, today=now.date())
            if reminder is None or (reminder.unit, reminder.step, reminder.kind.value) in sent:
                continue
            is_review = before.get(follow_up.unit.id) == number and reminder.step is FollowUpStep.EFFECT_REVIEWED
            if newest.get(follow_up.unit.id) == number or is_review:
                result.append(reminder)
    return tuple(result)


def _followed_surveys(surveys_: Iterable[Publication]) -> tuple[dict[str, RoundId], dict[str, RoundId]]:
    """Return by unit the newest survey that asked it, and the previous one, whose effect is reviewed."""
    newest: dict[str, RoundId] = {}
    before: dict[str, RoundId] = {}
    for publication in surveys_:
        for unit in publication.region.units:
            if unit.id in newest:
                before[unit.id] = newest[unit.id]
            newest[unit.id] = publication.round
    return newest, before


def record_reminder(session: Session, reminder: Reminder, *, now: datetime) -> bool:
    """Record a reminder in the transaction that sends it; False if it was sent before."""
    return followup.record_reminder(session, reminder.round, reminder.unit, reminder.step, reminder.kind.value, now=now)


def _reminder(follow_up: FollowUp, *, today: date) -> Reminder | None:
    waiting = follow_up.timeline.next
    if waiting is None or waiting.due is None or today < waiting.due - REMINDER_LEAD:
        return None
    return Reminder(
        round=follow_up.round,
        title=follow_up.publication.title,
        unit=follow_up.unit.id,
        unit_name=follow_up.unit.name,
        municipality=follow_up.unit.municipality,
        communities=tuple(dict.fromkeys((follow_up.unit.id, *follow_up.unit.communities))),
        step=waiting.step,
        kind=ReminderKind.LATE if waiting.is_late(today) else ReminderKind.SOON,
        due=waiting.due,
        permission=MANUAL_STEPS.get(waiting.step, Permission.PLAN_ROUND),
    )
