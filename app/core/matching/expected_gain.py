"""What one seat of a course is expected to bring to a community, dimension by dimension, in the unit of its needs."""

from collections.abc import Iterable, Mapping

from app.core.catalogue import Course, Relevance
from app.core.matching.needs import DEMANDS, Need
from app.core.matching.weights import WEIGHTS, Weights

HIGHEST_RELEVANCE = 3


def relevance_share(relevance: Relevance) -> float:
    """Return the relevance as a share; where two coordinators spoke, their mean.

    >>> relevance_share(Relevance("control", 3)), relevance_share(Relevance("control", 3, 0))
    (1.0, 0.5)
    """
    views = [relevance.value] if relevance.second is None else [relevance.value, relevance.second]
    return sum(views) / len(views) / HIGHEST_RELEVANCE


def course_strengths(course: Course, weights: Weights = WEIGHTS) -> dict[str, float]:
    """Return by dimension which share (0-1) of a need a course is expected to answer.

    Formula: relevance x evidence, and for demands x how the course sets about it (the work before the person).
    """
    evidence = weights.evidence[course.evidence_grade]
    result: dict[str, float] = {}
    for relevance in course.dimensions:
        target = weights.demands_target[course.target] if relevance.dimension == DEMANDS else 1.0
        strength = relevance_share(relevance) * evidence * target
        if strength > 0:
            result[relevance.dimension] = strength
    return result


def expected_gain(needs: Mapping[str, Need], course: Course, weights: Weights = WEIGHTS) -> float:
    """Return what one seat of a course is expected to bring to a community: the sum of need x strength."""
    return sum(
        needs[dimension].value * strength
        for dimension, strength in course_strengths(course, weights).items()
        if dimension in needs
    )


def remaining_needs(
    values: Mapping[str, float], courses: Iterable[Course], weights: Weights = WEIGHTS
) -> dict[str, float]:
    """Return what is left of needs when courses are taken: each multiplies a need by 1 - s x its strength.

    s is the share of a need that a perfect course answers (`served_by_course`).
    """
    result = dict(values)
    for course in courses:
        for dimension, strength in course_strengths(course, weights).items():
            if dimension in result:
                result[dimension] *= 1 - weights.served_by_course * strength
    return result
