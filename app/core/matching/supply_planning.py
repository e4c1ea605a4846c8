"""Choose which offerings to hold next term: a mixed-integer programme (scipy, HiGHS).

Whole numbers n[o] say how often offering o is held, x[c, o] how many seats of it community c uses:

    maximise    sum gain[c, o] x[c, o]
    subject to  minimum[o] n[o] <= sum over c of x[c, o] <= capacity[o] n[o]
                sum over o of x[c, o] <= seats[c];  of one course at most half of seats[c]
                money, hours and rooms by n;  a floor of seats for each municipality

With n fixed the seats are a transport problem (rows of communities lie within municipalities, columns are
offerings), so that the linear programme has whole numbers as its solution. The search stops at a time limit; the
dual bound of HiGHS says how far from the best possible the plan may be.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.matching.linear_programme import sum_matrix
from app.core.matching.supply import (
    FloorPrice,
    InvalidSupplyCase,
    NextBest,
    NotHeld,
    NotHeldReason,
    PlannedOffering,
    SupplyCase,
    SupplyPlan,
    SupplyPlanComputationStage,
)
from app.core.scientific import Bounds, LinearConstraint, coo_matrix, csr_matrix, hstack, linprog, milp, vstack

GAP = 0.001
NEARLY = 1e-6
FEWEST_OF_A_COURSE = 2
MOST_NEXT_BEST = 3
TRIED_EXACTLY = 6
SEARCH_SHARE = 0.45
FLOORS_SHARE = 0.4
PREFER_FEWER = 1e-6
TRIFLE = 1e-3
NO_SOLUTION = "HiGHS found no plan, though holding nothing is one"

Clock = Callable[[], float]


def _no_progress(_stage: SupplyPlanComputationStage) -> None:
    """Tell nobody."""


def plan_supply(
    case: SupplyCase,
    *,
    clock: Clock,
    on_stage: Callable[[SupplyPlanComputationStage], None] = _no_progress,
) -> SupplyPlan:
    """Return the plan with the largest expected gain, with the price of each floor and what would be next best.

    `clock` returns seconds that never run backwards; `on_stage` hears how far it has come and may raise to end it.
    Floors that cannot all be kept are lowered by one common factor. Raises InvalidSupplyCase.
    """
    _require_sense(case)
    model = _Model.of(case)
    on_stage(SupplyPlanComputationStage.SEARCHING)
    begin = clock()
    seconds = case.limits.seconds
    wanted = np.array([case.limits.floors.get(name, 0) for name in model.municipalities], dtype=float)
    promised = wanted
    found = _search(model, promised, seconds=SEARCH_SHARE * seconds)
    if found is None:
        promised = _reachable_floors(model, wanted, seconds=SEARCH_SHARE * seconds)
        found = _search(model, promised, seconds=SEARCH_SHARE * seconds)
    if found is None:
        raise RuntimeError(NO_SOLUTION)
    seats = _whole_seats(model, found.times, promised)
    gain = float(model.values @ seats)
    on_stage(SupplyPlanComputationStage.FLOORS)
    left = max(0.0, FLOORS_SHARE * seconds - max(0.0, clock() - begin - SEARCH_SHARE * seconds))
    prices = _floor_prices(model, wanted, promised, _Found(found.times, gain, found.bound), seats=seats, seconds=left)
    on_stage(SupplyPlanComputationStage.NEXT_BEST)
    added = _added_gains(model, found.times, promised)
    return SupplyPlan(
        held=_held(model, found.times, seats, gain),
        not_held=_not_held(model, found.times, added),
        floors=prices,
        next_best=_next_best(model, found.times, promised, seats=seats, added=added, gain=gain),
        gain=model.unit * gain,
        seats=int(seats.sum()),
        money=float(model.money @ found.times),
        hours=float(model.hours @ found.times),
        gap=max(0.0, found.bound - gain) / found.bound if found.bound > NEARLY else 0.0,
        reach=_reach(model, gain),
    )


def _require_sense(case: SupplyCase) -> None:
    numbers = [
        *(item for one in case.communities for item in (one.staff, one.seats)),
        *(item for one in case.offerings for item in (one.capacity, one.minimum, one.money, one.hours, one.most)),
        *case.limits.rooms.values(),
        *case.limits.floors.values(),
        *(item for item in (case.limits.money, case.limits.hours) if item is not None),
    ]
    if case.gains.shape != (len(case.communities), len(case.offerings)):
        message = f"gains of shape {case.gains.shape} do not fit the communities and offerings"
        raise InvalidSupplyCase(message)
    if any(not math.isfinite(item) or item < 0 for item in numbers) or np.any(case.gains < 0):
        message = "a number is negative or not finite"
        raise InvalidSupplyCase(message)
    if np.any(np.isinf(case.gains)) or not 0 <= case.limits.fill <= 1:
        message = "a gain is infinite, or the share to fill is none"
        raise InvalidSupplyCase(message)


@dataclass(frozen=True, slots=True)
class _Found:
    """A plan's times, its gain, and the largest gain that is possible."""

    times: NDArray[np.float64]
    gain: float
    bound: float


