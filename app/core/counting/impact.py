"""How strongly each scale is associated with wellbeing, from pooled answers of the whole region.

A community's own weights would be noise and would tell of few people. Pooled, with differences between communities
taken out, and rounded to 5 per cent, they narrow nobody down: a decision record holds the argument, and a test reads
two publications that differ by one person.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor

import numpy as np

from app.core.counting.ballot_sums import BallotSums, impact_column_indices
from app.core.counting.figures import CountedFamily
from app.core.counting.measures import ScoredMeasure
from app.core.counting.quality import MIN_COMMUNITIES
from app.core.counting.rounding import NOISE_DECIMALS
from app.core.publication import Impact, ImpactWeight
from app.core.stats.relative_weights import pooled_relative_weights

IMPACT_FROM = 300  # complete answers
GRAIN = 0.05  # what a weight is rounded to: ten times what one usual person among 300 moves it by
WIDE_GRAIN = 0.10  # what its interval (outwards) and the explained share are rounded to


def impact_weights(
    measures: Sequence[ScoredMeasure], sums: BallotSums, families: Mapping[int, CountedFamily]
) -> Impact | None:
    """Return the impact weights of a round, or None if they may not be published.

    Only people who have a score on every scale and whose community is shown in all of them
    are counted, so no small community speaks through the weights. Scales of no dimension and sensitive ones stay
    out.
    """
    columns = impact_column_indices(measures)
    if not columns:
        return None
    drivers = columns[:-1]
    outcome = columns[-1]
    shown = [families[column].family.means.shown for column in columns]
    counted = np.logical_and.reduce([sums.complete > 0, *shown])
    complete = sums.complete[counted]
    if complete.sum() < IMPACT_FROM or len(complete) < MIN_COMMUNITIES:
        return None
    # The direction of a scale changes no share, so nothing is turned.
    result = pooled_relative_weights(sums.impact_products[counted], (complete - 1).astype(np.float64))
    if result is None:
        return None
    return Impact(
        outcome=measures[outcome].measure.id,
        weights=tuple(
            ImpactWeight(measures[column].measure.id, _rounded(weight), _outwards(low, high))
            for column, weight, (low, high) in zip(drivers, result.weights, result.intervals, strict=True)
        ),
        explained=_rounded(result.explained, grain=WIDE_GRAIN),
    )


def _rounded(value: float, *, grain: float = GRAIN) -> float:
    """Round to the grain; the bits that differ between machines are dropped first."""
    steps = round(round(value, NOISE_DECIMALS) / grain)
    return round(min(max(steps * grain, 0.0), 1.0), 2)


def _outwards(low: float, high: float) -> tuple[float, float]:
    """Round an interval outwards to its grain."""
    ends = floor(round(low, NOISE_DECIMALS) / WIDE_GRAIN), ceil(round(high, NOISE_DECIMALS) / WIDE_GRAIN)
    first, last = (round(min(max(end * WIDE_GRAIN, 0.0), 1.0), 1) for end in ends)
    return first, last
