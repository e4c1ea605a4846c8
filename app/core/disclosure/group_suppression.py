"""Suppression in tables of units by staff groups: an exact test, using counts only, that no small cell is exposed.

Totals by unit (or by the remainder of a municipality) and totals by staff group partition the same
people in two ways. Whatever an attacker derives from exact totals is a weighted total
sum(v * answer) with v = a(unit) + b(group). Scaled so that a hidden cell has weight 1, the cell is *safe*
if the weights of all other answers add up to `threshold` or more: then that many others hide
its few answers. For a cell in unit u of groups K the least sum of all weights is

    M(K) + max(0, n(u, K) - n(u, not K)),   M(K) = sum over units of min(n(u, K), n(u, not K)),

because the optimal b takes two values only (the coarea formula for weighted medians). So the test goes
through every choice of groups K once and uses no answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class AllowedGroups:
    """Staff groups that may be published, for the region and for each unit (units x groups)."""

    groups: tuple[int, ...]
    unit_groups: NDArray[np.bool_]
    withdrawn: tuple[str, ...]


def exposed_atom_mask(hidden: NDArray[np.int64], *, printed: tuple[int, ...], threshold: int) -> NDArray[np.bool_]:
    """Return the atoms in which fewer than `threshold` answers are hidden by fewer than `threshold` others.

    Parameters
    ----------
    hidden
        atoms x groups x measures: the answers of cells that are not printed themselves; the last
        group is "none given".
    printed
        the groups whose total over all atoms is printed.

    Returns
    -------
    One truth value for each atom.

    >>> teachers_of_one_atom_only = np.array([[[10], [3]], [[0], [30]]])
    >>> exposed_atom_mask(teachers_of_one_atom_only, printed=(0,), threshold=10)
    array([ True, False])
    """
    silent = [group for group in range(hidden.shape[1]) if group not in printed]
    columns = [hidden[:, group] for group in printed] + [hidden[:, silent].sum(axis=1)]
    cells = np.stack(columns, axis=1)
    everybody = cells.sum(axis=1)
    result = np.zeros(len(hidden), dtype=np.bool_)
    for size in range(1, len(columns)):
        for chosen in combinations(range(len(columns)), size):
            inside = cells[:, list(chosen)].sum(axis=1)
            outside = everybody - inside
            spread = np.minimum(inside, outside).sum(axis=0)
            least = spread + np.maximum(0, inside - outside)
            small = (inside > 0) & (inside < threshold)
            result |= (small & (least - inside < threshold)).any(axis=1)
    return result


def allowed_groups(
    valid: NDArray[np.int64],
    *,
    atoms: NDArray[np.int64],
    municipalities: NDArray[np.str_],
    shown: NDArray[np.bool_],
    in_region: NDArray[np.bool_],
    limits: tuple[int, int],
    allowed: tuple[int, ...],
    in_units: NDArray[np.bool_] | None,
) -> AllowedGroups:
    """Choose the staff groups to publish, withdrawing groups until no cell is exposed.

    `limits` are the threshold for numbers and the minimum remainder. The groups of the units of a municipality are
    withdrawn first, then the region's smallest group. `in_units` (units x groups) marks the groups of units that may
    be published at all; None for none.
    """
    threshold, remainder = limits
    groups = _enough_in_region(valid[in_region], allowed, threshold, remainder)
    units = np.zeros((len(valid), valid.shape[1] - 1), dtype=np.bool_)
    if in_units is not None:
        bound = in_units & shown[:, np.newaxis]
        units = _enough_in_units(valid, bound, allowed, threshold=threshold, remainder=remainder)
    withdrawn: set[str] = set()
    while True:
        exposed = exposed_atom_mask(_hidden(valid, units, atoms, in_region), printed=groups, threshold=threshold)
        guilty = exposed[np.maximum(atoms, 0)] & (atoms >= 0)
        if not guilty.any():
            return AllowedGroups(groups, units, tuple(sorted(withdrawn)))
        places = {str(home) for home in municipalities[guilty & units.any(axis=1)]}
        if places:
            units[np.isin(municipalities, sorted(places))] = False
            withdrawn |= places
        elif groups:
            groups = _without_smallest(groups, valid[in_region])
        else:
            return AllowedGroups((), np.zeros_like(units), tuple(sorted(withdrawn)))


def allowed_municipalities(
    valid: NDArray[np.int64],
    unit_groups: NDArray[np.bool_],
    *,
    atoms: NDArray[np.int64],
    blocks: Mapping[str, NDArray[np.bool_]],
    in_region: NDArray[np.bool_],
    groups: tuple[int, ...],
    limits: tuple[int, int],
) -> tuple[str, ...]:
    """Choose the municipalities that print all `groups` of the region; the others print none.

    Parameters
    ----------
    valid
        units x groups x measures: the answers; the last group is "none given".
    unit_groups
        units x groups: the groups that units print themselves.
    atoms
        the atom of each unit, as for `exposed_atom_mask`.
    blocks
        the units that each printed municipality counts.
    in_region
        the units that the region counts.
    groups
        the groups that the region prints.
    limits
        the threshold for numbers and the minimum remainder.

    A municipality that prints all of the region's groups splits the table into two that share no answer: its own, and
    that of all other units, whose group totals are the region's minus its own. So each is tested alone, as the region's
    table without municipalities is. With only some of its groups the tables would share unknowns.

    Returns
    -------
    The municipalities. The one with the fewest answers in a group is withdrawn until what is left over beside the
    chosen ones is safe.
    """
    hidden = valid.copy()
    hidden[:, :-1][unit_groups] = 0
    parts = {name: mask for name, mask in blocks.items() if groups and not (mask & ~in_region).any()}
    chosen = {name: mask for name, mask in parts.items() if _is_block_safe(valid, hidden, mask, atoms, groups, limits)}
    while chosen:
        rest = in_region & ~np.logical_or.reduce([*chosen.values()])
        if not rest.any() or _is_block_safe(valid, hidden, rest, atoms, groups, limits):
            return tuple(sorted(chosen))
        del chosen[min(chosen, key=lambda name: (int(valid[chosen[name]][:, list(groups)].sum(axis=0).min()), name))]
    return ()


def _is_block_safe(
    valid: NDArray[np.int64],
    hidden: NDArray[np.int64],
    mask: NDArray[np.bool_],
    atoms: NDArray[np.int64],
    groups: tuple[int, ...],
    limits: tuple[int, int],
) -> bool:
    """Tell whether the group totals of some units may be known: each large, and no cell exposed by them."""
    if _enough_in_region(valid[mask], groups, *limits) != groups:
        return False
    _, places = np.unique(atoms[mask], return_inverse=True)
    cells = np.zeros((int(places.max(initial=0)) + 1, *hidden.shape[1:]), dtype=np.int64)
    np.add.at(cells, places, hidden[mask])
    return not exposed_atom_mask(cells, printed=groups, threshold=limits[0]).any()


def _enough_in_region(
    valid: NDArray[np.int64], allowed: tuple[int, ...], threshold: int, remainder: int
) -> tuple[int, ...]:
    """Return the groups with enough answers; the remainder must be empty or large enough."""
    total = valid.sum(axis=0)
    groups = tuple(group for group in allowed if total[group].min() >= threshold)
    while groups:
        rest = total.sum(axis=0) - total[list(groups)].sum(axis=0)
        if not rest.any() or rest.min() >= remainder:
            return groups
        groups = _without_smallest(groups, valid)
    return ()


def _without_smallest(groups: tuple[int, ...], valid: NDArray[np.int64]) -> tuple[int, ...]:
    sizes = {group: int(valid[:, group].sum(axis=0).min()) for group in groups}
    smallest = min(groups, key=lambda group: (sizes[group], group))
    return tuple(group for group in groups if group != smallest)


def _enough_in_units(
    valid: NDArray[np.int64], bound: NDArray[np.bool_], allowed: tuple[int, ...], *, threshold: int, remainder: int
) -> NDArray[np.bool_]:
    """Return each unit's groups, if the remainder of the unit is empty or large enough."""
    chosen = np.zeros((len(valid), valid.shape[1] - 1), dtype=np.bool_)
    for unit in np.flatnonzero(bound.any(axis=1)):
        bound_groups = tuple(group for group in allowed if bound[unit, group])
        chosen[unit, list(_enough_in_region(valid[unit : unit + 1], bound_groups, threshold, remainder))] = True
    return chosen


def _hidden(
    valid: NDArray[np.int64], units: NDArray[np.bool_], atoms: NDArray[np.int64], in_region: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Sum, by atom, the answers of cells that are not published themselves."""
    rest = valid.copy()
    rest[:, :-1][units] = 0
    rest[~in_region] = 0
    hidden = np.zeros((int(atoms.max(initial=0)) + 1, *valid.shape[1:]), dtype=np.int64)
    np.add.at(hidden, np.maximum(atoms, 0), rest)
    return hidden
