"""What is printed of one measure, a column at a time: a country has a hundred thousand figures.

Equal parts are one object, so that whoever writes the figures may write each part once.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import repeat
from math import sqrt
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from app.core.counting.bands import WIDTH, middles
from app.core.counting.families import CellRef
from app.core.counting.measures import ScoredMeasure
from app.core.counting.rounding import (
    CAPS,
    FINE_FROM,
    Counts,
    Ends,
    Floats,
    ends_rounded_once,
    printed_half_widths,
    printed_share_interval,
    round_half_even,
    round_intervals,
    round_means,
    round_outwards,
    round_shares,
    rounding_step,
)
from app.core.counting.totals import CellTotals, cell_estimates
from app.core.publication import Capped, DisclosureState, Distribution, Figure, Measure
from app.core.stats.power import noncentrality_of

Pair = tuple[float, float]
_Part = TypeVar("_Part", bound=Hashable)
_NOTHING: Mapping[int, float] = {}


class Interner:
    """Keeps one object of each value, for one count."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._known: dict[Any, Any] = {}

    def all(self, parts: Sequence[_Part]) -> list[_Part]:
        """Return for each part the first that was equal to it."""
        return list(map(self._known.setdefault, parts, parts))


@dataclass(frozen=True, slots=True, eq=False)
class RowBatch:
    """The numbers of some cells and one measure, whose means are printed with the same grain.

    `fine` are municipalities and the region with so many answers that nothing has to be rounded outwards.
    """

    grain: float | None
    rows: NDArray[np.intp]
    n: Counts
    mean: Floats
    own: Floats
    conditions: Floats
    invited: Counts
    fine: NDArray[np.bool_]
    told: Counts
    middle: Counts
    everyone: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class PrintedFigures:
    """What is printed of some cells, in columns; `rows` are the cells."""

    rows: list[int]
    mean: list[float]
    capped: list[Capped | None]
    interval: list[Pair | None]
    conditions: list[Pair | None]
    worst_case: list[Pair | None]
    smallest_change: list[float | None]
    seen_mostly: list[float | None]
    half: list[float | None]
    grain: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What a measure's figures say of who is counted, by cell: only where it is not what the cell says of all."""

    bands: Mapping[int, str]
    covers: Mapping[int, tuple[int, int]]
    detail_covers: Mapping[int, tuple[int, int]]


def print_measure(totals: CellTotals, column: int, scored: ScoredMeasure, pool: Interner) -> list[PrintedFigures]:
    """Return what is printed of one measure in every printed cell, one part for each grain."""
    return [_print(lines, scored.measure, pool) for lines in _lines_of(totals, column, scored)]


def _lines_of(totals: CellTotals, column: int, scored: ScoredMeasure) -> Iterable[RowBatch]:
    found_cell_estimates = cell_estimates(totals, column, scored)
    printed = np.flatnonzero(totals.printed)
    middle = middles(found_cell_estimates.n, totals.start, totals.top)
    counts = _told(totals, middle)
    sizes, place = np.unique(counts[printed], return_inverse=True)  # by the exact number a grain would tell it
    grains = [rounding_step(int(n), scored.measure, scored.items) for n in sizes]
    for grain in dict.fromkeys(grains):
        rows = printed[np.array([each_grain == grain for each_grain in grains])[place]]
        fine = totals.parents & (found_cell_estimates.n >= FINE_FROM)
        numbers = (
            found_cell_estimates.n,
            found_cell_estimates.mean,
            found_cell_estimates.own,
            found_cell_estimates.conditions,
            totals.invited,
            fine,
            counts,
            middle,
            totals.everyone,
        )
        yield RowBatch(grain, rows, *(number[rows] for number in numbers))


def _print(lines: RowBatch, measure: Measure, pool: Interner) -> PrintedFigures:
    """Print means with their intervals; a capped one says its cap and no interval.

    Everything is rounded once, halves away from zero, where many answers stand behind a municipality or the
    region. Elsewhere the gate lets nothing finer than the printed interval be kept, and whatever is
    computed from it later must not claim more than the answers do: so it is rounded outwards.
    """
    mean, cap = round_means(lines.mean, measure, lines.grain)
    free = cap == 0
    conditions = _intervals(lines, lines.conditions, measure)
    narrow = _intervals(lines, lines.own, measure)
    own = np.maximum(narrow[0], conditions[0]), np.minimum(narrow[1], conditions[1])
    halves = np.where(lines.fine, lines.conditions, printed_half_widths(mean, conditions, measure, lines.grain))
    silent = free & ~(lines.everyone & (lines.invited <= lines.n))
    return PrintedFigures(
        rows=lines.rows.tolist(),
        mean=pool.all(mean.tolist()),
        capped=[CAPS[place] for place in cap.tolist()],
        interval=_pairs(own, silent, pool),
        conditions=_pairs(conditions, free, pool),
        worst_case=_pairs(
            _worst_cases(mean, lines, measure), free & (lines.n > 0) & (lines.told < lines.invited), pool
        ),
        smallest_change=_where_present(_visible_changes(halves, lines, measure, t_quantile), free, pool),
        seen_mostly=_where_present(_visible_changes(halves, lines, measure, noncentrality_of), free, pool),
        half=_where_present(round_half_even(lines.conditions, measure.decimals + 1).tolist(), free & lines.fine, pool),
        grain=lines.grain,
    )