@dataclass(frozen=True, slots=True)
class _Model:
    """The matrices of one problem; a pair is a community with an offering that suits it."""

    case: SupplyCase
    municipalities: tuple[str, ...]
    pair_community: NDArray[np.int64]
    pair_offering: NDArray[np.int64]
    values: NDArray[np.float64]
    unit: float
    pair_most: NDArray[np.float64]
    by_offering: Any
    by_community: Any
    by_course: Any
    by_municipality: Any
    course_most: NDArray[np.float64]
    community_most: NDArray[np.float64]
    capacity: NDArray[np.float64]
    minimum: NDArray[np.float64]
    money: NDArray[np.float64]
    hours: NDArray[np.float64]
    most: NDArray[np.float64]

    @classmethod
    def of(cls, case: SupplyCase) -> "_Model":
        """Build the matrices; values are scaled so that the largest gain of a seat is 1."""
        rows, columns = np.nonzero(~np.isnan(case.gains))
        raw = case.gains[rows, columns]
        largest = float(raw.max()) if raw.size else 0.0
        asked = np.array([one.seats for one in case.communities], dtype=float)
        of_course = np.maximum(np.minimum(asked, FEWEST_OF_A_COURSE), np.ceil(asked / 2))
        names = [one.community for one in case.communities]
        courses = [(names[row], case.offerings[column].course) for row, column in zip(rows, columns, strict=True)]
        distinct = sorted(set(courses))
        place = {name: number for number, name in enumerate(names)}
        towns = tuple(sorted({one.municipality for one in case.communities}))
        capacity = np.array([one.capacity for one in case.offerings], dtype=float)
        filled = np.ceil(case.limits.fill * capacity - NEARLY)
        fewest = np.array([max(1, one.minimum) for one in case.offerings], dtype=float)
        return cls(
            case=case,
            municipalities=towns,
            pair_community=rows,
            pair_offering=columns,
            values=raw / largest if largest > 0 else raw,
            unit=largest,
            pair_most=of_course[rows],
            by_offering=_sums(columns, len(case.offerings)),
            by_community=_sums(rows, len(names)),
            by_course=sum_matrix([f"{a}\n{b}" for a, b in distinct], [f"{a}\n{b}" for a, b in courses]),
            by_municipality=sum_matrix(towns, [case.communities[row].municipality for row in rows]),
            course_most=np.array([of_course[place[name]] for name, _course in distinct]),
            community_most=asked,
            capacity=capacity,
            minimum=np.maximum(fewest, filled),
            money=np.array([one.money for one in case.offerings], dtype=float),
            hours=np.array([one.hours for one in case.offerings], dtype=float),
            most=np.array([one.most for one in case.offerings], dtype=float),
        )

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return len(self.values)

    def demand_rows(self) -> tuple[Any, NDArray[np.float64]]:
        """Return what communities can use at most, in all and of one course, as rows over pairs."""
        matrix = _stack([self.by_community, self.by_course])
        return matrix, np.concatenate([self.community_most, self.course_most])

    def means(self) -> list[tuple[NDArray[np.float64], float]]:
        """Return money, hours and rooms as a row over offerings and the most of it; what is unlimited is left out."""
        limits = self.case.limits
        result = [
            (row, most) for row, most in ((self.money, limits.money), (self.hours, limits.hours)) if most is not None
        ]
        for place, most in limits.rooms.items():
            result.append((np.array([float(one.place == place) for one in self.case.offerings]), float(most)))
        return result


def _sums(owners: NDArray[np.int64], height: int) -> Any:
    return coo_matrix((np.ones(len(owners)), (owners, np.arange(len(owners)))), shape=(height, len(owners))).tocsr()


