"""Courses that suit one person's own feedback."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.catalogue import Course, CourseStatus, DeliveryMode, Offering, Target

RELEVANT = 2
MOST = 2
_ALWAYS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SuitableCourse:
    """A course that has much to do with a dimension, and the moment until which one may still begin it."""

    course: Course
    until: datetime


def suitable_courses(courses: Iterable[Course], dimension: str) -> tuple[SuitableCourse, ...]:
    """Return the active courses that have much to do with a dimension, the best first, whatever the day is.

    Where the load of work is the matter, what changes the work comes before what trains the person.
    """
    relevant = (
        cours for cours in courses if cours.status is CourseStatus.ACTIVE and _relevance(cours, dimension) >= RELEVANT
    )
    found_suitable_courses = [
        SuitableCourse(course, until) for course in relevant if (until := _until(course.offerings)) is not None
    ]
    person_last = dimension == "demands"
    found_suitable_courses.sort(
        key=lambda suitable_course: (
            person_last and suitable_course.course.target is Target.PERSON,
            -_relevance(suitable_course.course, dimension),
            suitable_course.course.evidence_grade,
            suitable_course.course.external_id,
        )
    )
    return tuple(found_suitable_courses)


def registrable_courses(found_suitable_courses: Sequence[SuitableCourse], *, now: datetime) -> tuple[int, ...]:
    """Return the places in `found` of the first courses, at most two, that can be had now."""
    return tuple(place for place, suitable_course in enumerate(found_suitable_courses) if suitable_course.until > now)[
        :MOST
    ]


def _relevance(course: Course, dimension: str) -> int:
    return max((relevance.value for relevance in course.dimensions if relevance.dimension == dimension), default=0)


def _until(offerings: Iterable[Offering]) -> datetime | None:
    """Return the start of the last session of all active offerings; what has its own pace may always be begun."""
    active = [offering for offering in offerings if offering.status is CourseStatus.ACTIVE]
    if any(offering.mode is DeliveryMode.SELF_PACED for offering in active):
        return _ALWAYS
    return max((session.start for offering in active for session in offering.sessions), default=None)
