"""From results to courses: what a community is recommended, and what the region lacks."""

from dataclasses import dataclass
from datetime import datetime

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.catalogue import Course
from app.core.languages import Language
from app.core.matching.gaps import GapMap, build_gap_map
from app.core.matching.ranking import rank_courses
from app.core.matching.recommendations import Ranking
from app.core.matching.weights import Weights
from app.core.organisations import ReportingUnit
from app.core.publication import Publication, SurveyResult
from app.core.rounds import RoundKind
from app.store import courses, organisations, publications, weights


def recommend(session: Session, result: SurveyResult, *, now: datetime, language: Language) -> Ranking:
    """Rank the catalogue for one reporting unit by its result."""
    return recommend_from(ranking_inputs(session, result.unit), result, now=now, language=language)


@dataclass(frozen=True, slots=True)
class RankingInputs:
    """What a list rests on besides the results; as long as it is the same, the list of a day is the same.

    `courses` is the very same object as long as the catalogue has not changed.
    """

    courses: tuple[Course, ...]
    weights: Weights
    kinds: frozenset[str]


def ranking_inputs(session: Session, unit: ReportingUnit) -> RankingInputs:
    """Return what a unit's list rests on now."""
    kinds = frozenset(kind.value for kind in organisations.kinds(session, {unit.id, *unit.communities}))
    return RankingInputs(courses.courses(session), weights.current(session), kinds)


def recommend_from(
    found_ranking_inputs: RankingInputs, result: SurveyResult, *, now: datetime, language: Language
) -> Ranking:
    """Rank as `recommend` does, from a basis that was read before."""
    return rank_courses(
        result.publication,
        result.unit,
        found_ranking_inputs.courses,
        found_ranking_inputs.weights,
        today=now.date(),
        language=language,
        kinds=found_ranking_inputs.kinds,
    )


def result_of(session: Session, community: str) -> SurveyResult | None:
    """Return what a community's list rests on: the newest survey in which it has a result; None before any."""
    return publications.latest_surveys(session).result_of(community)


def result_beside(session: Session, publication: Publication, unit: ReportingUnit) -> SurveyResult | None:
    """Return what the list beside a page of results rests on; None where there is nothing that it could rest on.

    It is what `result_of` says, also on the page of a pulse or of an earlier survey; a survey that is not
    released yet is shown with the list that it will bring.
    """
    latest = publications.latest_surveys(session)
    if publication.kind is RoundKind.SURVEY and all(survey.round != publication.round for survey in latest.surveys):
        return SurveyResult(publication, unit)
    return latest.result_of(unit.id)


def any_released(session: Session) -> bool:
    """Tell whether a survey was released that lists can rest on."""
    return publications.latest_surveys(session).regional is not None


def gap_map(session: Session, *, now: datetime) -> GapMap | None:
    """Set needs beside offerings for the whole region; None before the first survey is released."""
    region = publications.latest_surveys(session).of_region(organisations.ids(session))
    if region is None:
        return None
    # The same results give the same interval on every visit.
    chance = default_rng(int(region.regional.round))
    found_courses = courses.courses(session)
    return build_gap_map(region, found_courses, today=now.date(), chance=chance, weights=weights.current(session))
