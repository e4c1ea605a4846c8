"""Sums over ballots, by unit and staff group: all that the count needs, and it never leaves memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.counting.collected import NO_GROUP, Collected
from app.core.counting.measures import Scored
from app.core.counting.printing import TINY, Counts, Floats
from app.core.instruments import Instrument, score

STRAINS = ("high_strain", "active", "passive", "low_strain")


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Units x groups x measures; the last group is "none given".

    `n`, `total`, `squares` of the scores (about the middle of their range), `low` and `high` how
    many lie in the lower and upper third. `strain`: units x groups x 4 people by demands and
    control. `ballots`: units x groups.
    """

    ballots: Counts
    n: Counts
    total: Floats
    squares: Floats
    low: Counts
    high: Counts
    strain: Counts


def scores_of(instrument: Instrument, measures: tuple[Scored, ...], collected: Collected) -> Floats:
    """Return n x measures, NaN where a score is missing."""
    scores = np.empty((len(measures), len(collected)))
    for row, scored in zip(scores, measures, strict=True):
        row[:] = score(instrument, scored.scale, collected.ratings)
    return scores.T  # each measure's scores lie side by side in memory, as they are read


def sums_of(
    scores: Floats,
    collected: Collected,
    measures: tuple[Scored, ...],
    *,
    shape: tuple[int, int],
    strain: NDArray[np.int64],
) -> Sums:
    """Add scores up by unit and group. `shape` is (units, groups with "none given").

    `strain` says for each person in which of the four quadrants they are, -1 for none.
    """
    units, groups = shape
    group = np.where(collected.groups == NO_GROUP, groups - 1, collected.groups).astype(np.int64)
    place = collected.units.astype(np.int64) * groups + group
    cells = units * groups

    def added(weights: Floats | NDArray[np.bool_]) -> Floats:
        sums: Floats = np.bincount(place, weights=weights, minlength=cells).astype(np.float64)
        return sums.reshape(shape)

    def counted(flags: NDArray[np.bool_]) -> Counts:
        return np.rint(added(flags)).astype(np.int64)

    columns = [_columns(scores[:, index], scored) for index, scored in enumerate(measures)]
    return Sums(
        ballots=counted(np.ones(len(place), dtype=np.bool_)),
        n=_stacked([counted(column.valid) for column in columns], shape).astype(np.int64),
        total=_stacked([added(column.centred) for column in columns], shape),
        squares=_stacked([added(column.centred**2) for column in columns], shape),
        low=_stacked([counted(column.low) for column in columns], shape).astype(np.int64),
        high=_stacked([counted(column.high) for column in columns], shape).astype(np.int64),
        strain=np.stack([counted(strain == kind) for kind in range(len(STRAINS))], axis=-1),
    )


def strain_of_people(demands: Floats, control: Floats, *, cuts: tuple[float, float]) -> NDArray[np.int64]:
    """Return each person's quadrant, in the order of STRAINS; -1 where a score is missing.

    Demands are high strictly above their cut, control low strictly below its own.
    """
    high, low = demands > cuts[0], control < cuts[1]
    quadrant = np.where(high, np.where(low, 0, 1), np.where(low, 2, 3))
    return np.where(np.isfinite(demands) & np.isfinite(control), quadrant, -1)


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    valid: NDArray[np.bool_]
    centred: Floats
    low: NDArray[np.bool_]
    high: NDArray[np.bool_]


def _columns(values: Floats, scored: Scored) -> _Column:
    measure = scored.measure
    valid = np.isfinite(values)
    third = (measure.high - measure.low) / 3
    with np.errstate(invalid="ignore"):
        low = values < measure.low + third - TINY
        high = values > measure.high - third + TINY
    return _Column(valid, np.where(valid, values - middle_of(scored), 0.0), low, high)


def middle_of(scored: Scored) -> float:
    """Return the middle of a measure's range; sums are taken about it, which keeps them exact."""
    return (scored.measure.low + scored.measure.high) / 2


def _stacked(columns: list[NDArray[np.generic]], shape: tuple[int, int]) -> NDArray[np.float64]:
    if not columns:
        return np.zeros((*shape, 0))
    return np.ascontiguousarray(np.stack(columns).transpose(1, 2, 0))
