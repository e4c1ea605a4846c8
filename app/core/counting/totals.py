"""The sums of every printed cell, one row for each cell, and no row's numbers where it is withheld."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.counting.families import Spot, counted_in
from app.core.counting.measures import Scored
from app.core.counting.printing import Counts, Floats, half_widths, spread_in_print
from app.core.counting.sums import Sums, middle_of
from app.core.disclosure.release import Pattern
from app.core.organisations import Region


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """One row for each cell: `printed`, `ballots`, `invited`, `units` counted in it; x measures the rest."""

    printed: NDArray[np.bool_]
    ballots: Counts
    invited: Counts
    units: Counts
    n: Counts
    total: Floats
    squares: Floats
    low: Counts
    high: Counts
    strain: Counts


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """One number for each cell and one measure; `own` and `conditions` are half-widths of intervals."""

    n: Counts
    mean: Floats
    own: Floats
    conditions: Floats


def invited_of(region: Region, groups: Sequence[str]) -> Counts:
    """Return units x groups: how many were invited; the last column is the whole unit."""
    rows = [[*(unit.invited.get(group, 0) for group in groups), unit.size] for unit in region.units]
    return np.array(rows, dtype=np.int64).reshape(len(region.units), len(groups) + 1)


def totals_of(sums: Sums, spots: Sequence[Spot], pattern: Pattern, invited: Counts) -> Totals:
    """Add up what each printed cell holds."""
    rows = [counted_in(spot, pattern) for spot in spots]
    nobody = np.array([], dtype=np.intp)
    found = [nobody if row is None else row for row in rows]

    def summed(table: NDArray[np.generic]) -> NDArray[np.float64]:
        whole = table.sum(axis=1)
        parts = [
            (whole if spot.group is None else table[:, spot.group])[row].sum(axis=0)
            for spot, row in zip(spots, found, strict=True)
        ]
        return np.array(parts)

    columns = [-1 if spot.group is None else spot.group for spot in spots]
    answered = sums.ballots.sum(axis=1) > 0
    return Totals(
        printed=np.array([row is not None for row in rows], dtype=np.bool_),
        ballots=summed(sums.ballots).astype(np.int64),
        invited=np.array([invited[row, column].sum() for row, column in zip(found, columns, strict=True)]),
        units=np.array([answered[row].sum() for row in found]),
        n=summed(sums.n).astype(np.int64),
        total=summed(sums.total),
        squares=summed(sums.squares),
        low=summed(sums.low).astype(np.int64),
        high=summed(sums.high).astype(np.int64),
        strain=summed(sums.strain).astype(np.int64),
    )


def estimates_of(totals: Totals, column: int, scored: Scored) -> Estimates:
    """Return means and half-widths of one measure in every cell.

    The interval of "our staff now" carries the finite population correction sqrt(1 - n / N); where
    N is not known it is 0, and no correction is made. Source: Cochran (1977), ch. 2.
    """
    n = totals.n[:, column]
    counted = np.maximum(n, 1)
    mean = totals.total[:, column] / counted
    variance = np.maximum(totals.squares[:, column] - n * mean**2, 0.0) / np.maximum(n - 1, 1)
    centre = mean + middle_of(scored)
    conditions = half_widths(spread_in_print(np.sqrt(variance), centre, n, scored.measure, scored.items), n)
    silent = np.where(totals.invited > 0, 1 - n / np.maximum(totals.invited, counted), 1.0)
    return Estimates(n, centre, conditions * np.sqrt(silent), conditions)
