"""Sums over ballots by unit and staff group, all that the count needs; never stored."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.counting.measures import ScoredMeasure
from app.core.counting.opened_ballots import NO_GROUP, OpenedBallots
from app.core.counting.rounding import EPSILON, Counts, Floats
from app.core.instruments import Instrument, scale_scores
from app.core.publication import MeasureKind

STRAIN_NAMES = ("high_strain", "active", "passive", "low_strain")


@dataclass(frozen=True, slots=True, eq=False)
class CellSums:
    """Sums by units x groups x measures; the last group is "none given".

    `n`, `total` and `squares` are those of the scores (centred on the middle of their range), `low` and `high` the
    number of scores in the lower and upper third. `strain`: units x groups x 4 numbers of people by demands and
    control. `ballots`: units x groups.
    """

    ballots: Counts
    n: Counts
    total: Floats
    squares: Floats
    low: Counts
    high: Counts
    strain: Counts


def person_scores(instrument: Instrument, measures: tuple[ScoredMeasure, ...], ballots: OpenedBallots) -> Floats:
    """Return n x scales, NaN where a score is missing; items are counted by their answers and have no scores."""
    scales = [scored.scale for scored in measures if scored.measure.kind is MeasureKind.SCALE]
    scores = np.empty((len(scales), len(ballots)))
    for row, scale in zip(scores, scales, strict=True):
        row[:] = scale_scores(instrument, scale, ballots.ratings)
    return scores.T  # each scale's scores lie side by side in memory, as they are read


def cell_sums(
    instrument: Instrument,
    scores: Floats,
    ballots: OpenedBallots,
    measures: tuple[ScoredMeasure, ...],
    *,
    shape: tuple[int, int],
    strain: NDArray[np.int64],
) -> CellSums:
    """Sum scores by unit and group. `shape` is (units, groups with "none given").

    `scores` come from `person_scores`. `strain` is the quadrant of each person, -1 for none.
    """
    units, groups = shape
    group = np.where(ballots.groups == NO_GROUP, groups - 1, ballots.groups).astype(np.int64)
    person_cells = _PersonCells(ballots.units.astype(np.int64) * groups + group, units * groups)
    columns = [
        _score_sums(person_cells, scores[:, column], scored)
        if scored.measure.kind is MeasureKind.SCALE
        else _item_sums(person_cells, instrument, ballots.ratings, scored)
        for column, scored in enumerate(measures)
    ]
    kinds = [person_cells.sum_weights(strain == kind) for kind in range(len(STRAIN_NAMES))]
    table = np.stack(columns, axis=-1) if columns else np.zeros((5, person_cells.cells, 0))
    n, total, squares, low, high = table.reshape(5, *shape, len(columns))
    return CellSums(
        ballots=_as_integers(person_cells.sum_weights(np.ones(len(ballots), dtype=np.bool_))).reshape(shape),
        n=_as_integers(n),
        total=total,
        squares=squares,
        low=_as_integers(low),
        high=_as_integers(high),
        strain=_as_integers(np.stack(kinds, axis=-1)).reshape(*shape, len(kinds)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _PersonCells:
    """The cell of each person, and the number of cells."""

    of_people: NDArray[np.int64]
    cells: int

    def sum_weights(self, weights: Floats | NDArray[np.bool_]) -> Floats:
        """Sum a number of each person by cell."""
        return np.bincount(self.of_people, weights=weights, minlength=self.cells).astype(np.float64)


def _as_integers(counted: Floats) -> Counts:
    return np.rint(counted).astype(np.int64)


def _score_sums(person_cells: _PersonCells, scores: Floats, scored: ScoredMeasure) -> Floats:
    """Return 5 x cells: n, total, squares, low and high of one scale."""
    return np.stack([person_cells.sum_weights(weights) for weights in _weights(scores, scored)])


def _item_sums(
    person_cells: _PersonCells, instrument: Instrument, ratings: NDArray[np.uint8], scored: ScoredMeasure
) -> Floats:
    """Return the same for a single item, counting its few options first and weighting each once."""
    (item,) = scored.scale.items
    column = instrument.item_ids.index(item)
    options = len(instrument.item(item).options)
    codes = np.minimum(ratings[:, column], options)  # a skipped one and an impossible one are the last
    counted = np.bincount(person_cells.of_people * (options + 1) + codes, minlength=person_cells.cells * (options + 1))
    every = np.repeat(np.arange(options, dtype=np.uint8)[:, np.newaxis], ratings.shape[1], axis=1)
    weights = _weights(scale_scores(instrument, scored.scale, every), scored)
    return np.asarray(weights @ counted.reshape(person_cells.cells, options + 1)[:, :options].T.astype(np.float64))


def person_quadrants(demands: Floats, control: Floats, *, cuts: tuple[float, float]) -> NDArray[np.int64]:
    """Return the quadrant of each person, in the order of STRAIN_NAMES; -1 where a score is missing.

    Demands are high strictly above their cut, control is low strictly below its own. Float noise at a cut is ignored.
    """
    high = demands > cuts[0] + EPSILON
    low = control < cuts[1] - EPSILON
    quadrant = np.where(high, np.where(low, 0, 1), np.where(low, 2, 3))
    return np.where(np.isfinite(demands) & np.isfinite(control), quadrant, -1)


def _weights(values: Floats, scored: ScoredMeasure) -> Floats:
    """Return 5 x values: is valid, distance from the middle, its square, is low, is high."""
    measure = scored.measure
    third = (measure.high - measure.low) / 3
    valid = np.isfinite(values)
    centred = np.where(valid, values - range_midpoint(scored), 0.0)
    with np.errstate(invalid="ignore"):
        low = values < measure.low + third - EPSILON
        high = values > measure.high - third + EPSILON
    return np.stack([valid, centred, centred**2, low, high])


def range_midpoint(scored: ScoredMeasure) -> float:
    """Return the midpoint of a measure's range; sums are centred on it, which keeps them exact."""
    return (scored.measure.low + scored.measure.high) / 2
