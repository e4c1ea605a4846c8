"""What staff may read without signing in: their community's word, its page, and what they were told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.followup import FollowUpStep, Promise, promises_to_staff
from app.core.rounds import RoundId
from app.services.followup.follow_up_lookup import FollowUp, follow_up
from app.store import escalations, followup, plans, released_surveys
from app.store.database import Executor
from app.vault.access_phrase import derive_access_phrase, matches_phrase


class UnknownAccessPhrase(Exception):
    """No community has this word."""


@dataclass(frozen=True, slots=True)
class EarlierPromises:
    """What was promised after a survey, as the next one opens with it."""

    survey: str
    focus: tuple[str, ...]
    promises: tuple[Promise, ...]


def access_phrase(session: Session, round_id: RoundId, unit_id: str, *, secret: bytes) -> str:
    """Return the word of a community after one survey; it rests nowhere."""
    edition = followup.phrase_editions(session).get((round_id, unit_id), 0)
    return derive_access_phrase(round_id, unit_id, edition, secret=secret)


def renew_access_phrase(session: Session, round_id: RoundId, unit_id: str) -> None:
    """Let a community have another word; the one before opens nothing any more."""
    followup.renew_access_phrase(session, round_id, unit_id)


def community_by_phrase(session: Session, typed: str, *, secret: bytes) -> FollowUp:
    """Return the community that has this word; UnknownAccessPhrase if none has.

    Every good word is tried, so that a wrong one takes as long as a right one.
    """
    editions = followup.phrase_editions(session)
    result = None
    for unit_id, round_id in released_surveys.newest_by_unit(session).items():
        edition = editions.get((round_id, unit_id), 0)
        if matches_phrase(typed, derive_access_phrase(round_id, unit_id, edition, secret=secret)):
            result = (round_id, unit_id)
    if result is None:
        raise UnknownAccessPhrase
    return follow_up(session, *result)


def may_staff_read(found_follow_up: FollowUp, *, now: datetime) -> bool:
    """Tell whether the staff's page shows the results: when the principal has read them, or the time for it is over."""
    released = found_follow_up.clock.find(FollowUpStep.RELEASED)
    late = released is not None and released.at is not None and now >= released.at + found_follow_up.template.preview
    return late or found_follow_up.clock.has(FollowUpStep.PREVIEWED)


def earlier_promises(session: Executor, unit_id: str, *, before: RoundId | None = None) -> EarlierPromises | None:
    """Return what a community was told after its newest released survey, other than `before`; None if nothing."""
    survey = released_surveys.newest_of_unit(session, unit_id, before=before)
    if survey is None:
        return None
    plan = plans.plan(session, survey.round, unit_id)
    if not plan.actions:
        return None
    raised = escalations.escalations(session, round_id=survey.round, unit=unit_id)
    return EarlierPromises(survey.title, plan.focus, promises_to_staff(plan, raised))
