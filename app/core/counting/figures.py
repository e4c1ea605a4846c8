"""From the sums of a cell to what may be printed of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from app.core.counting.families import Family, Spot
from app.core.counting.measures import Scored
from app.core.counting.printing import (
    TINY,
    Counts,
    answers_band,
    grain_of,
    middle_of_band,
    outwards,
    printed_interval,
    printed_mean,
    response_band,
    response_floor,
    share_in_print,
    share_interval,
)
from app.core.counting.sums import STRAINS, Sums, middle_of
from app.core.counting.totals import Totals, estimates_of
from app.core.publication import (
    Balance,
    Capped,
    Distribution,
    Figure,
    Level,
    Measure,
    Participation,
    Placement,
    Quadrants,
    State,
)

SILENT_DIFFERENCE = 10.0  # per cent of the range by which the silent may differ, said in words


class Line(NamedTuple):
    """The numbers of one cell and one measure; a country has a hundred thousand, so they are plain numbers."""

    n: int
    mean: float
    own: float
    conditions: float
    ballots: int
    invited: int


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


def scale_figures(spots: Sequence[Spot], counted: Counted, column: int, scored: Scored) -> tuple[Figure, ...]:
    """Return the figure of one scale in every cell, withheld ones as such; the first cell is the region."""
    lines = lines_of(counted.means, column, scored)
    distributions = distributions_of(counted.detail, column)
    reference = _printed(lines[0], scored)[0] if counted.means.printed[0] else None
    unit_means = _unit_means(counted.sums, column, scored)
    figures = []
    for row, spot in enumerate(spots):
        state = _state(spot, row, counted)
        if state is State.SHOWN:
            figures.append(shown_figure(spot, lines[row], scored, distributions[row]))
        elif state is State.PLACEMENT and reference is not None and spot.unit is not None:
            place = placement_of(float(unit_means[spot.unit]), reference, scored.measure)
            figures.append(Figure(spot.cell, scored.measure.id, state, placement=place))
        else:
            figures.append(Figure(spot.cell, scored.measure.id, State.WITHHELD))
    return tuple(figures)


def item_figures(spots: Sequence[Spot], counted: Counted, column: int, scored: Scored) -> tuple[Figure, ...]:
    """Return the figure of one item in every cell that is large enough for detail."""
    rows = zip(
        spots,
        counted.detail.printed.tolist(),
        lines_of(counted.detail, column, scored),
        distributions_of(counted.detail, column),
        strict=True,
    )
    return tuple(
        shown_figure(spot, line, scored, distribution) for spot, printed, line, distribution in rows if printed
    )


def lines_of(totals: Totals, column: int, scored: Scored) -> list[Line]:
    """Return the numbers of one measure, cell by cell."""
    found = estimates_of(totals, column, scored)
    columns = (found.n, found.mean, found.own, found.conditions, totals.ballots, totals.invited)
    return [Line(*row) for row in zip(*(one.tolist() for one in columns), strict=True)]


def _unit_means(sums: Sums, column: int, scored: Scored) -> NDArray[np.float64]:
    n = sums.n[:, :, column].sum(axis=1)
    mean: NDArray[np.float64] = sums.total[:, :, column].sum(axis=1) / np.maximum(n, 1) + middle_of(scored)
    return mean


def shown_figure(spot: Spot, line: Line, scored: Scored, distribution: Distribution | None = None) -> Figure:
    """Print one mean with its intervals; a capped one says its cap and no interval."""
    measure = scored.measure
    mean, capped, grain = _printed(line, scored)
    if capped is not None:
        return Figure(
            spot.cell, measure.id, State.SHOWN, mean=mean, capped=capped, distribution=distribution, grain=grain
        )  # fmt: skip
    conditions = printed_interval(line.mean, line.conditions, measure, grain)
    return Figure(
        cell=spot.cell,
        measure=measure.id,
        state=State.SHOWN,
        mean=mean,
        interval=None if 0 < line.invited <= line.n else printed_interval(line.mean, line.own, measure, grain),
        interval_conditions=conditions,
        distribution=distribution,
        worst_case=_worst_case(mean, line.ballots, line.invited, measure, slack=(grain or 0.0) / 2),
        smallest_change=smallest_change(mean, conditions, middle_of_band(line.n), measure, grain=grain),
        grain=grain,
    )


def _printed(line: Line, scored: Scored) -> tuple[float, Capped | None, float | None]:
    """Return a cell's mean in print, its cap, and its grain."""
    grain = grain_of(line.n, scored.measure, scored.items)
    return *printed_mean(line.mean, scored.measure, grain), grain


def _worst_case(
    mean: float, ballots: int, invited: int, measure: Measure, *, slack: float
) -> tuple[float, float] | None:
    """Return the means that all staff might have, from the printed mean and the printed band.

    `slack` is how far a coarsely printed mean may lie from the answers' own.
    """
    if not 0 < ballots < invited:
        return None
    share = response_floor(ballots, invited) / 100
    low = share * (mean - slack) + (1 - share) * measure.low
    high = share * (mean + slack) + (1 - share) * measure.high
    return outwards(low, high, measure)


def half_in_print(mean: float, interval: tuple[float, float], measure: Measure, *, grain: float | None = None) -> float:
    """Recover an interval's half-width from print: rounding outwards adds half a unit or grain on average."""
    return max(max(mean - interval[0], interval[1] - mean) - 0.5 * (grain or 10.0**-measure.decimals), TINY)


def smallest_change(
    mean: float, interval: tuple[float, float], n: int, measure: Measure, *, grain: float | None = None
) -> float:
    """Return the least change that a next round of the same size could tell from noise.

    Formula: sqrt(2) * h * t(2n - 2) / t(n - 1), h and n from print.
    """
    gain = quantile(2 * n - 2) / quantile(n - 1)
    return round(sqrt(2) * half_in_print(mean, interval, measure, grain=grain) * gain, measure.decimals)


@cache
def quantile(degrees: int) -> float:
    """Return t at 97.5 per cent."""
    return float(stats.t.ppf(0.975, degrees))


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


def distributions_of(detail: Totals, column: int) -> list[Distribution | None]:
    """Return the shares in three classes of every cell, None where it is too small for them."""
    tables = (detail.printed, *(table[:, column] for table in (detail.n, detail.low, detail.high)))
    rows = zip(*(one.tolist() for one in tables), strict=True)
    return [_distribution(n, low, high) if printed else None for printed, n, low, high in rows]


def _distribution(n: int, low: int, high: int) -> Distribution:
    shares = share_in_print(low, n), share_in_print(n - low - high, n), share_in_print(high, n)
    return Distribution(*shares, tuple(share_interval(share, n) for share in shares))


def quadrants_of(spots: Sequence[Spot], detail: Totals) -> tuple[Quadrants, ...]:
    """Return the shares by demands and control of every cell that is large enough for detail."""
    found = []
    for row, spot in enumerate(spots):
        people = detail.strain[row]
        if detail.printed[row] and people.sum() > 0:
            shares = [share_in_print(int(count), int(people.sum())) for count in people]
            intervals = tuple(share_interval(share, int(people.sum())) for share in shares)
            found.append(Quadrants(spot.cell, **dict(zip(STRAINS, shares, strict=True)), intervals=intervals))
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
    by_home = {home: homes.count(home) for home in set(homes)}
    sizes = {Level.REGION: len(homes), Level.COMMUNITY: 1}
    return tuple(
        sizes[spot.cell.level] if spot.cell.level in sizes else by_home.get(spot.cell.unit, 0) for spot in spots
    )