def _stack(blocks: Sequence[Any]) -> Any:
    return vstack(list(blocks)).tocsr()


def _diagonal(values: NDArray[np.float64]) -> Any:
    place = np.arange(len(values))
    return coo_matrix((values, (place, place)), shape=(len(values), len(values))).tocsr()


def _constraints(model: _Model) -> list[LinearConstraint]:
    """Return every condition but the floors, over the pairs and then the times."""
    offerings = len(model.case.offerings)
    demand, most = model.demand_rows()
    demand = hstack([demand, csr_matrix((demand.shape[0], offerings))]).tocsr()
    result = [
        LinearConstraint(demand, -np.inf, most),
        LinearConstraint(hstack([model.by_offering, -_diagonal(model.capacity)]).tocsr(), -np.inf, 0),
        LinearConstraint(hstack([model.by_offering, -_diagonal(model.minimum)]).tocsr(), 0, np.inf),
    ]
    for row, limit in model.means():
        line = hstack([csr_matrix((1, model.pairs)), csr_matrix(row[None, :])]).tocsr()
        result.append(LinearConstraint(line, -np.inf, limit))
    return result


def _floor_rows(model: _Model) -> Any:
    return hstack([model.by_municipality, csr_matrix((len(model.municipalities), len(model.case.offerings)))]).tocsr()


def _search(model: _Model, floors: NDArray[np.float64], *, seconds: float, whole: bool = True) -> _Found | None:
    """Return the best plan found in `seconds`, or None where the floors cannot be kept.

    Unless `whole`, parts of offerings may be held too, which is quick and gives an upper bound.
    """
    offerings = len(model.case.offerings)
    if not model.pairs:
        return _Found(np.zeros(offerings), 0.0, 0.0) if not floors.any() else None
    conditions = [*_constraints(model), LinearConstraint(_floor_rows(model), floors, np.inf)]
    # A small penalty per offering: those without gain are not held.
    aim = np.concatenate([-model.values, np.full(offerings, PREFER_FEWER)])
    result = milp(
        aim,
        integrality=np.concatenate([np.zeros(model.pairs), np.full(offerings, float(whole))]),
        bounds=Bounds(0, np.concatenate([model.pair_most, model.most])),
        constraints=conditions,
        options={"time_limit": max(0.5, seconds), "mip_rel_gap": GAP},
    )
    if result.x is None:
        return None
    gain = float(model.values @ result.x[: model.pairs])
    bound = -float(result.mip_dual_bound) if whole else gain
    return _Found(np.round(result.x[model.pairs :]), gain, max(gain, bound))


def _reachable_floors(model: _Model, floors: NDArray[np.float64], *, seconds: float) -> NDArray[np.float64]:
    """Return the floors lowered by the smallest common factor that makes all of them possible at once."""
    offerings = len(model.case.offerings)
    if not model.pairs:
        return np.zeros(len(floors))
    wider = [
        LinearConstraint(hstack([each.A, csr_matrix((each.A.shape[0], 1))]).tocsr(), each.lb, each.ub)
        for each in _constraints(model)
    ]
    rows = hstack([_floor_rows(model), csr_matrix(-floors[:, None])]).tocsr()
    result = milp(
        np.concatenate([np.zeros(model.pairs + offerings), [-1.0]]),
        integrality=np.concatenate([np.zeros(model.pairs), np.ones(offerings), [0.0]]),
        bounds=Bounds(0, np.concatenate([model.pair_most, model.most, [1.0]])),
        constraints=[*wider, LinearConstraint(rows, 0, np.inf)],
        options={"time_limit": max(0.5, seconds), "mip_rel_gap": GAP},
    )
    share = 0.0 if result.x is None else min(1.0, max(0.0, float(result.x[-1])))
    return np.floor(share * floors + NEARLY)


def _seats_programme(
    model: _Model, times: NDArray[np.float64], floors: NDArray[np.float64], *, minima: bool
) -> tuple[Any, NDArray[np.float64]]:
    """Return the conditions on the seats when it is fixed what is held, each as "at most"."""
    demand, most = model.demand_rows()
    blocks = [demand, model.by_offering, -model.by_municipality]
    limits = [most, model.capacity * times, -floors]
    if minima:
        blocks.append(-model.by_offering)
        limits.append(-model.minimum * times)
    return _stack(blocks), np.concatenate(limits)


