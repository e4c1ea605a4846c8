"""How much each scale goes together with wellbeing, from the region's pooled answers, for the whole region only.

A community's own weights would be noise and would tell of few people. Pooled, with differences between communities
taken out, and rounded to 5 per cent, they narrow nobody down: a decision record holds the argument, and a test reads
two publications that differ by one person.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from app.core.catalogue import DIMENSIONS
from app.core.counting.figures import CountedFamily
from app.core.counting.measures import ScoredMeasure
from app.core.counting.opened_ballots import OpenedBallots
from app.core.counting.quality import MIN_COMMUNITIES
from app.core.counting.rounding import NOISE_DECIMALS, Floats
from app.core.publication import Impact, ImpactWeight, MeasureKind
from app.core.stats.relative_weights import pooled_relative_weights

IMPACT_FROM = 300  # complete answers
FEWEST_SCALES = 2
GRAIN = 0.05  # what a weight is rounded to: ten times what one usual person among 300 moves it by
WIDE_GRAIN = 0.10  # what its interval (outwards) and the explained share are rounded to
OUTCOME = "wellbeing"


def impact_weights(
    measures: Sequence[ScoredMeasure],
    scores: Floats,
    ballots: OpenedBallots,
    families: Mapping[int, CountedFamily],
) -> Impact | None:
    """Return the impact weights of a round, or None where they may not be told.

    `scores` are n x scales. Only people who have a score on every scale and whose community is shown in all of them
    are counted, so no small community speaks through the weights. Scales of no dimension and sensitive ones stay
    out.
    """
    outcome = next((column for column in _columns(measures) if measures[column].measure.dimension == OUTCOME), None)
    drivers = [column for column in _columns(measures) if measures[column].measure.dimension != OUTCOME]
    if outcome is None or len(drivers) < FEWEST_SCALES:
        return None
    rows = _complete(scores, ballots, families, [*drivers, outcome])
    units = ballots.units[rows].astype(np.int64)
    if len(units) < IMPACT_FROM or len(np.unique(units)) < MIN_COMMUNITIES:
        return None
    # The direction of a scale changes no share, so nothing is turned.
    result = pooled_relative_weights(scores[rows][:, [*drivers, outcome]], units)
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


def _columns(measures: Sequence[ScoredMeasure]) -> list[int]:
    """Return the columns of the scales that count: of a dimension that courses answer, and not sensitive."""
    return [
        column
        for column, scored in enumerate(measures)
        if scored.measure.kind is MeasureKind.SCALE
        and scored.measure.dimension in DIMENSIONS
        and not scored.measure.sensitive
    ]


def _complete(
    scores: Floats, ballots: OpenedBallots, families: Mapping[int, CountedFamily], columns: Sequence[int]
) -> NDArray[np.bool_]:
    rows = np.isfinite(scores[:, list(columns)]).all(axis=1)
    for column in columns:
        rows = np.logical_and(rows, families[column].family.means.shown[ballots.units])
    return np.asarray(rows, dtype=np.bool_)


def _rounded(value: float, *, grain: float = GRAIN) -> float:
    """Round to the grain; the bits that differ between machines are dropped first."""
    steps = round(round(value, NOISE_DECIMALS) / grain)
    return round(min(max(steps * grain, 0.0), 1.0), 2)


def _outwards(low: float, high: float) -> tuple[float, float]:
    """Round an interval outwards to its grain."""
    ends = floor(round(low, NOISE_DECIMALS) / WIDE_GRAIN), ceil(round(high, NOISE_DECIMALS) / WIDE_GRAIN)
    first, last = (round(min(max(end * WIDE_GRAIN, 0.0), 1.0), 1) for end in ends)
    return first, last
