"""From the sums of a cell to what may be printed of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import sqrt

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
from app.core.counting.totals import Estimates, Totals, estimates_of
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
    estimates = estimates_of(counted.means, column, scored)
    reference = _printed(estimates, 0, scored)[0] if counted.means.printed[0] else None
    unit_means = _unit_means(counted.sums, column, scored)
    figures = []
    for row, spot in enumerate(spots):
        state = _state(spot, row, counted)
        if state is State.SHOWN:
            distribution = distribution_of(counted.detail, row, column)
            figures.append(shown_figure(spot, row, estimates, scored, counted.means, distribution))
        elif state is State.PLACEMENT and reference is not None and spot.unit is not None:
            place = placement_of(float(unit_means[spot.unit]), reference, scored.measure)
            figures.append(Figure(spot.cell, scored.measure.id, state, placement=place))
        else:
            figures.append(Figure(spot.cell, scored.measure.id, State.WITHHELD))
    return tuple(figures)


def item_figures(spots: Sequence[Spot], counted: Counted, column: int, scored: Scored) -> tuple[Figure, ...]:
    """Return the figure of one item in every cell that is large enough for detail."""
    estimates = estimates_of(counted.detail, column, scored)
    return tuple(
        shown_figure(spot, row, estimates, scored, counted.detail, distribution_of(counted.detail, row, column))
        for row, spot in enumerate(spots)
        if counted.detail.printed[row]
    )


def _unit_means(sums: Sums, column: int, scored: Scored) -> NDArray[np.float64]:
    n = sums.n[:, :, column].sum(axis=1)
    mean: NDArray[np.float64] = sums.total[:, :, column].sum(axis=1) / np.maximum(n, 1) + middle_of(scored)
    return mean


def shown_figure(
    spot: Spot,
    row: int,
    estimates: Estimates,
    scored: Scored,
    totals: Totals,
    distribution: Distribution | None = None,
) -> Figure:
    """Print one mean with its intervals; a capped one says its cap and no interval."""
    measure = scored.measure
    mean, capped, grain = _printed(estimates, row, scored)
    if capped is not None:
        return Figure(
            spot.cell, measure.id, State.SHOWN, mean=mean, capped=capped, distribution=distribution, grain=grain
        )  # fmt: skip
    middle, own, wide = float(estimates.mean[row]), float(estimates.own[row]), float(estimates.conditions[row])
    n, invited = int(estimates.n[row]), int(totals.invited[row])
    conditions = printed_interval(middle, wide, measure, grain)
    return Figure(
        cell=spot.cell,
        measure=measure.id,
        state=State.SHOWN,
        mean=mean,
        interval=None if 0 < invited <= n else printed_interval(middle, own, measure, grain),
        interval_conditions=conditions,
        distribution=distribution,
        worst_case=_worst_case(mean, int(totals.ballots[row]), invited, measure, slack=(grain or 0.0) / 2),
        smallest_change=smallest_change(mean, conditions, middle_of_band(n), measure, grain=grain),
        grain=grain,
    )


def _printed(estimates: Estimates, row: int, scored: Scored) -> tuple[float, Capped | None, float | None]:
    """Return a cell's mean in print, its cap, and its grain."""
    grain = grain_of(int(estimates.n[row]), scored.measure, scored.items)
    return *printed_mean(float(estimates.mean[row]), scored.measure, grain), grain


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


def distribution_of(detail: Totals, row: int, column: int) -> Distribution | None:
    """Return shares in three classes, or None where the cell is too small for them."""
    if not detail.printed[row]:
        return None
    n, low, high = (int(table[row, column]) for table in (detail.n, detail.low, detail.high))
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
