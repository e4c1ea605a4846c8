"""What staff may read without signing in: their community's word, its page, and what they were told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.followup import Promise, Step, promises_of
from app.core.publication import Publication
from app.core.rounds import RoundId
from app.services.followup.reading import FollowUp, followup_of, surveys
from app.store import escalations, followup, plans
from app.store.database import Teller
from app.vault.words import community_word, is_word


class WordRefused(Exception):
    """No community has this word."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was promised after a survey, as the next one opens with it."""

    survey: str
    focus: tuple[str, ...]
    promises: tuple[Promise, ...]


def word_of(session: Session, round_id: RoundId, unit_id: str, *, secret: bytes) -> str:
    """Return the word of a community after one survey; it rests nowhere."""
    edition = followup.editions(session).get((round_id, unit_id), 0)
    return community_word(round_id, unit_id, edition, secret=secret)


def renew_word(session: Session, round_id: RoundId, unit_id: str) -> None:
    """Let a community have another word; the one before opens nothing any more."""
    followup.renew_word(session, round_id, unit_id)


def by_word(session: Session, typed: str, *, secret: bytes) -> FollowUp:
    """Return the community that has this word; WordRefused if none has.

    Every good word is tried, so that a wrong one takes as long as a right one.
    """
    editions, found = followup.editions(session), None
    for publication, unit_id in _newest_of_each(session):
        edition = editions.get((publication.round, unit_id), 0)
        if is_word(typed, community_word(publication.round, unit_id, edition, secret=secret)):
            found = (publication.round, unit_id)
    if found is None:
        raise WordRefused
    return followup_of(session, *found)


def may_staff_read(found: FollowUp, *, now: datetime) -> bool:
    """Tell whether the staff's page shows the results: when the principal has read them, or the time for it is over."""
    released = found.clock.mark(Step.RELEASED)
    late = released is not None and released.at is not None and now >= released.at + found.template.preview
    return late or found.clock.has(Step.PREVIEWED)


def told_before(session: Teller, unit_id: str, *, before: RoundId | None = None) -> Told | None:
    """Return what a community was told after its newest released survey, other than `before`; None if nothing."""
    for publication in reversed(surveys(session)):
        if publication.round != before and any(unit.id == unit_id for unit in publication.region.units):
            plan = plans.plan(session, publication.round, unit_id)
            if not plan.actions:
                return None
            raised = escalations.escalations(session, round_id=publication.round, unit=unit_id)
            return Told(publication.title, plan.focus, promises_of(plan, raised))
    return None


def _newest_of_each(session: Session) -> list[tuple[Publication, str]]:
    newest = {unit.id: one for one in surveys(session) for unit in one.region.units}
    return [(publication, unit_id) for unit_id, publication in newest.items()]
