"""From the sums of a cell to what may be printed of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.core.counting.families import Family, Spot
from app.core.counting.measures import Scored
from app.core.counting.printing import (
    TINY,
    Counts,
    answers_band,
    response_band,
    response_floor,
    share_interval,
    shares_in_print,
)
from app.core.counting.prints import Pool, distributions_of, prints_of, shown_figures
from app.core.counting.sums import STRAINS, Sums, middle_of
from app.core.counting.totals import Totals
from app.core.publication import (
    Balance,
    Figure,
    Level,
    Measure,
    Participation,
    Placement,
    Quadrants,
    State,
)

SILENT_DIFFERENCE = 10.0  # per cent of the range by which the silent may differ, said in words


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """One family with its cells added up, for means and for detail, and the units below them."""

    family: Family
    means: Totals
    detail: Totals
    sums: Sums
    invited: Counts


def participation_of(
    spots: Sequence[Spot], counted: Counted, sensitive: Counted, existing: Sequence[int]
) -> tuple[Participation, ...]:
    """Say of every cell how many answered, in bands. `existing`: how many units each cell has."""
    found = []
    for row, spot in enumerate(spots):
        part = _participation(spot, row, counted, existing[row])
        if spot.unit is None and sensitive.family.scales and sensitive.means.printed[row]:
            part = replace(part, sensitive_covers=(int(sensitive.means.units[row]), existing[row]))
        found.append(part)
    return tuple(found)


def _participation(spot: Spot, row: int, counted: Counted, existing: int) -> Participation:
    means, detail = counted.means, counted.detail
    state = _state(spot, row, counted)
    if state is State.WITHHELD:
        return Participation(spot.cell, state, None, None, None)
    ballots, invited = _sizes(spot, row, counted)
    parent = spot.unit is None
    low = response_floor(ballots, invited) if invited else None
    return Participation(
        cell=spot.cell,
        state=state,
        answers_band=answers_band(ballots),
        response_band=response_band(ballots, invited) if invited else None,
        invited=invited or None,
        everyone_answered=0 < invited <= ballots,
        covers=(int(means.units[row]), existing) if parent else None,
        detail=bool(detail.printed[row]),
        detail_covers=(int(detail.units[row]), existing) if parent and detail.printed[row] else None,
        silent_shift=None if low is None else round((100 - low) * SILENT_DIFFERENCE / 100, 1),
    )


def _state(spot: Spot, row: int, counted: Counted) -> State:
    if counted.means.printed[row]:
        return State.SHOWN
    placed = spot.unit is not None and spot.group is None and counted.family.means.placement[spot.unit]
    return State.PLACEMENT if placed else State.WITHHELD


def _sizes(spot: Spot, row: int, counted: Counted) -> tuple[int, int]:
    """Return ballots and invited of a shown cell, or of a unit that is only placed."""
    if counted.means.printed[row] or spot.unit is None:
        return int(counted.means.ballots[row]), int(counted.means.invited[row])
    return int(counted.sums.ballots[spot.unit].sum()), int(counted.invited[spot.unit, -1])


def scale_figures(
    spots: Sequence[Spot], counted: Counted, column: int, scored: Scored, *, shown: Mapping[int, Figure]
) -> tuple[Figure, ...]:
    """Return the figure of one scale in every cell, withheld ones as such; the first cell is the region."""
    reference = shown[0].mean if 0 in shown else None
    unit_means = _unit_means(counted.sums, column, scored)
    figures = []
    for row, spot in enumerate(spots):
        placed = spot.unit is not None and spot.group is None and counted.family.means.placement[spot.unit]
        if row in shown:
            figures.append(shown[row])
        elif placed and reference is not None:
            place = placement_of(float(unit_means[spot.unit]), reference, scored.measure)
            figures.append(Figure(spot.cell, scored.measure.id, State.PLACEMENT, placement=place))
        else:
            figures.append(Figure(spot.cell, scored.measure.id, State.WITHHELD))
    return tuple(figures)


def item_figures(
    spots: Sequence[Spot], counted: Counted, column: int, scored: Scored, pool: Pool
) -> tuple[Figure, ...]:
    """Return the figure of one item in every cell that is large enough for detail."""
    prints = prints_of(counted.detail, column, scored, pool)
    shown = shown_figures(spots, prints, scored.measure.id, distributions_of(counted.detail, column))
    return tuple(map(shown.__getitem__, sorted(shown)))


def _unit_means(sums: Sums, column: int, scored: Scored) -> NDArray[np.float64]:
    n = sums.n[:, :, column].sum(axis=1)
    mean: NDArray[np.float64] = sums.total[:, :, column].sum(axis=1) / np.maximum(n, 1) + middle_of(scored)
    return mean


def placement_of(mean: float, reference: float, measure: Measure) -> Placement:
    """Say where a small community lies: half a step or more from the region's printed mean.

    Near the ends of the range nothing but "about the same" is said: there "below" would mean that
    nearly everybody chose the lowest option.
    """
    low, high = reference - measure.step / 2, reference + measure.step / 2
    if mean <= low + TINY and low >= measure.cap_low:
        return Placement.BELOW
    if mean >= high - TINY and high <= measure.cap_high:
        return Placement.ABOVE
    return Placement.SAME


def quadrants_of(spots: Sequence[Spot], detail: Totals) -> tuple[Quadrants, ...]:
    """Return the shares by demands and control of every cell that is large enough for detail."""
    people = detail.strain.sum(axis=1)
    rows = np.flatnonzero(detail.printed & (people > 0))
    shares = shares_in_print(detail.strain[rows], people[rows, np.newaxis]).tolist()
    found = []
    for row, mine, answered in zip(rows.tolist(), shares, people[rows].tolist(), strict=True):
        intervals = tuple(share_interval(share, answered) for share in mine)
        found.append(Quadrants(spots[row].cell, **dict(zip(STRAINS, mine, strict=True)), intervals=intervals))
    return tuple(found)


def balances_of(demands: Sequence[Figure], control: Sequence[Figure], measure: Measure) -> tuple[Balance, ...]:
    """Return control minus demands of every cell, from printed means that are not capped."""
    found = []
    for below, above in zip(demands, control, strict=True):
        if below.mean is None or above.mean is None or below.capped or above.capped:
            continue
        interval = None
        if below.interval is not None and above.interval is not None:
            ends = above.interval[0] - below.interval[1], above.interval[1] - below.interval[0]
            interval = (round(ends[0], measure.decimals), round(ends[1], measure.decimals))
        found.append(Balance(below.cell, round(above.mean - below.mean, measure.decimals), interval))
    return tuple(found)


def existing_units(spots: Sequence[Spot], homes: Sequence[str]) -> tuple[int, ...]:
    """Return how many units each cell has, whether they answered or not."""
    by_home = Counter(homes)
    sizes = {Level.REGION: len(homes), Level.COMMUNITY: 1}
    return tuple(sizes[spot.cell.level] if spot.cell.level in sizes else by_home[spot.cell.unit] for spot in spots)
