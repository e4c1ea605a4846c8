"""The sums of every printed cell, one row for each cell, and no row's numbers where it is withheld."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from app.core.counting.bands import CountBand, UnitBands, cell_bands
from app.core.counting.families import CellRef, counted_rows
from app.core.counting.measures import ScoredMeasure
from app.core.counting.rounding import Counts, Floats, bounded_spread, half_widths
from app.core.counting.sums import CellSums, range_midpoint
from app.core.disclosure.pattern import Pattern
from app.core.organisations import Region

_Number = TypeVar("_Number", np.int64, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class CellTotals:
    """One row for each cell: `printed`, `ballots`, `invited`, `units` counted in it; x measures the rest.

    `parents` are municipalities and the region, with their staff groups.
    `invited` is 0 where it must not be used: for staff groups, and where no response rate is told.
    `bands` say what is printed of each cell's count; `start`, `top` and `everyone` are theirs.
    """

    printed: NDArray[np.bool_]
    parents: NDArray[np.bool_]
    ballots: Counts
    invited: Counts
    units: Counts
    n: Counts
    total: Floats
    squares: Floats
    low: Counts
    high: Counts
    strain: Counts
    bands: tuple[CountBand, ...]
    start: Counts
    top: Counts
    everyone: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class CellEstimates:
    """One number for each cell and one measure; `own` and `conditions` are half-widths of intervals."""

    n: Counts
    mean: Floats
    own: Floats
    conditions: Floats


def invited_counts(region: Region, groups: Sequence[str]) -> Counts:
    """Return units x groups: how many were invited; the last column is the whole unit.

    Of a group it is 0, which means "not known": people tick their group themselves, while head counts
    come from the employer, so a response rate by group would be wrong.
    """
    rows = [[*(0 for _group in groups), unit.size] for unit in region.units]
    return np.array(rows, dtype=np.int64).reshape(len(region.units), len(groups) + 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Members:
    """Who is counted in which cell: `alone` are cells of one unit, `groups` -1 the whole of it; `parents` the rest."""

    cells: int
    alone: NDArray[np.intp]
    units: NDArray[np.intp]
    groups: NDArray[np.intp]
    parents: list[tuple[int, int, NDArray[np.intp]]]

    def added(self, table: NDArray[_Number]) -> NDArray[_Number]:
        """Add up a table of units x groups and the whole unit (x kinds); nothing for cells that are withheld."""
        result = np.zeros((self.cells, *table.shape[2:]), dtype=table.dtype)
        result[self.alone] = table[self.units, self.groups]
        for row, group, units in self.parents:
            result[row] = table[units, group].sum(axis=0)
        return result

    def added_in(self, table: NDArray[_Number], columns: Sequence[int]) -> NDArray[_Number]:
        """Add up some measures of a table of units x groups and the whole unit x measures; nothing for the others."""
        result = np.zeros((self.cells, table.shape[2]), dtype=table.dtype)
        if columns:
            result[:, list(columns)] = self.added(table[:, :, list(columns)])
        return result


def _members(cells: Sequence[CellRef], pattern: Pattern) -> _Members:
    alone = []
    parents = []
    for row, cell in enumerate(cells):
        group = -1 if cell.group is None else cell.group
        if cell.unit is None:
            units = counted_rows(cell, pattern)
            if units is not None:
                parents.append((row, group, units))
        elif (pattern.shown if group < 0 else pattern.unit_groups[:, group])[cell.unit]:
            alone.append((row, cell.unit, group))
    places = np.array(alone, dtype=np.intp).reshape(-1, 3)
    return _Members(len(cells), places[:, 0], places[:, 1], places[:, 2], parents)


def add_unit_totals(sums: CellSums) -> CellSums:
    """Return the sums with one group more, the last: everybody in the unit."""
    tables = {field.name: getattr(sums, field.name) for field in fields(sums)}
    return CellSums(
        **{name: np.concatenate([item, item.sum(axis=1, keepdims=True)], axis=1) for name, item in tables.items()}
    )


def cell_totals(
    wholes: CellSums,
    cells: Sequence[CellRef],
    pattern: Pattern,
    invited: Counts,
    columns: Sequence[int],
    units: UnitBands,
) -> CellTotals:
    """Return the sums of each published cell for the measures in `columns`; `wholes` comes from `add_unit_totals`."""
    members = _members(cells, pattern)
    printed = np.zeros(len(cells), dtype=np.bool_)
    printed[[*members.alone.tolist(), *(row for row, _, _ in members.parents)]] = True
    answered = (wholes.ballots[:, -1] > 0).astype(np.int64)
    ballots = members.added(wholes.ballots)
    invited_here = members.added(invited)
    bands = cell_bands(cells, pattern, ballots, invited_here, units)
    rates = [band.rate(size) for band, size in zip(bands, invited_here.tolist(), strict=True)]
    return CellTotals(
        printed=printed,
        parents=np.array([cell.unit is None for cell in cells], dtype=np.bool_),
        ballots=ballots,
        invited=np.where([rate is not None for rate in rates], invited_here, 0),
        units=members.added(np.repeat(answered[:, np.newaxis], invited.shape[1], axis=1)),
        n=members.added_in(wholes.n, columns),
        total=members.added_in(wholes.total, columns),
        squares=members.added_in(wholes.squares, columns),
        low=members.added_in(wholes.low, columns),
        high=members.added_in(wholes.high, columns),
        strain=members.added(wholes.strain),
        bands=bands,
        start=np.array([band.start for band in bands], dtype=np.int64),
        top=np.array([band.top for band in bands], dtype=np.int64),
        everyone=np.array([band.everyone for band in bands], dtype=np.bool_),
    )


def cell_estimates(totals: CellTotals, column: int, scored: ScoredMeasure) -> CellEstimates:
    """Return means and half-widths of one measure in every cell.

    The interval of "our staff now" carries the finite population correction sqrt(1 - n / N); where
    N is not known it is 0, and no correction is made. Where all answered and this is not told, one is
    taken to be silent. Source: Cochran (1977), ch. 2.
    """
    n = totals.n[:, column]
    counted = np.maximum(n, 1)
    mean = totals.total[:, column] / counted
    variance = np.maximum(totals.squares[:, column] - n * mean**2, 0.0) / np.maximum(n - 1, 1)
    centre = mean + range_midpoint(scored)
    conditions = half_widths(bounded_spread(np.sqrt(variance), centre, n, scored.measure, scored.items), n)
    answered = np.where(totals.everyone, n, np.minimum(n, totals.invited - 1))
    silent = np.where(totals.invited > 0, 1 - answered / np.maximum(totals.invited, counted), 1.0)
    return CellEstimates(n, centre, conditions * np.sqrt(silent), conditions)
