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
    relevant = (one for one in courses if one.status is CourseStatus.ACTIVE and _relevance(one, dimension) >= RELEVANT)
    found = [SuitableCourse(one, until) for one in relevant if (until := _until(one.offerings)) is not None]
    person_last = dimension == "demands"
    found.sort(
        key=lambda one: (
            person_last and one.course.target is Target.PERSON,
            -_relevance(one.course, dimension),
            one.course.evidence_grade,
            one.course.external_id,
        )
    )
    return tuple(found)


def registrable_courses(found: Sequence[SuitableCourse], *, now: datetime) -> tuple[int, ...]:
    """Return the places in `found` of the first courses, at most two, that can be had now."""
    return tuple(place for place, one in enumerate(found) if one.until > now)[:MOST]


def _relevance(course: Course, dimension: str) -> int:
    return max((one.value for one in course.dimensions if one.dimension == dimension), default=0)


def _until(offerings: Iterable[Offering]) -> datetime | None:
    """Return the start of the last session of all active offerings; what has its own pace may always be begun."""
    active = [one for one in offerings if one.status is CourseStatus.ACTIVE]
    if any(one.mode is DeliveryMode.SELF_PACED for one in active):
        return _ALWAYS
    return max((session.start for one in active for session in one.sessions), default=None)
