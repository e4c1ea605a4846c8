"""Who may be printed together: a pattern made of counts alone, never of answers.

Every printed set is one of a nested family (community, municipality, region), and what remains of a
parent when its printed parts are taken away is empty or large: even beside a hidden community that
is only just too small, at least `k` others stand in it. A small remainder is left out of the parent
and counted only further up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.core.disclosure.crossings import guarded_groups
from app.core.organisations import Region

Mask = NDArray[np.bool_]
TWICE = 2


@dataclass(frozen=True, eq=False)
class Tally:
    """How many answered, by unit and staff group; the last group column is "none given".

    `ballots`: units x groups. `valid`: units x groups x measures, the answers that each figure
    rests on; one measure at least (the ballots themselves will do).
    """

    ballots: NDArray[np.int64]
    valid: NDArray[np.int64]

    @property
    def groups(self) -> int:
        """How many staff groups can be named (without "none given")."""
        return int(self.ballots.shape[1]) - 1

    @cached_property
    def answered(self) -> Mask:
        """Which units anybody answered in."""
        found: Mask = self.ballots.sum(axis=1) > 0
        return found

    def fewest(self, units: Mask) -> int:
        """Return the smallest number of answers that any measure has among these units."""
        return int(min(self.valid[units].sum(axis=(0, 1)).tolist()))


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """What is printed in one family of figures, as masks over the region's units.

    `municipalities` and `region` say which units are counted in a printed parent. `groups` are the
    staff groups printed for the region; `unit_groups` (units x groups) those printed for a unit.
    """

    shown: Mask
    placement: Mask
    municipalities: Mapping[str, Mask]
    region: Mask | None
    groups: tuple[int, ...] = ()
    unit_groups: Mask = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))
    withdrawn: tuple[str, ...] = ()


def decide(
    region: Region,
    tally: Tally,
    *,
    threshold: int,
    remainder: int,
    placement_from: int | None = None,
    by_group: bool = False,
    within: Pattern | None = None,
) -> Pattern:
    """Decide what is printed where a number needs `threshold` answers, and what is left over `remainder`.

    `within` is the pattern of a less demanding family over the same answers: nothing is printed that
    it does not print, and no parent counts a unit that its parent leaves out, so that the two
    families together are still nested.
    """
    fewest = tally.valid.sum(axis=1).min(axis=1)
    shown = fewest >= threshold
    if within is not None:
        shown &= within.shown
    placement = np.zeros_like(shown) if placement_from is None else (fewest >= placement_from) & ~shown
    placed = placement if within is None else within.placement
    municipalities = {}
    for municipality, members in _members(region).items():
        base = members if within is None else within.municipalities.get(municipality, np.zeros_like(shown))
        kept = _without_small_remainder(base, shown, tally, least=remainder, placed=placed)
        if kept.any() and tally.fewest(kept) >= threshold:
            municipalities[municipality] = kept
    whole = _whole(within, len(shown))
    covered = np.logical_or.reduce([np.zeros_like(shown), *municipalities.values()])
    everybody = _without_small_remainder(whole, covered, tally, least=remainder, placed=placed)
    printed = everybody if everybody.any() and tally.fewest(everybody) >= threshold else None
    pattern = Pattern(shown, placement, municipalities, printed)
    return _with_groups(pattern, region, tally, threshold=threshold, by_group=by_group, within=within)


def _members(region: Region) -> dict[str, Mask]:
    home = np.array([unit.municipality for unit in region.units])
    return {municipality.id: home == municipality.id for municipality in region.municipalities}


def _whole(within: Pattern | None, units: int) -> Mask:
    if within is None:
        return np.ones(units, dtype=np.bool_)
    return np.zeros(units, dtype=np.bool_) if within.region is None else within.region


def _without_small_remainder(base: Mask, printed: Mask, tally: Tally, *, least: int, placed: Mask) -> Mask:
    """Leave the unprinted part out of a parent unless it is empty or large enough by itself.

    A unit that is placed is known to half a range already; the others must be twice as many, or
    both together pin it down.
    """
    remainder: Mask = base & ~printed & tally.answered
    wanted = least * TWICE if (remainder & placed).any() else least
    if not remainder.any() or tally.fewest(remainder) >= wanted:
        return base
    kept: Mask = base & ~remainder
    return kept


def _with_groups(
    pattern: Pattern,
    region: Region,
    tally: Tally,
    *,
    threshold: int,
    by_group: bool,
    within: Pattern | None,
) -> Pattern:
    """Add the staff groups of the region and, where switched on, of each unit."""
    nobody = np.zeros((len(pattern.shown), tally.groups), dtype=np.bool_)
    if pattern.region is None or tally.groups == 0:
        return replace(pattern, unit_groups=nobody)
    # Two families that leave different units out would give a group's few in those units away.
    same_people = within is None or np.array_equal(_whole(within, len(pattern.shown)), pattern.region)
    if not same_people:
        return replace(pattern, unit_groups=nobody)
    guarded = guarded_groups(
        tally.valid,
        atoms=_atoms(pattern),
        homes=np.array([unit.municipality for unit in region.units]),
        shown=pattern.shown,
        in_region=pattern.region,
        limits=(threshold, TWICE * threshold),
        allowed=tuple(range(tally.groups)) if within is None else within.groups,
        by_group=by_group,
    )
    return replace(pattern, groups=guarded.groups, unit_groups=guarded.unit_groups, withdrawn=guarded.withdrawn)


def _atoms(pattern: Pattern) -> NDArray[np.int64]:
    """Give a number to each finest set of units that totals tell apart; units printed nowhere get -1.

    A printed unit is alone; the unprinted units of one printed municipality are together; so are
    those that only the region counts.
    """
    atoms = np.full(len(pattern.shown), -1, dtype=np.int64)
    if pattern.region is not None:
        atoms[pattern.region] = 0
    for number, mask in enumerate(pattern.municipalities.values(), start=1):
        atoms[mask] = number
    alone = np.flatnonzero(pattern.shown)
    atoms[alone] = len(pattern.municipalities) + 1 + np.arange(len(alone))
    return atoms
