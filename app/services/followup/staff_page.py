"""The page that staff read without signing in: access phrase, results and promises."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.followup import FollowUpStep, Promise, promises_to_staff
from app.core.languages import PartlyTranslatedText
from app.core.rounds import RoundId
from app.services.followup.follow_up_lookup import FollowUp, follow_up_of_unit
from app.store import followup, released_surveys, survey_follow_ups
from app.store.database import Executor
from app.vault.access_phrase import derive_access_phrase, matches_phrase


class UnknownAccessPhrase(Exception):
    """No community has this access phrase."""


@dataclass(frozen=True, slots=True)
class EarlierPromises:
    """Promises made after a survey, shown at the start of the next one."""

    survey: PartlyTranslatedText
    focus: tuple[str, ...]
    promises: tuple[Promise, ...]


def access_phrase(session: Session, round_id: RoundId, unit_id: str, *, secret: bytes) -> str:
    """Return the access phrase of a unit after one survey; it is derived, not stored."""
    edition = followup.phrase_editions(session).get((round_id, unit_id), 0)
    return derive_access_phrase(round_id, unit_id, edition, secret=secret)


def renew_access_phrase(session: Session, round_id: RoundId, unit_id: str) -> None:
    """Give the unit a new access phrase; the old one stops working."""
    followup.increase_access_phrase_edition(session, round_id, unit_id)


def follow_up_by_access_phrase(session: Session, typed: str, *, secret: bytes) -> FollowUp:
    """Return the follow-up of the unit with this access phrase; UnknownAccessPhrase if there is none.

    All valid phrases are compared, so that a wrong one takes as long as a right one.
    """
    editions = followup.phrase_editions(session)
    result = None
    for unit_id, round_id in released_surveys.newest_round_by_unit(session).items():
        edition = editions.get((round_id, unit_id), 0)
        if matches_phrase(typed, derive_access_phrase(round_id, unit_id, edition, secret=secret)):
            result = (round_id, unit_id)
    if result is None:
        raise UnknownAccessPhrase
    return follow_up_of_unit(session, *result)


def may_staff_read_results(follow_up_: FollowUp, *, now: datetime) -> bool:
    """Tell whether staff may see the results: after the principal has, or when their time is over."""
    released = follow_up_.timeline.find(FollowUpStep.RELEASED)
    late = released is not None and released.at is not None and now >= released.at + follow_up_.template.preview
    return late or follow_up_.timeline.is_step_taken(FollowUpStep.PREVIEWED)


def earlier_promises(session: Executor, unit_id: str, *, other_than: RoundId | None = None) -> EarlierPromises | None:
    """Return the promises made to a community after its newest released survey other than `other_than`, or None."""
    earlier = survey_follow_ups.find_newest_follow_up_of_unit(session, unit_id, other_than=other_than)
    if earlier is None or not earlier.plan.actions:
        return None
    return EarlierPromises(
        earlier.survey.title, earlier.plan.focus, promises_to_staff(earlier.plan, earlier.escalations)
    )
