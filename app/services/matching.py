"""From results to courses: what a community is recommended, and what the region lacks."""

from datetime import datetime

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.languages import Language
from app.core.matching.gaps import GapMap, map_gaps
from app.core.matching.lists import Ranking
from app.core.matching.ranking import rank
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
    unit = unit_of(publication, unit_id)
    kinds = frozenset(kind.value for kind in organisations.kinds(session, {unit.id, *unit.communities}))
    found = courses.courses(session)
    current = weights.current(session)
    return rank(publication, unit, found, current, today=now.date(), language=language, kinds=kinds)


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