def _intervals(lines: RowBatch, halves: Floats, measure: Measure) -> Ends:
    low, high = round_intervals(lines.mean, halves, measure, lines.grain)
    down, up = ends_rounded_once(lines.mean - halves, lines.mean + halves, measure)
    return np.where(lines.fine, down, low), np.where(lines.fine, up, high)


def _pairs(ends: Ends, there: NDArray[np.bool_], pool: Interner) -> list[Pair | None]:
    return _where_present(list(zip(ends[0].tolist(), ends[1].tolist(), strict=True)), there, pool)


def _where_present(values: Sequence[_Part], there: NDArray[np.bool_], pool: Interner) -> list[_Part | None]:
    """Return the values that are printed, and None for the others."""
    result: list[_Part | None] = list(pool.all(values))
    for place in np.flatnonzero(~there).tolist():
        result[place] = None
    return result


def _told(totals: CellTotals, middle: Counts) -> Counts:
    """Return how many answered at least, as far as print tells.

    That is the lower end of the cell's band, or of this question's own where fewer answered it.
    """
    of_all = middles(totals.ballots, totals.start, totals.top)
    lows = np.array([band.low for band in totals.bands], dtype=np.int64)
    counts: Counts = np.where(middle == of_all, lows, middle - WIDTH // 2)
    return counts


def _worst_cases(mean: Floats, lines: RowBatch, measure: Measure) -> Ends:
    """Return the means that all staff might have, from the printed mean and the printed bands.

    A coarsely printed mean may lie half a grain from the answers' own.
    """
    slack = (lines.grain or 0.0) / 2
    share = np.minimum(lines.told / np.maximum(lines.invited, 1), 1.0)
    low = share * (mean - slack) + (1 - share) * measure.low
    high = share * (mean + slack) + (1 - share) * measure.high
    return round_outwards(low, high, measure)


def _visible_changes(halves: Floats, lines: RowBatch, measure: Measure, times: Callable[[int], float]) -> list[float]:
    """Return the change of which a next round of the same size could see so much.

    Formula: sqrt(2) * h * times(2n - 2) / t(n - 1), h the half-width (from print where it is small), n the
    middle of the printed band. `times` is t for the least change that can be told from noise, and
    `noncentrality_of` for the one that is seen in four cases of five.
    """
    sizes, place = np.unique(lines.middle, return_inverse=True)
    gain = np.array([times(2 * n - 2) / t_quantile(n - 1) for n in sizes.tolist()])[place]
    result: list[float] = round_half_even(sqrt(2) * halves * gain, measure.decimals).tolist()
    return result


@cache
def t_quantile(degrees: int) -> float:
    """Return t at 97.5 per cent."""
    return float(special.stdtrit(degrees, 0.975))


def distribution_figures(detail: CellTotals, column: int) -> dict[int, Distribution]:
    """Return the shares in three classes of every cell that is large enough for them."""
    rows = np.flatnonzero(detail.printed)
    n, low, high = (table[rows, column] for table in (detail.n, detail.low, detail.high))
    sizes = middles(n, detail.start[rows], detail.top[rows])
    shares = (round_shares(part, n).tolist() for part in (low, n - low - high, high))
    return dict(zip(rows.tolist(), map(_distribution, *shares, sizes.tolist()), strict=True))


@lru_cache(maxsize=100_000)
def _distribution(low: int, middle: int, high: int, people: int) -> Distribution:
    shares = low, middle, high
    return Distribution(*shares, tuple(printed_share_interval(share, people) for share in shares))


def shown_figures(
    cells: Sequence[CellRef],
    prints: Sequence[PrintedFigures],
    measure: str,
    distributions: dict[int, Distribution],
    shrunken: Mapping[int, float] = _NOTHING,
    *,
    marks: Marks,
) -> dict[int, Figure]:
    """Make the figures of one measure, by cell."""
    result: dict[int, Figure] = {}
    for print in prints:
        # By place and without a loop of Python's own: a country has a hundred thousand.
        figures = map(
            Figure,
            (cells[row].cell for row in print.rows),
            repeat(measure),
            repeat(DisclosureState.SHOWN),
            print.mean,
            print.capped,
            print.interval,
            print.conditions,
            repeat(None),
            map(shrunken.get, print.rows),
            map(distributions.get, print.rows),
            repeat(()),
            print.worst_case,
            print.smallest_change,
            repeat(print.grain),
            map(marks.bands.get, print.rows),
            map(marks.covers.get, print.rows),
            map(marks.detail_covers.get, print.rows),
            print.seen_mostly,
            print.half,
        )
        result.update(zip(print.rows, figures, strict=True))
    return result
