"""Check whether bands, response rates and sums together reveal a count.

Uses only published data: answer bands, response rates, known numbers of invited people, "everyone answered",
and the fact that a municipality or the region is the sum of its parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.core.disclosure.statements import counted_unit_mask
from app.core.publication import MIN_POSSIBLE_COUNTS, Cell, DisclosureState, Level, Participation, Publication

Bounds = tuple[int, int]
UNKNOWN_INVITED = 10**9


@dataclass(frozen=True, slots=True)
class NarrowedCount:
    """A cell whose published data leave too few counts (`remaining`) of those `possible` without bands."""

    cell: Cell
    remaining: int
    possible: int


def consistent_counts(part: Participation, *, least: int) -> tuple[int, ...]:
    """Return every count that agrees with the published bands and state of one cell.

    "Everyone answered" is a separate statement: where a unit could state it and does not, somebody did not answer.
    A parent states it only if every part does.
    """
    if part.answers_band is None:
        return ()
    low, high = (int(end) for end in part.answers_band.split("-"))
    most = part.invited if part.invited else UNKNOWN_INVITED
    counts = range(max(low, least), min(high, most) + 1)
    if part.everyone_answered:
        return tuple(n for n in counts if n == part.invited)
    is_community = part.cell.level is Level.COMMUNITY
    says_everyone = is_community and part.response_band is not None and most - least >= MIN_POSSIBLE_COUNTS
    return tuple(n for n in counts if _agrees(n, part, most) and not (says_everyone and n == most))


def _agrees(n: int, part: Participation, invited: int) -> bool:
    if part.response_band is None:
        return True
    low, _, high = part.response_band.partition("-")
    return int(low) <= 100 * n // invited <= int(high or low)


def find_narrowed_counts(publication: Publication) -> tuple[NarrowedCount, ...]:
    """Return the units, municipalities and the region with fewer than three possible counts.

    Leaves out cells that state "everyone answered", and cells whose state alone (numbers need k answers) allows no
    more counts: no band can hide those.
    """
    bounds = _united(publication)
    alone = _possible(publication)
    result = []
    for cell, (low, high) in bounds.items():
        part = publication.participation_of(cell)
        if part is None or part.everyone_answered or part.state is DisclosureState.WITHHELD:
            continue
        possible = min(alone[cell], MIN_POSSIBLE_COUNTS)
        remaining = high - low + 1
        if remaining < possible:
            result.append(NarrowedCount(cell, remaining, possible))
    return tuple(result)


def _possible(publication: Publication) -> dict[Cell, int]:
    """Return the number of counts that states alone allow: k to the number invited; for a parent, from its parts."""
    result = {}
    for unit in publication.region.units:
        cell = Cell(Level.COMMUNITY, unit.id)
        part = publication.participation_of(cell)
        is_exact = part is not None and part.everyone_answered
        result[cell] = 1 if part is None or is_exact else unit.invited_count - _least(publication, part) + 1
    for parent in _parents(publication):
        result[parent] = 1 + sum(
            min(result[member], MIN_POSSIBLE_COUNTS) - 1 for member in _members(publication, parent)
        )
    return result


def _least(publication: Publication, part: Participation) -> int:
    return publication.placement_from if part.state is DisclosureState.PLACEMENT else publication.k


def _united(publication: Publication) -> dict[Cell, Bounds]:
    """Bound every count by its own bands, then by sums, until nothing changes."""
    parts = {cell: _members(publication, cell) for cell in _parents(publication)}
    bounds = {
        Cell(Level.COMMUNITY, unit.id): _own(publication, Cell(Level.COMMUNITY, unit.id), unit.invited_count)
        for unit in publication.region.units
    }
    bounds |= {cell: _own(publication, cell, UNKNOWN_INVITED) for cell in parts}
    while True:
        before = dict(bounds)
        for parent, members in parts.items():
            _propagate(bounds, parent, members)
        if bounds == before:
            return bounds


def _parents(publication: Publication) -> list[Cell]:
    cells = [Cell(Level.MUNICIPALITY, municipality.id) for municipality in publication.region.municipalities]
    return [
        cell
        for cell in (*cells, publication.region_cell)
        if publication.disclosure_state_of(cell) is DisclosureState.SHOWN
    ]


def _own(publication: Publication, cell: Cell, invited: int) -> Bounds:
    part = publication.participation_of(cell)
    if part is None or part.state is DisclosureState.WITHHELD:
        return 0, invited
    counts = consistent_counts(part, least=_least(publication, part) if cell.level is Level.COMMUNITY else 0)
    return (min(counts), max(counts)) if counts else (0, invited)


def _members(publication: Publication, cell: Cell) -> list[Cell]:
    """Return the parts of a parent; for the region, published municipalities counted whole, then units."""
    units = publication.region.units
    rest = counted_unit_mask(publication, cell)
    members = []
    if cell.level is Level.REGION:
        for municipality in _parents(publication)[:-1]:
            mask = counted_unit_mask(publication, municipality)
            if bool(np.all(rest[mask])):
                members.append(municipality)
                rest = rest & ~mask
    return [*members, *(Cell(Level.COMMUNITY, units[row].id) for row in np.flatnonzero(rest))]


def _propagate(bounds: dict[Cell, Bounds], parent: Cell, members: Sequence[Cell]) -> None:
    """Narrow a parent by its parts, and each part by the parent minus the others."""
    low = sum(bounds[member][0] for member in members)
    high = sum(bounds[member][1] for member in members)
    least = max(bounds[parent][0], low)
    most = min(bounds[parent][1], high)
    bounds[parent] = least, most
    for member in members:
        own = bounds[member]
        bounds[member] = (
            max(own[0], least - (high - own[1])),
            min(own[1], most - (low - own[0])),
        )
