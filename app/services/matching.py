"""From results to courses: what a community is recommended, and what the region lacks."""

from dataclasses import dataclass
from datetime import datetime

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.catalogue import Course
from app.core.languages import Language
from app.core.matching.gaps import GapMap, map_gaps
from app.core.matching.lists import Ranking
from app.core.matching.ranking import rank
from app.core.matching.weights import Weights
from app.core.organisations import Unit
from app.core.publication import Publication
from app.core.rounds import RoundKind
from app.store import courses, organisations, publications, weights


class UnitUnknown(Exception):
    """The round has no such reporting unit."""


def recommend(
    session: Session, publication: Publication, unit_id: str, *, now: datetime, language: Language
) -> Ranking:
    """Rank the catalogue for one reporting unit of a publication; raises UnitUnknown."""
    found = basis(session, unit_of(publication, unit_id))
    return recommend_from(found, publication, unit_id, now=now, language=language)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a list rests on besides the results; as long as it is the same, the list of a day is the same.

    `courses` is the very same object as long as the catalogue has not changed.
    """

    courses: tuple[Course, ...]
    weights: Weights
    kinds: frozenset[str]


def basis(session: Session, unit: Unit) -> Basis:
    """Return what a unit's list rests on now."""
    kinds = frozenset(kind.value for kind in organisations.kinds(session, {unit.id, *unit.communities}))
    return Basis(courses.courses(session), weights.current(session), kinds)


def recommend_from(
    found: Basis, publication: Publication, unit_id: str, *, now: datetime, language: Language
) -> Ranking:
    """Rank as `recommend` does, from a basis that was read before; raises UnitUnknown."""
    unit, today = unit_of(publication, unit_id), now.date()
    return rank(publication, unit, found.courses, found.weights, today=today, language=language, kinds=found.kinds)


def unit_of(publication: Publication, unit_id: str) -> Unit:
    """Return a reporting unit by its id; raises UnitUnknown."""
    found = next((unit for unit in publication.region.units if unit.id == unit_id), None)
    if found is None:
        raise UnitUnknown(unit_id)
    return found


def newest(session: Session) -> Publication | None:
    """Return the publication that lists rest on: the newest one that was released, or None."""
    return publications.latest(session)


def gap_map(session: Session, *, now: datetime) -> GapMap | None:
    """Set needs beside offerings for the whole region; None before the first release."""
    released = [one for one in publications.all_released(session) if one.kind is RoundKind.SURVEY]
    if not released:
        return None
    # The same results give the same interval on every visit.
    chance = default_rng(int(released[-1].round))
    found = courses.courses(session)
    return map_gaps(released, found, today=now.date(), chance=chance, weights=weights.current(session))
