"""Courses for a respondent's own feedback."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.catalogue import ChangeTarget, Course, CourseStatus, DeliveryMode, Offering

MIN_RELEVANCE = 2
MAX_COURSES = 2
_ALWAYS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SuitableCourse:
    """A course relevant to a dimension, and the latest time at which it can still be started."""

    course: Course
    until: datetime


def suitable_courses_for_dimension(courses: Iterable[Course], dimension: str) -> tuple[SuitableCourse, ...]:
    """Return the active courses relevant to a dimension, best first, regardless of dates.

    For the dimension of demands, courses that change the work come before courses that train the person.
    """
    relevant = (
        course
        for course in courses
        if course.status is CourseStatus.ACTIVE and _relevance(course, dimension) >= MIN_RELEVANCE
    )
    result = [SuitableCourse(course, until) for course in relevant if (until := _until(course.offerings)) is not None]
    person_last = dimension == "demands"
    result.sort(
        key=lambda suitable: (
            person_last and suitable.course.target is ChangeTarget.PERSON,
            -_relevance(suitable.course, dimension),
            suitable.course.evidence_grade,
            suitable.course.external_id,
        )
    )
    return tuple(result)


def first_startable_course_positions(courses: Sequence[SuitableCourse], *, now: datetime) -> tuple[int, ...]:
    """Return the positions in `courses` of the first, at most two, that can still be started."""
    return tuple(position for position, suitable in enumerate(courses) if suitable.until > now)[:MAX_COURSES]


def _relevance(course: Course, dimension: str) -> int:
    return max((relevance.value for relevance in course.dimensions if relevance.dimension == dimension), default=0)


def _until(offerings: Iterable[Offering]) -> datetime | None:
    """Return the start of the last session of all active offerings; self-paced ones can always be started."""
    active = [offering for offering in offerings if offering.status is CourseStatus.ACTIVE]
    if any(offering.mode is DeliveryMode.SELF_PACED for offering in active):
        return _ALWAYS
    return max((session.start for offering in active for session in offering.sessions), default=None)
