"""Whom to remind of which step; a reminder that was given is never given again."""

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
from app.services.followup.follow_up_lookup import FollowUp, follow_ups, surveys
from app.store import followup

BEFORE = timedelta(days=3)


class ReminderKind(StrEnum):
    """Whether a step is due within days, or late."""

    SOON = "soon"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder to give: to those with `permission` in these communities, of the step that comes next."""

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
    """Return the reminders that are due and were not given; nothing is noted yet (see `note_reminder`).

    None is due on a day off. After a time without service each community gets one reminder, the latest, not those
    it missed.
    """
    if not is_working_day(now.date()):
        return ()
    newest, before = _followed(surveys(session))
    result = []
    for number in sorted({*newest.values(), *before.values()}):
        given = followup.reminded(session, number)
        for follow_up in follow_ups(session, number):
            reminder = _reminder(follow_up, today=now.date())
            if reminder is None or (reminder.unit, reminder.step, reminder.kind.value) in given:
                continue
            is_review = before.get(follow_up.unit.id) == number and reminder.step is FollowUpStep.EFFECT_REVIEWED
            if newest.get(follow_up.unit.id) == number or is_review:
                result.append(reminder)
    return tuple(result)


def _followed(known: Iterable[Publication]) -> tuple[dict[str, RoundId], dict[str, RoundId]]:
    """Return by unit the newest survey that asked it, and the one before, whose effect is reviewed now."""
    newest: dict[str, RoundId] = {}
    before: dict[str, RoundId] = {}
    for publication in known:
        for unit in publication.region.units:
            if unit.id in newest:
                before[unit.id] = newest[unit.id]
            newest[unit.id] = publication.round
    return newest, before


def note_reminder(session: Session, reminder: Reminder, *, now: datetime) -> bool:
    """Note that a reminder is given, in the transaction that gives it; False if it was given before."""
    return followup.note_reminder(session, reminder.round, reminder.unit, reminder.step, reminder.kind.value, now=now)


def _reminder(follow_up: FollowUp, *, today: date) -> Reminder | None:
    waiting = follow_up.clock.next
    if waiting is None or waiting.due is None or today < waiting.due - BEFORE:
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
