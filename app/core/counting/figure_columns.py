"""Compute the published figures of a measure column by column, which is fast enough for a whole country.

Equal values are one object, so that the JSON writer can write each value once.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from math import sqrt
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.core.counting.bands import BAND_WIDTH, band_midpoints
from app.core.counting.families import CellRef
from app.core.counting.measures import ScoredMeasure
from app.core.counting.rounding import (
    CAPS,
    MIN_FINE_ANSWERS,
    Counts,
    Floats,
    IntervalEnds,
    half_widths_without_rounding,
    printed_share_interval,
    round_and_cap_means,
    round_and_cap_shares,
    round_half_away_from_zero,
    round_intervals,
    round_intervals_to_nearest,
    round_outwards,
    rounding_step,
)
from app.core.counting.totals import CellTotals, cell_estimates
from app.core.publication import Capped, DisclosureState, Distribution, Figure, Measure
from app.core.scientific import special
from app.core.stats.power import noncentrality_of

Pair = tuple[float, float]
_Part = TypeVar("_Part", bound=Hashable)
_NOTHING: Mapping[int, float] = MappingProxyType({})


class Interner:
    """Return one object for equal values, within one count."""

    def __init__(self) -> None:
        """Start with an empty table."""
        self._known: dict[Any, Any] = {}

    def intern_all(self, parts: Sequence[_Part]) -> list[_Part]:
        """Return for each value the first object that was equal to it."""
        return list(map(self._known.setdefault, parts, parts))


@dataclass(frozen=True, slots=True, eq=False)
class RowBatch:
    """Cells of one measure whose means are rounded to the same grain.

    `own` and `conditions` are half-widths of intervals. `fine` marks municipalities and the region with so many
    answers that intervals need no outward rounding.
    """

    grain: float | None
    rows: NDArray[np.intp]
    n: Counts
    mean: Floats
    own: Floats
    conditions: Floats
    invited: Counts
    fine: NDArray[np.bool_]
    least_answered: Counts
    middle: Counts
    everyone: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class RoundedFigures:
    """Rounded figures of some cells, as columns; `rows` are the cells' rows."""

    rows: list[int]
    mean: list[float]
    capped: list[Capped | None]
    interval: list[Pair | None]
    conditions: list[Pair | None]
    worst_case: list[Pair | None]
    visible_change: list[float | None]
    mostly_visible_change: list[float | None]
    half_width: list[float | None]
    grain: float | None


@dataclass(frozen=True, slots=True, eq=False)
class ParticipationOverrides:
    """Answer bands and coverage of a measure's figures by cell, where they differ from the cell's participation."""

    bands: Mapping[int, str]
    covers: Mapping[int, tuple[int, int]]
    detail_covers: Mapping[int, tuple[int, int]]


def rounded_figure_batches_of_measure(
    totals: CellTotals, column: int, scored: ScoredMeasure, pool: Interner
) -> list[RoundedFigures]:
    """Return the rounded figures of one measure in every published cell, one batch for each grain."""
    return [_round_batch(lines, scored.measure, pool) for lines in _batches_by_grain(totals, column, scored)]


def _batches_by_grain(totals: CellTotals, column: int, scored: ScoredMeasure) -> Iterable[RowBatch]:
    estimates = cell_estimates(totals, column, scored)
    published = np.flatnonzero(totals.printed)
    middle = band_midpoints(estimates.n, totals.start, totals.top)
    counts = _least_answered(totals, middle)
    # By the lowest possible number: a grain chosen by the exact number would reveal it.
    sizes, size_index = np.unique(counts[published], return_inverse=True)
    grains = [rounding_step(int(n), scored.measure, scored.item_count) for n in sizes]
    for grain in dict.fromkeys(grains):
        rows = published[np.array([other == grain for other in grains])[size_index]]
        fine = totals.parents & (estimates.n >= MIN_FINE_ANSWERS)
        numbers = (
            estimates.n,
            estimates.mean,
            estimates.own,
            estimates.conditions,
            totals.invited,
            fine,
            counts,
            middle,
            totals.everyone,
        )
        yield RowBatch(grain, rows, *(number[rows] for number in numbers))


def _round_batch(batch: RowBatch, measure: Measure, pool: Interner) -> RoundedFigures:
    """Round means and intervals; a capped mean has no interval.

    With many answers behind a municipality or the region, values are rounded half away from zero. Elsewhere
    nothing finer than the published interval may be stored, and later computations must not claim more than
    the answers support: so intervals are rounded outwards.
    """
    mean, cap = round_and_cap_means(batch.mean, measure, batch.grain)
    free = cap == 0
    conditions = _intervals(batch, batch.conditions, measure)
    narrow = _intervals(batch, batch.own, measure)
    own = np.maximum(narrow[0], conditions[0]), np.minimum(narrow[1], conditions[1])
    halves = np.where(
        batch.fine, batch.conditions, half_widths_without_rounding(mean, conditions, measure, batch.grain)
    )
    silent = free & ~(batch.everyone & (batch.invited <= batch.n))
    return RoundedFigures(
        rows=batch.rows.tolist(),
        mean=pool.intern_all(mean.tolist()),
        capped=[CAPS[cap_index] for cap_index in cap.tolist()],
        interval=_interval_pairs(own, silent, pool),
        conditions=_interval_pairs(conditions, free, pool),
        worst_case=_interval_pairs(
            _worst_cases(mean, batch, measure), free & (batch.n > 0) & (batch.least_answered < batch.invited), pool
        ),
        visible_change=_where_present(_visible_changes(halves, batch, measure, t_quantile_975), free, pool),
        mostly_visible_change=_where_present(_visible_changes(halves, batch, measure, noncentrality_of), free, pool),
        half_width=_where_present(
            round_half_away_from_zero(batch.conditions, measure.decimals + 1).tolist(), free & batch.fine, pool
        ),
        grain=batch.grain,
    )


