"""Review the effect of a course: two estimates with intervals, and none for too few communities."""

from collections.abc import Sequence
from datetime import datetime

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.catalogue import Course, CourseStatus
from app.core.matching.effect import estimate_effect
from app.core.matching.effect_reviews import (
    CourseReview,
    choose_review_dimension,
    find_comparable_measure_pair,
    observed_changes,
)
from app.core.publication import Publication
from app.store import course_participation, courses, plans, publications, seats


class NotComparable(Exception):
    """The two rounds, or the course, do not allow a review."""


def last_two_regional_surveys(session: Session) -> tuple[Publication, ...]:
    """Return the last two surveys of the region as a whole, the older first; fewer where there are not two."""
    return publications.load_released_surveys(session).last_two_of_whole_region


def non_draft_courses_with_dimensions(session: Session) -> tuple[Course, ...]:
    """Return the courses, without drafts, that have an effect on at least one measured dimension."""
    found_courses = courses.courses(session)
    return tuple(
        found_course
        for found_course in found_courses
        if found_course.status is not CourseStatus.DRAFT
        and any(dimension.value for dimension in found_course.dimensions)
    )


def review_effect(session: Session, course: Course, before: Publication, after: Publication) -> CourseReview:
    """Review a course between two rounds; raises NotComparable."""
    took = participating_communities(session, course, before, after)
    written = plans.plans_by_unit(session, before.round)
    focuses = [written[item].focus for item in sorted(took) if item in written]
    fixed = choose_review_dimension(course, focuses)
    measures = None if fixed is None else find_comparable_measure_pair(before, after, fixed[0])
    if fixed is None or measures is None or before.counted_at >= after.counted_at:
        raise NotComparable(course.external_id)
    units = observed_changes(before, after, measures, took)
    # Fixed seed: the same rounds always give the same p-value.
    effect = estimate_effect(fixed[0], units, chance=default_rng([int(before.round), int(after.round)]))
    return CourseReview(course, before, after, fixed[0], fixed[1], took, len(units), effect)


def participating_communities(
    session: Session, course: Course, before: Publication, after: Publication
) -> frozenset[str]:
    """Return who took part between two rounds: by final seats, unless a coordinator marked otherwise."""
    offerings = {offering.external_id for offering in course.offerings}
    result = {
        community
        for allocation in seats.published_allocations(session)
        if allocation.published_at is not None and before.counted_at <= allocation.published_at <= after.counted_at
        for (community, offering), number in allocation.seats_after_overrides.items()
        if number and offering in offerings
    }
    marked = course_participation.participation_by_community(session, course.external_id)
    return frozenset((result | {item for item, took in marked.items() if took}) - _not(marked))


def participating_community_counts_by_course(
    session: Session, before: Publication, after: Publication
) -> dict[str, int]:
    """Return how many communities took part in each course between two rounds; courses of nobody are left out."""
    result = {
        course.external_id: len(participating_communities(session, course, before, after))
        for course in non_draft_courses_with_dimensions(session)
    }
    return {name: number for name, number in result.items() if number}


def set_participating_communities(
    session: Session, course: Course, took: Sequence[str], *, among: Sequence[str], by: AccountId | None, now: datetime
) -> None:
    """Store which of a round's communities took part in a course, in place of what was stored of them before."""
    marked = {item: item in set(took) for item in among}
    course_participation.replace_participation_in_course(session, course.external_id, marked, by=by, now=now)


def _not(marked: dict[str, bool]) -> set[str]:
    return {item for item, took in marked.items() if not took}
