"""Expected gain of a community from one seat of a course, by dimension, in the unit of its needs."""

from collections.abc import Mapping

from app.core.catalogue import Course, Relevance
from app.core.matching.needs import DEMANDS, Need
from app.core.matching.weights import WEIGHTS, Weights

HIGHEST_RELEVANCE = 3


def relevance_fraction(relevance: Relevance) -> float:
    """Return a relevance as a fraction (0-1): the mean where two coordinators have rated it.

    >>> relevance_fraction(Relevance("control", 3)), relevance_fraction(Relevance("control", 3, 0))
    (1.0, 0.5)
    """
    views = [relevance.value] if relevance.second is None else [relevance.value, relevance.second]
    return sum(views) / len(views) / HIGHEST_RELEVANCE


def met_need_fraction_by_dimension(course: Course, weights: Weights = WEIGHTS) -> dict[str, float]:
    """Return by dimension the fraction (0-1) of a need that a course is expected to meet.

    Formula: relevance x evidence, and for demands x how the course sets about it (the work before the person).
    """
    evidence = weights.evidence[course.evidence_grade]
    result: dict[str, float] = {}
    for relevance in course.dimensions:
        target = weights.demands_target[course.target] if relevance.dimension == DEMANDS else 1.0
        strength = relevance_fraction(relevance) * evidence * target
        if strength > 0:
            result[relevance.dimension] = strength
    return result


def expected_gain(needs: Mapping[str, Need], course: Course, weights: Weights = WEIGHTS) -> float:
    """Return what one seat of a course is expected to bring to a community: the sum of need x strength."""
    return sum(
        needs[dimension].value * strength
        for dimension, strength in met_need_fraction_by_dimension(course, weights).items()
        if dimension in needs
    )
