"""Matching of results to courses: recommendations for a community, and gaps in the region."""

from datetime import datetime

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.matching.course_lists import RegionLists
from app.core.matching.gaps import GapMap, build_gap_map
from app.core.matching.recommendations import CourseList
from app.core.organisations import ReportingUnit
from app.core.publication import Publication, ReleasedSurveys, SurveyResult
from app.core.rounds import RoundKind
from app.store import course_lists, courses, organisations, publications, weights


def course_list(
    session: Session, result: SurveyResult, *, now: datetime, latest: ReleasedSurveys | None = None
) -> CourseList | None:
    """Return the list of the unit that a result is of; None while the lists of a large region are being made.

    `latest` are the latest surveys where they were read before.
    """
    lists = course_lists.find_or_build_region_lists_including_result(session, result, now=now, latest=latest)
    if lists is None or result.unit.id not in lists.plans:
        return None
    return lists.course_list(result.unit.id)


def find_or_build_region_lists(session: Session, *, now: datetime, wait: bool = False) -> RegionLists | None:
    """Return the lists of the whole region; None before any survey.

    None also while those of a large region are made in the background; with `wait` they are made at once.
    """
    return course_lists.find_or_build_region_lists(session, now=now, wait=wait)


def newest_result_of_community(session: Session, community: str) -> SurveyResult | None:
    """Return the newest result of a community, which its course list is based on; None before any."""
    return publications.load_released_surveys(session).newest_result_of(community)


def load_released_surveys(session: Session) -> ReleasedSurveys:
    """Return the current surveys with look-ups by community."""
    return publications.load_released_surveys(session)


def survey_result_for_course_list(
    latest: ReleasedSurveys, publication: Publication, unit: ReportingUnit
) -> SurveyResult | None:
    """Return the result that the course list beside a page of results is based on; None if there is none.

    It is what `newest_result_of` says, also on the page of a pulse or of an earlier survey; a survey that is not
    released yet is shown with the list that it will bring.
    """
    if publication.kind is RoundKind.SURVEY and all(survey.round != publication.round for survey in latest.surveys):
        return SurveyResult(publication, unit)
    return latest.newest_result_of(unit.id)


def is_any_survey_released(session: Session) -> bool:
    """Tell whether a survey was released that course lists can be based on."""
    return publications.load_released_surveys(session).newest_of_whole_region is not None


def gap_map(session: Session, *, now: datetime) -> GapMap | None:
    """Compare needs with offerings for the whole region; None before the first survey is released."""
    region = publications.load_released_surveys(session).region_results(organisations.community_ids(session))
    if region is None:
        return None
    # Fixed seed: the same results always give the same interval.
    chance = default_rng(int(region.regional.round))
    found_courses = courses.courses(session)
    return build_gap_map(
        region, found_courses, today=now.date(), chance=chance, weights=weights.current_weights(session)
    )
