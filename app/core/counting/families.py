"""Figures over the same answers that need the same number of answers, and their patterns.

Plain scales and sensitive ones are two families. Each has a first pattern for means, and a second,
nested in the first, for what says more: distributions, items and quadrants.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.counting.measures import Scored
from app.core.counting.sums import Sums
from app.core.disclosure.policy import Policy
from app.core.disclosure.release import Pattern, Tally, decide
from app.core.organisations import Region
from app.core.publication import Cell, Level, MeasureKind

HIDING = 2  # times k others beside the too few; with once k the attacker broke 1 set in 4,000


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """The columns of the family's scales and items, and who is printed."""

    scales: tuple[int, ...]
    items: tuple[int, ...]
    means: Pattern
    detail: Pattern


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell with its place in the tables: the unit's row or None, the group's column or None."""

    cell: Cell
    unit: int | None = None
    group: int | None = None


def families_of(
    region: Region, sums: Sums, measures: tuple[Scored, ...], *, policy: Policy, by_group: bool
) -> tuple[Family, Family]:
    """Decide the patterns of the plain and of the sensitive family, by counts alone."""
    plain = _family(region, sums, _columns(measures, sensitive=False), _thresholds(policy), by_group=by_group)
    stricter = _Thresholds(
        policy.sensitive_from, None, max(policy.sensitive_from, policy.distribution_from), HIDING * policy.k
    )
    sensitive = _family(region, sums, _columns(measures, sensitive=True), stricter, by_group=False)
    return plain, sensitive


@dataclass(frozen=True, slots=True)
class _Thresholds:
    """What means, placements and detail need, and how many others must stand beside the too few."""

    means: int
    placement: int | None
    detail: int
    beside: int


def _thresholds(policy: Policy) -> _Thresholds:
    return _Thresholds(policy.k, policy.placement_from, policy.distribution_from, HIDING * policy.k)


def _columns(measures: tuple[Scored, ...], *, sensitive: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    mine = [index for index, scored in enumerate(measures) if scored.measure.sensitive == sensitive]
    scales = tuple(index for index in mine if measures[index].measure.kind is MeasureKind.SCALE)
    return scales, tuple(index for index in mine if index not in scales)


def _family(
    region: Region,
    sums: Sums,
    columns: tuple[tuple[int, ...], tuple[int, ...]],
    thresholds: _Thresholds,
    *,
    by_group: bool,
) -> Family:
    scales, items = columns
    means = decide(
        region,
        tally_of(sums, scales),
        threshold=thresholds.means,
        remainder=thresholds.means + thresholds.beside,
        placement_from=thresholds.placement,
        by_group=by_group,
    )
    both = sums.strain.sum(axis=-1)
    detail = decide(
        region,
        tally_of(sums, scales + items, joint=both if both.any() else None),
        threshold=thresholds.detail,
        remainder=thresholds.detail + thresholds.beside,
        within=means,
    )
    return Family(scales, items, means, detail)


def tally_of(sums: Sums, columns: tuple[int, ...], joint: NDArray[np.int64] | None = None) -> Tally:
    """Return the counts that a family's pattern is made of."""
    valid = [sums.ballots, *(sums.n[:, :, column] for column in columns)]
    if joint is not None:
        valid.append(joint)
    return Tally(sums.ballots, np.stack(valid, axis=-1))


def spots_of(region: Region, groups: tuple[str, ...], chosen: NDArray[np.bool_]) -> tuple[Spot, ...]:
    """Return every cell of a publication in order; of units' groups only the `chosen` ones."""
    spots = [Spot(Cell(Level.REGION, region.id))]
    spots += [Spot(Cell(Level.REGION, region.id, name), group=index) for index, name in enumerate(groups)]
    spots += [Spot(Cell(Level.MUNICIPALITY, municipality.id)) for municipality in region.municipalities]
    for row, unit in enumerate(region.units):
        spots.append(Spot(Cell(Level.COMMUNITY, unit.id), unit=row))
        for column in np.flatnonzero(chosen[row]):
            spots.append(Spot(Cell(Level.COMMUNITY, unit.id, groups[column]), unit=row, group=int(column)))
    return tuple(spots)


def counted_in(spot: Spot, pattern: Pattern) -> NDArray[np.intp] | None:
    """Return the rows of the units that a municipality or the region counts, or None where it is withheld."""
    if spot.cell.level is Level.MUNICIPALITY:
        mask = pattern.municipalities.get(spot.cell.unit)
    else:
        mask = pattern.region if spot.group is None or spot.group in pattern.groups else None
    return None if mask is None else np.flatnonzero(mask)