def _intervals(batch: RowBatch, halves: Floats, measure: Measure) -> IntervalEnds:
    low, high = round_intervals(batch.mean, halves, measure, batch.grain)
    down, up = round_intervals_to_nearest(batch.mean - halves, batch.mean + halves, measure)
    return np.where(batch.fine, down, low), np.where(batch.fine, up, high)


def _interval_pairs(ends: IntervalEnds, present: NDArray[np.bool_], pool: Interner) -> list[Pair | None]:
    return _where_present(list(zip(ends[0].tolist(), ends[1].tolist(), strict=True)), present, pool)


def _where_present(values: Sequence[_Part], present: NDArray[np.bool_], pool: Interner) -> list[_Part | None]:
    """Return the values that are published, and None for the others."""
    result: list[_Part | None] = list(pool.intern_all(values))
    for row in np.flatnonzero(~present).tolist():
        result[row] = None
    return result


def _least_answered(totals: CellTotals, middle: Counts) -> Counts:
    """Return the minimum number of answers that the published bands imply.

    This is the lower end of the cell's band, or of the question's own band if fewer people answered it.
    """
    of_all = band_midpoints(totals.ballots, totals.start, totals.top)
    lows = np.array([band.low for band in totals.bands], dtype=np.int64)
    counts: Counts = np.where(middle == of_all, lows, middle - BAND_WIDTH // 2)
    return counts


def _worst_cases(mean: Floats, batch: RowBatch, measure: Measure) -> IntervalEnds:
    """Return the range of possible means of all staff, from the published mean and bands.

    A coarsely rounded mean may be half a grain from the true mean.
    """
    slack = (batch.grain or 0.0) / 2
    share = np.minimum(batch.least_answered / np.maximum(batch.invited, 1), 1.0)
    low = share * (mean - slack) + (1 - share) * measure.low
    high = share * (mean + slack) + (1 - share) * measure.high
    return round_outwards(low, high, measure)


def _visible_changes(halves: Floats, batch: RowBatch, measure: Measure, times: Callable[[int], float]) -> list[float]:
    """Return the change that a next round of the same size could detect.

    Formula: sqrt(2) * h * times(2n - 2) / t(n - 1), h the half-width (the published one for small cells), n the
    midpoint of the published band. `times` is the t quantile for the smallest detectable change, and
    `noncentrality_of` for the change that is detected with a probability of 80 per cent.
    """
    sizes, size_index = np.unique(batch.middle, return_inverse=True)
    gain = np.array([times(2 * n - 2) / t_quantile_975(n - 1) for n in sizes.tolist()])[size_index]
    result: list[float] = round_half_away_from_zero(sqrt(2) * halves * gain, measure.decimals).tolist()
    return result


@lru_cache(maxsize=4096)
def t_quantile_975(degrees: int) -> float:
    """Return the 97.5 per cent quantile of Student's t distribution."""
    return float(special.stdtrit(degrees, 0.975))


def distributions_by_row(detail: CellTotals, column: int) -> dict[int, Distribution]:
    """Return the shares in three classes of every cell with enough answers, by row."""
    rows = np.flatnonzero(detail.printed)
    n, low, high = (table[rows, column] for table in (detail.n, detail.low, detail.high))
    sizes = band_midpoints(n, detail.start[rows], detail.top[rows])
    shares = (round_and_cap_shares(part, n).tolist() for part in (low, n - low - high, high))
    return dict(zip(rows.tolist(), map(_distribution, *shares, sizes.tolist()), strict=True))


@lru_cache(maxsize=100_000)
def _distribution(low: int, middle: int, high: int, answers: int) -> Distribution:
    shares = low, middle, high
    return Distribution(*shares, tuple(printed_share_interval(share, answers) for share in shares))


def build_measure_figures_by_row(
    cells: Sequence[CellRef],
    batches: Sequence[RoundedFigures],
    measure: str,
    distributions: dict[int, Distribution],
    shrunken: Mapping[int, float] = _NOTHING,
    *,
    marks: ParticipationOverrides,
) -> dict[int, Figure]:
    """Build the published figures of one measure, by row."""
    result: dict[int, Figure] = {}
    for batch in batches:
        # Positional arguments through map(), not a loop: a country has a hundred thousand figures.
        figures = map(
            Figure,
            (cells[row].cell for row in batch.rows),
            repeat(measure),
            repeat(DisclosureState.SHOWN),
            batch.mean,
            batch.capped,
            batch.interval,
            batch.conditions,
            repeat(None),
            map(shrunken.get, batch.rows),
            map(distributions.get, batch.rows),
            repeat(()),
            batch.worst_case,
            batch.visible_change,
            repeat(batch.grain),
            map(marks.bands.get, batch.rows),
            map(marks.covers.get, batch.rows),
            map(marks.detail_covers.get, batch.rows),
            batch.mostly_visible_change,
            batch.half_width,
        )
        result.update(zip(batch.rows, figures, strict=True))
    return result
