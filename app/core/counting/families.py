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
    plain = _family(
        region, sums, _columns(measures, sensitive=False), (policy.k, policy.placement_from, policy.distribution_from),
        by_group=by_group,
    )  # fmt: skip
    stricter = max(policy.sensitive_from, policy.distribution_from)
    sensitive = _family(
        region, sums, _columns(measures, sensitive=True), (policy.sensitive_from, None, stricter), by_group=False
    )
    return plain, sensitive


def _columns(measures: tuple[Scored, ...], *, sensitive: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    mine = [index for index, scored in enumerate(measures) if scored.measure.sensitive == sensitive]
    scales = tuple(index for index in mine if measures[index].measure.kind is MeasureKind.SCALE)
    return scales, tuple(index for index in mine if index not in scales)


def _family(
    region: Region,
    sums: Sums,
    columns: tuple[tuple[int, ...], tuple[int, ...]],
    thresholds: tuple[int, int | None, int],
    *,
    by_group: bool,
) -> Family:
    scales, items = columns
    k, placement_from, detail_from = thresholds
    means = decide(
        region, tally_of(sums, scales), threshold=k, placement_from=placement_from, by_group=by_group
    )  # fmt: skip
    both = sums.strain.sum(axis=-1)
    detail = decide(
        region, tally_of(sums, scales + items, joint=both if both.any() else None), threshold=detail_from, within=means
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
    """Return the rows of the units that a printed cell holds, or None where the pattern withholds it."""
    if spot.unit is not None:
        printed = pattern.shown[spot.unit] if spot.group is None else pattern.unit_groups[spot.unit, spot.group]
        return np.array([spot.unit]) if printed else None
    if spot.cell.level is Level.MUNICIPALITY:
        mask = pattern.municipalities.get(spot.cell.unit)
    else:
        mask = pattern.region if spot.group is None or spot.group in pattern.groups else None
    return None if mask is None else np.flatnonzero(mask)
