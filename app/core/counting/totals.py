"""Totals of every published cell, one row for each cell; rows of withheld cells are zero."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from app.core.counting.ballot_sums import range_midpoint
from app.core.counting.bands import CountBand, UnitBands, cell_bands
from app.core.counting.families import CellRef, counted_unit_rows
from app.core.counting.measures import ScoredMeasure
from app.core.counting.rounding import Counts, Floats, bounded_standard_deviations, half_widths
from app.core.counting.sums import CellSums
from app.core.disclosure.pattern import PublicationPattern
from app.core.organisations import Region

_Number = TypeVar("_Number", np.int64, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class CellTotals:
    """Totals, one row for each cell; `n` to `high` have one column for each measure.

    `printed` marks published cells, `parents` are municipalities and the region, with their staff groups, `units` is
    the number of units counted. `invited` is 0 where it must not be used: for staff groups, and where no response
    rate is published. `bands` are the published bands; `start`, `top` and `everyone` are their fields as arrays.
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
    """Means of one measure by cell; `own` and `conditions` are half-widths of intervals."""

    n: Counts
    mean: Floats
    own: Floats
    conditions: Floats


def invited_counts_of_whole_units(region: Region, groups: Sequence[str]) -> Counts:
    """Return the number of invited people as units x groups; the last column is the whole unit.

    It is 0 for groups, meaning unknown: people choose their group themselves, while head counts come from the
    employer, so a response rate by group would be wrong.
    """
    rows = [[*(0 for _group in groups), unit.invited_count] for unit in region.units]
    return np.array(rows, dtype=np.int64).reshape(len(region.units), len(groups) + 1)


@dataclass(frozen=True, slots=True, eq=False)
class _CellMembers:
    """Units counted in each cell: `alone` are cells of one unit (`groups` -1: all groups), `parents` the rest."""

    cells: int
    alone: NDArray[np.intp]
    units: NDArray[np.intp]
    groups: NDArray[np.intp]
    parents: list[tuple[int, int, NDArray[np.intp]]]

    def sum_table(self, table: NDArray[_Number]) -> NDArray[_Number]:
        """Sum a table of units x groups (x kinds) by cell; zero for withheld cells."""
        result = np.zeros((self.cells, *table.shape[2:]), dtype=table.dtype)
        result[self.alone] = table[self.units, self.groups]
        for row, group, units in self.parents:
            result[row] = table[units, group].sum(axis=0)
        return result

    def sum_columns(self, table: NDArray[_Number], columns: Sequence[int]) -> NDArray[_Number]:
        """Sum some measures of a table of units x groups x measures by cell; zero for the others."""
        result = np.zeros((self.cells, table.shape[2]), dtype=table.dtype)
        if columns:
            result[:, list(columns)] = self.sum_table(table[:, :, list(columns)])
        return result


def _members(cells: Sequence[CellRef], pattern: PublicationPattern) -> _CellMembers:
    alone = []
    parents = []
    for row, cell in enumerate(cells):
        group = -1 if cell.group is None else cell.group
        if cell.unit is None:
            units = counted_unit_rows(cell, pattern)
            if units is not None:
                parents.append((row, group, units))
        elif (pattern.shown if group < 0 else pattern.unit_groups[:, group])[cell.unit]:
            alone.append((row, cell.unit, group))
    indexes = np.array(alone, dtype=np.intp).reshape(-1, 3)
    return _CellMembers(len(cells), indexes[:, 0], indexes[:, 1], indexes[:, 2], parents)


def append_whole_unit_group(sums: CellSums) -> CellSums:
    """Return the sums with one more group, the last: everybody in the unit."""
    tables = {field.name: getattr(sums, field.name) for field in fields(sums)}
    return CellSums(
        **{name: np.concatenate([item, item.sum(axis=1, keepdims=True)], axis=1) for name, item in tables.items()}
    )


def cell_totals(
    unit_sums: CellSums,
    cells: Sequence[CellRef],
    pattern: PublicationPattern,
    invited: Counts,
    columns: Sequence[int],
    units: UnitBands,
) -> CellTotals:
    """Return the totals of each cell for the measures in `columns`; `append_whole_unit_group` gives `unit_sums`."""
    members = _members(cells, pattern)
    is_published = np.zeros(len(cells), dtype=np.bool_)
    is_published[[*members.alone.tolist(), *(row for row, _, _ in members.parents)]] = True
    answered = (unit_sums.ballots[:, -1] > 0).astype(np.int64)
    ballots = members.sum_table(unit_sums.ballots)
    invited_here = members.sum_table(invited)
    bands = cell_bands(cells, pattern, ballots, invited_here, units)
    rates = [band.response_rate_band_text(size) for band, size in zip(bands, invited_here.tolist(), strict=True)]
    return CellTotals(
        printed=is_published,
        parents=np.array([cell.unit is None for cell in cells], dtype=np.bool_),
        ballots=ballots,
        invited=np.where([rate is not None for rate in rates], invited_here, 0),
        units=members.sum_table(np.repeat(answered[:, np.newaxis], invited.shape[1], axis=1)),
        n=members.sum_columns(unit_sums.n, columns),
        total=members.sum_columns(unit_sums.total, columns),
        squares=members.sum_columns(unit_sums.squares, columns),
        low=members.sum_columns(unit_sums.low, columns),
        high=members.sum_columns(unit_sums.high, columns),
        strain=members.sum_table(unit_sums.strain),
        bands=bands,
        start=np.array([band.start for band in bands], dtype=np.int64),
        top=np.array([band.top for band in bands], dtype=np.int64),
        everyone=np.array([band.everyone for band in bands], dtype=np.bool_),
    )


def cell_estimates(totals: CellTotals, column: int, scored: ScoredMeasure) -> CellEstimates:
    """Return means and half-widths of one measure in every cell.

    The interval of "our staff now" has the finite population correction sqrt(1 - n / N); without it where N is
    unknown (0). Where everyone answered but this is not published, one non-respondent is assumed.
    Source: Cochran (1977), ch. 2.
    """
    n = totals.n[:, column]
    counted = np.maximum(n, 1)
    mean = totals.total[:, column] / counted
    variance = np.maximum(totals.squares[:, column] - n * mean**2, 0.0) / np.maximum(n - 1, 1)
    centre = mean + range_midpoint(scored)
    conditions = half_widths(
        bounded_standard_deviations(np.sqrt(variance), centre, n, scored.measure, scored.item_count), n
    )
    answered = np.where(totals.everyone, n, np.minimum(n, totals.invited - 1))
    silent = np.where(totals.invited > 0, 1 - answered / np.maximum(totals.invited, counted), 1.0)
    return CellEstimates(n, centre, conditions * np.sqrt(silent), conditions)