def _whole_seats(model: _Model, times: NDArray[np.float64], floors: NDArray[np.float64]) -> NDArray[np.float64]:
    if not model.pairs:
        return np.zeros(0)
    seats = _best_seats(model, times, floors)
    if seats is None:
        raise RuntimeError(NO_SOLUTION)
    return seats


def _floor_prices(
    model: _Model,
    wanted: NDArray[np.float64],
    promised: NDArray[np.float64],
    plan: _Found,
    *,
    seats: NDArray[np.float64],
    seconds: float,
) -> tuple[FloorPrice, ...]:
    """Return how much more could be gained without each floor, the others kept."""
    granted = model.by_municipality @ seats if model.pairs else np.zeros(len(wanted))
    priced = [number for number, floor in enumerate(promised) if floor > 0]
    each = seconds / max(1, len(priced))
    # Without any floor and with parts of offerings more can be gained than in every search below: a bound that
    # holds where a search is stopped before it has a good one of its own.
    highest = _search(model, np.zeros(len(wanted)), seconds=each, whole=False) if priced else None
    result = []
    for number, floor in enumerate(wanted):
        if floor <= 0:
            continue
        free = None
        if number in priced:
            freed = promised.copy()
            freed[number] = 0
            free = _search(model, freed, seconds=each)
        price, interval = _price(plan, free, highest=math.inf if highest is None else highest.bound)
        result.append(
            FloorPrice(
                municipality=model.municipalities[number],
                floor=int(floor),
                promised=int(promised[number]),
                seats=round(float(granted[number])),
                price=price,
                interval=interval,
            )
        )
    return tuple(result)


def _price(plan: _Found, free: _Found | None, *, highest: float) -> tuple[float, tuple[float, float]]:
    """Return the price and its bounds as shares of the plan's gain.

    The best with the floor lies between `plan.gain` and `plan.bound`, the best without it between `free.gain` and
    `free.bound`; without the floor it is never worse.
    """
    if free is None or plan.gain <= NEARLY:
        return 0.0, (0.0, 0.0)
    best = max(plan.gain, free.gain)
    low = max(0.0, best - plan.bound)
    high = max(0.0, max(best, min(free.bound, highest)) - plan.gain)
    return (best - plan.gain) / plan.gain, (low / plan.gain, high / plan.gain)


