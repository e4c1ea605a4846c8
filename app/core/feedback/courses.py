"""Courses that suit one person's own feedback."""

from collections.abc import Sequence
from datetime import datetime

from app.core.catalogue import Course, Mode, Status, Target

RELEVANT = 2
MOST = 2


def suitable_courses(courses: Sequence[Course], dimension: str, *, now: datetime) -> tuple[Course, ...]:
    """Return at most two courses that can be had and have much to do with a dimension, the best first.

    Where the load of work is the matter, what changes the work comes before what trains the person.
    """
    found = [one for one in courses if _relevance(one, dimension) >= RELEVANT and _can_be_had(one, now)]
    person_last = dimension == "demands"
    found.sort(
        key=lambda one: (
            person_last and one.target is Target.PERSON,
            -_relevance(one, dimension),
            one.evidence_grade,
            one.external_id,
        )
    )
    return tuple(found[:MOST])


def _relevance(course: Course, dimension: str) -> int:
    return max((one.value for one in course.dimensions if one.dimension == dimension), default=0)


def _can_be_had(course: Course, now: datetime) -> bool:
    return course.status is Status.ACTIVE and any(
        one.status is Status.ACTIVE
        and (one.mode is Mode.SELF_PACED or any(session.start > now for session in one.sessions))
        for one in course.offerings
    )
