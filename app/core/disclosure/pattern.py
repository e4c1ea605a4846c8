"""Decide which sets of people are published together, from counts only, never from answers.

All published sets form a nested family (unit, municipality, region), and the remainder of a parent
without its published parts is empty or large: even beside a hidden unit that is just too small, it contains
at least `k` others. A small remainder is left out of the parent and counted only at a higher level.

Each measure has a pattern of its own, based on its own valid answers. Measures without common items
have different unknowns, so their patterns together reveal no more than each alone. Measures with common
items are nested `within` one another: then every hidden remainder of the wider pattern lies entirely inside
or outside each parent of the narrower one, and subtraction across the two yields no set that neither
publishes nor keeps large.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.core.disclosure.group_suppression import allowed_groups, allowed_municipalities
from app.core.organisations import Region

Mask = NDArray[np.bool_]
PLACEMENT_FACTOR = 2


@dataclass(frozen=True, eq=False)
class AnswerCounts:
    """Number of answers by unit and staff group; the last group column is "none given".

    `ballots`: units x groups. `valid`: units x groups x measures, the valid answers of each measure; at least one
    measure (the ballots themselves will do).
    """

    ballots: NDArray[np.int64]
    valid: NDArray[np.int64]

    @property
    def staff_group_count(self) -> int:
        """The number of staff groups, without "none given"."""
        return int(self.ballots.shape[1]) - 1

    @cached_property
    def units_with_answers(self) -> Mask:
        """Mask of the units with any answers."""
        mask: Mask = self.ballots.sum(axis=1) > 0
        return mask

    def fewest_valid_answers(self, units: Mask) -> int:
        """Return the smallest number of valid answers of any measure among `units`."""
        return int(min(self.valid[units].sum(axis=(0, 1)).tolist()))


@dataclass(frozen=True, slots=True, eq=False)
class PublicationPattern:
    """What is published in one family of figures, as masks over the region's units.

    `municipalities` and `region` mark the units counted in a published parent. `groups` are the staff groups
    published for the region; `unit_groups` (units x groups) those published for a unit. `municipalities_with_groups`
    are the municipalities for which all of `groups` are published.
    """

    shown: Mask
    placement: Mask
    municipalities: Mapping[str, Mask]
    region: Mask | None
    groups: tuple[int, ...] = ()
    unit_groups: Mask = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))
    withdrawn: tuple[str, ...] = ()
    municipalities_with_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MinimumAnswers:
    """Minimum answers for numbers, for the remainder beside them, and for a placement."""

    threshold: int
    remainder: int
    placement: int | None = None


def decide_pattern(
    region: Region,
    tally: AnswerCounts,
    limits: MinimumAnswers,
    *,
    by_group: bool = False,
    within: Sequence[PublicationPattern] = (),
    overall: PublicationPattern | None = None,
    placeable: Mask | None = None,
) -> PublicationPattern:
    """Decide what is published of one measure, from counts alone.

    `within` are the patterns of less demanding figures over the same answers: this pattern publishes nothing that
    one of them withholds, no parent counts a unit that the same parent leaves out there, and none of their hidden
    remainders is split. `overall` is the pattern of all ballots; it bounds every measure, so that one statement of
    participation is valid for all of them. `placeable` are the units that may have a placement; a unit with numbers
    has none.
    """
    bounds = (*within, *(() if overall is None else (overall,)))
    fewest = tally.valid.sum(axis=1).min(axis=1)
    shown = fewest >= limits.threshold
    for bound in bounds:
        shown &= bound.shown
    placement = np.zeros_like(shown) if limits.placement is None else (fewest >= limits.placement) & ~shown
    if placeable is not None:
        placement &= placeable
    placed = np.logical_or.reduce([placement, *(pattern.placement for pattern in within)])
    municipalities = {}
    for municipality, members in _members(region).items():
        base = np.logical_and.reduce([members, *(_municipality_units(bound, municipality) for bound in bounds)])
        hidden = [_municipality_units(pattern, municipality) & ~pattern.shown for pattern in within]
        mask = _without_small_remainder(base, shown, tally, least=limits.remainder, placed=placed, whole=hidden)
        if mask.any() and tally.fewest_valid_answers(mask) >= limits.threshold:
            municipalities[municipality] = mask
    base = np.logical_and.reduce([np.ones_like(shown), *(_region_units(bound) for bound in bounds)])
    covered = np.logical_or.reduce([np.zeros_like(shown), *municipalities.values()])
    hidden = [_region_units(pattern) & ~_units_of_municipalities(pattern) for pattern in within]
    everybody = _without_small_remainder(base, covered, tally, least=limits.remainder, placed=placed, whole=hidden)
    printed = everybody if everybody.any() and tally.fewest_valid_answers(everybody) >= limits.threshold else None
    pattern = PublicationPattern(shown, placement, municipalities, printed)
    return _with_groups(
        pattern, region, tally, threshold=limits.threshold, by_group=by_group, within=within, overall=overall
    )


def _members(region: Region) -> dict[str, Mask]:
    municipality_of_unit = np.array([unit.municipality for unit in region.units])
    return {municipality.id: municipality_of_unit == municipality.id for municipality in region.municipalities}


def _municipality_units(pattern: PublicationPattern, municipality: str) -> Mask:
    """Return the units that a municipality counts; none if it is not published."""
    return pattern.municipalities.get(municipality, np.zeros_like(pattern.shown))


def _region_units(pattern: PublicationPattern) -> Mask:
    """Return the units that the region counts; none if it is not published."""
    return np.zeros_like(pattern.shown) if pattern.region is None else pattern.region


def _units_of_municipalities(pattern: PublicationPattern) -> Mask:
    """Return the units counted in any published municipality."""
    mask: Mask = np.logical_or.reduce([np.zeros_like(pattern.shown), *pattern.municipalities.values()])
    return mask


def _without_small_remainder(
    base: Mask, printed: Mask, tally: AnswerCounts, *, least: int, placed: Mask, whole: Sequence[Mask]
) -> Mask:
    """Return the units of a parent, without the unpublished ones unless these are none or many enough.

    The answers of a placed unit are already known to half the range; then twice as many others are needed.
    `whole` are remainders of figures over the same answers: a parent with only a part of one of them would reveal
    the rest.
    """
    remainder: Mask = base & ~printed & tally.units_with_answers
    wanted = least * PLACEMENT_FACTOR if (remainder & placed).any() else least
    cut = any((mask & tally.units_with_answers & ~base).any() and (mask & base).any() for mask in whole)
    if not remainder.any() or (tally.fewest_valid_answers(remainder) >= wanted and not cut):
        return base
    mask: Mask = base & ~remainder
    return mask


def _with_groups(
    pattern: PublicationPattern,
    region: Region,
    tally: AnswerCounts,
    *,
    threshold: int,
    by_group: bool,
    within: Sequence[PublicationPattern],
    overall: PublicationPattern | None,
) -> PublicationPattern:
    """Add the staff groups of the region and, with `by_group`, of each unit."""
    nobody = np.zeros((len(pattern.shown), tally.staff_group_count), dtype=np.bool_)
    if pattern.region is None or tally.staff_group_count == 0:
        return replace(pattern, unit_groups=nobody)
    # Two patterns over the same answers that leave out different units would reveal a group's few in those units.
    same_people = all(np.array_equal(_region_units(other), pattern.region) for other in within)
    if not same_people:
        return replace(pattern, unit_groups=nobody)
    guarded = allowed_groups(
        tally.valid,
        atoms=_atoms(pattern),
        municipalities=np.array([unit.municipality for unit in region.units]),
        shown=pattern.shown,
        in_region=pattern.region,
        limits=(threshold, PLACEMENT_FACTOR * threshold),
        allowed=_allowed_groups(tally.staff_group_count, within, overall),
        in_units=_allowed_in_units(nobody, overall) if by_group else None,
    )
    result = replace(pattern, groups=guarded.groups, unit_groups=guarded.unit_groups, withdrawn=guarded.withdrawn)
    if not by_group:
        return result
    chosen = allowed_municipalities(
        tally.valid,
        guarded.unit_groups,
        atoms=_atoms(pattern),
        blocks=_allowed_blocks(pattern, guarded.groups, within, overall),
        in_region=pattern.region,
        groups=guarded.groups,
        limits=(threshold, PLACEMENT_FACTOR * threshold),
    )
    return replace(result, municipalities_with_groups=chosen)


def _allowed_blocks(
    pattern: PublicationPattern,
    groups: tuple[int, ...],
    within: Sequence[PublicationPattern],
    overall: PublicationPattern | None,
) -> dict[str, Mask]:
    """Return the municipalities that may publish staff groups.

    Figures over the same answers must publish the groups of the same municipalities over the same units; `overall`
    must publish them too, since it states how many answered.
    """
    result = {}
    for name, mask in pattern.municipalities.items():
        linked = all(
            name in bound.municipalities_with_groups
            and bound.groups == groups
            and np.array_equal(_municipality_units(bound, name), mask)
            for bound in within
        )
        if linked and (overall is None or name in overall.municipalities_with_groups):
            result[name] = mask
    return result


def _allowed_groups(
    groups: int, within: Sequence[PublicationPattern], overall: PublicationPattern | None
) -> tuple[int, ...]:
    bounds = (*within, *(() if overall is None else (overall,)))
    return tuple(group for group in range(groups) if all(group in bound.groups for bound in bounds))


def _allowed_in_units(nobody: Mask, overall: PublicationPattern | None) -> Mask:
    return ~nobody if overall is None else overall.unit_groups


def _atoms(pattern: PublicationPattern) -> NDArray[np.int64]:
    """Return the index of the smallest set around each unit that published totals distinguish; -1 if unpublished.

    A published unit is alone; the unpublished units of a published municipality are one set, and so are those
    that only the region counts.
    """
    atoms = np.full(len(pattern.shown), -1, dtype=np.int64)
    if pattern.region is not None:
        atoms[pattern.region] = 0
    for number, mask in enumerate(pattern.municipalities.values(), start=1):
        atoms[mask] = number
    alone = np.flatnonzero(pattern.shown)
    atoms[alone] = len(pattern.municipalities) + 1 + np.arange(len(alone))
    return atoms