def _added_gains(model: _Model, times: NDArray[np.float64], floors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each offering how much holding it once more could add at most, means left aside.

    By duality: with the worth of a community's and a course's seats in the plan kept, the new seats are worth what
    exceeds it, best pairs first, and never more than the first of them each. It is a bound, so only those with a
    large one are worked out exactly.
    """
    added = np.zeros(len(model.case.offerings))
    if not model.pairs:
        return added
    # A trifle of seats of each makes the worth that of seats added, where it differs from that of seats taken away.
    matrix, limits = _seats_programme(model, times + TRIFLE, floors, minima=False)
    bounds = np.column_stack([np.zeros(model.pairs), model.pair_most])
    result = linprog(-model.values, A_ub=matrix, b_ub=limits, bounds=bounds, method="highs")
    if result.x is None:
        return added
    worth = -result.ineqlin.marginals
    demand = model.by_community.shape[0] + model.by_course.shape[0]
    supply = demand + len(model.case.offerings)
    prices = matrix[:demand].T @ worth[:demand] + matrix[supply:].T @ worth[supply:]
    excess = np.maximum(0.0, model.values - prices)
    for number, offering in enumerate(model.case.offerings):
        here = np.flatnonzero(model.pair_offering == number)
        order = here[np.argsort(-excess[here])]
        room = np.cumsum(model.pair_most[order])
        used = np.clip(offering.capacity - (room - model.pair_most[order]), 0, model.pair_most[order])
        added[number] = min(float(excess[order] @ used), worth[demand + number] * offering.capacity)
    return added


def _held(
    model: _Model, times: NDArray[np.float64], seats: NDArray[np.float64], gain: float
) -> tuple[PlannedOffering, ...]:
    result = []
    for number in np.flatnonzero(times > 0):
        here = np.flatnonzero((model.pair_offering == number) & (seats > 0))
        towns: dict[str, int] = {}
        for pair in here:
            town = model.case.communities[model.pair_community[pair]].municipality
            towns[town] = towns.get(town, 0) + int(seats[pair])
        part = float(model.values[here] @ seats[here])
        result.append(
            PlannedOffering(
                offering=model.case.offerings[number].offering,
                times=int(times[number]),
                seats=int(seats[here].sum()),
                communities=len(here),
                by_municipality=dict(sorted(towns.items(), key=lambda item: (-item[1], item[0]))),
                gain=part / gain if gain > NEARLY else 0.0,
            )
        )
    return tuple(sorted(result, key=lambda planned: (-planned.gain, planned.offering)))


def _not_held(model: _Model, times: NDArray[np.float64], added: NDArray[np.float64]) -> tuple[NotHeld, ...]:
    return tuple(
        NotHeld(offering.offering, _why_not(model, times, added, number))
        for number, offering in enumerate(model.case.offerings)
        if times[number] == 0
    )


def _why_not(model: _Model, times: NDArray[np.float64], added: NDArray[np.float64], number: int) -> NotHeldReason:
    here = model.pair_offering == number
    if not here.any():
        return NotHeldReason.SUITS_NOBODY
    if min(model.pair_most[here].sum(), model.community_most.sum()) < model.minimum[number]:
        return NotHeldReason.TOO_FEW
    if added[number] <= NEARLY:
        return NotHeldReason.LESS_GAIN
    return _lacking(model, times, number) or NotHeldReason.LESS_GAIN


def _lacking(model: _Model, times: NDArray[np.float64], number: int) -> NotHeldReason | None:
    """Return which means are used up, so that the offering cannot be held beside the plan."""
    limits = model.case.limits
    offering = model.case.offerings[number]
    if limits.money is not None and model.money @ times + offering.money > limits.money + NEARLY:
        return NotHeldReason.MONEY
    if limits.hours is not None and model.hours @ times + offering.hours > limits.hours + NEARLY:
        return NotHeldReason.HOURS
    here = sum(times[other] for other, each in enumerate(model.case.offerings) if each.place == offering.place)
    if offering.place in limits.rooms and here + 1 > limits.rooms[offering.place]:
        return NotHeldReason.ROOMS
    return None


def _next_best(
    model: _Model,
    times: NDArray[np.float64],
    floors: NDArray[np.float64],
    *,
    seats: NDArray[np.float64],
    added: NDArray[np.float64],
    gain: float,
) -> tuple[NextBest, ...]:
    """Return what would add most if there were the means for one more, worked out exactly."""
    if gain <= NEARLY:
        return ()
    result = []
    possible = np.flatnonzero((added > NEARLY) & (times < model.most))
    for number in possible[np.argsort(-added[possible])][:TRIED_EXACTLY]:
        offering = model.case.offerings[number]
        more = times.copy()
        more[number] += 1
        extended = _best_seats(model, more, floors)
        if extended is None:
            continue
        extra = float(model.values @ extended) - gain
        if extra > NEARLY * gain:
            new_seats = round(float(extended.sum() - seats.sum()))
            result.append(NextBest(offering.offering, extra / gain, new_seats, offering.money, offering.hours))
    ranked = sorted(result, key=lambda each: (-each.gain, each.offering))
    return tuple(ranked[:MOST_NEXT_BEST])


def _best_seats(model: _Model, times: NDArray[np.float64], floors: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the best whole seats for what is held: the simplex method ends in a corner, and corners are whole."""
    matrix, limits = _seats_programme(model, times, floors, minima=True)
    bounds = np.column_stack([np.zeros(model.pairs), model.pair_most])
    result = linprog(-model.values, A_ub=matrix, b_ub=limits, bounds=bounds, method="highs-ds")
    return None if result.x is None else np.round(result.x)


def _reach(model: _Model, gain: float) -> float:
    """Return the gain as a share of what is gained when everything is held as often as it can be, with no minima."""
    if not model.pairs:
        return 1.0
    most = model.most.copy()
    matrix, limits = _seats_programme(model, most, np.zeros(len(model.municipalities)), minima=False)
    bounds = np.column_stack([np.zeros(model.pairs), model.pair_most])
    result = linprog(-model.values, A_ub=matrix, b_ub=limits, bounds=bounds, method="highs")
    best = 0.0 if result.x is None else -float(result.fun)
    return min(1.0, gain / best) if best > NEARLY else 1.0
