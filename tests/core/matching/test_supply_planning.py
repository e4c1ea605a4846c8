"""The supply plan keeps every limit, is the best of all plans on small cases, and tells the price of each floor."""

import time
from dataclasses import replace
from functools import partial
from itertools import product
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.matching import supply_planning
from app.core.matching.supply import (
    InvalidSupplyCase,
    NotHeldReason,
    SupplyCase,
    SupplyCommunity,
    SupplyLimits,
    SupplyOffering,
    SupplyPlanComputationStage,
)
from app.core.matching.supply_planning import GAP
from tests.core.matching.synthetic_supply import supply_case

plan_supply = partial(supply_planning.plan_supply, clock=time.monotonic)
TRIALS = settings(deadline=None, max_examples=40)
NEARLY = 1e-6


def case(gains, *, seats=(4, 4), offerings=None, **limits):
    """Communities c0, c1 … of municipalities m0 and m1 in turn, and offerings o0, o1 … of six seats for 100 euros."""
    gains = np.array(gains, dtype=float)
    communities = tuple(
        SupplyCommunity(f"c{number}", f"m{number % 2}", 20, seats[number % len(seats)]) for number in range(len(gains))
    )
    offerings = offerings or tuple(
        SupplyOffering(f"o{number}", f"k{number}", 6, money=100.0) for number in range(gains.shape[1])
    )
    return SupplyCase(communities, offerings, gains, SupplyLimits(**{"fill": 0.0, "seconds": 5.0, **limits}))


@st.composite
def cases(draw):
    """Two or three communities and two offerings, tight in every way that a limit can be."""
    height = draw(st.integers(2, 3))
    gains = [[draw(st.sampled_from([float("nan"), 0.0, 1.0, 1.0, 2.5])) for _ in range(2)] for _ in range(height)]
    offerings = tuple(
        SupplyOffering(
            f"o{number}",
            draw(st.sampled_from(["k", f"k{number}"])),
            draw(st.integers(1, 3)),
            minimum=draw(st.integers(0, 3)),
            money=float(draw(st.integers(0, 2))),
            hours=float(draw(st.integers(0, 2))),
            place=draw(st.sampled_from(["", "p"])),
            most=draw(st.integers(1, 2)),
        )
        for number in range(2)
    )
    return case(
        gains,
        seats=(draw(st.integers(0, 3)), draw(st.integers(1, 3))),
        offerings=offerings,
        money=draw(st.sampled_from([None, 1.0, 3.0])),
        hours=draw(st.sampled_from([None, 2.0])),
        rooms=draw(st.sampled_from([{}, {"p": 1}])),
        floors=draw(st.sampled_from([{}, {"m0": 1}, {"m0": 2, "m1": 1}])),
        fill=draw(st.sampled_from([0.0, 0.5])),
    )


def ways(problem):
    """Every plan that keeps all limits but the floors: times, and seats by community and offering."""
    limits = problem.limits
    for times in product(*(range(one.most + 1) for one in problem.offerings)):
        taken = list(zip(problem.offerings, times, strict=True))
        rooms = sum(number for one, number in taken if one.place == "p")
        if (
            sum(one.money * number for one, number in taken) > (limits.money if limits.money is not None else 99)
            or sum(one.hours * number for one, number in taken) > (limits.hours if limits.hours is not None else 99)
            or rooms > limits.rooms.get("p", 99)
        ):
            continue
        options = [list(of_community(problem, row)) for row in range(len(problem.communities))]
        for rows in product(*options):
            if all(
                max(one.minimum, 1, ceil(limits.fill * one.capacity)) * number
                <= sum(row[column] for row in rows)
                <= one.capacity * number
                for column, (one, number) in enumerate(taken)
            ):
                yield rows


def of_community(problem, row):
    """The seats that one community can use of the two offerings: at most half of its seats, or two, of one course."""
    seats = problem.communities[row].seats
    of_course = max(min(2, seats), ceil(seats / 2))
    for pair in product(range(of_course + 1), repeat=2):
        suits = all(not number or not np.isnan(problem.gains[row, column]) for column, number in enumerate(pair))
        alike = problem.offerings[0].course == problem.offerings[1].course
        if suits and sum(pair) <= (of_course if alike else seats):
            yield pair


def gain_of(problem, rows):
    return float(np.nansum(problem.gains * np.array(rows)))


def keeps_floors(problem, rows, floors):
    given_seats = dict.fromkeys(("m0", "m1"), 0)
    for community, row in zip(problem.communities, rows, strict=True):
        given_seats[community.municipality] += sum(row)
    return all(given_seats[name] >= floor for name, floor in floors.items())


@TRIALS
@given(cases())
def test_no_plan_that_keeps_the_limits_gains_more(problem):
    plan = plan_supply(problem)
    every_way = list(ways(problem))
    promised = {floor.municipality: floor.promised for floor in plan.floors}
    best = max(gain_of(problem, rows) for rows in every_way if keeps_floors(problem, rows, promised))
    assert best * (1 - GAP) - NEARLY <= plan.gain <= best + NEARLY
    assert plan.gap <= GAP + NEARLY
    assert all(floor.seats >= floor.promised for floor in plan.floors)
    if any(keeps_floors(problem, rows, problem.limits.floors) for rows in every_way):
        assert promised == problem.limits.floors
    for floor in plan.floors:
        others = {name: number for name, number in promised.items() if name != floor.municipality}
        free = max(gain_of(problem, rows) for rows in every_way if keeps_floors(problem, rows, others))
        low, high = floor.interval
        price = (free - plan.gain) / plan.gain if plan.gain > NEARLY else 0.0
        assert low - NEARLY <= price <= high + NEARLY


def test_a_budget_buys_the_offerings_that_gain_most_and_says_what_would_be_next():
    plan = plan_supply(case([[3, 2, 1], [3, 2, 1]], money=200.0))
    assert [(one.offering, one.times) for one in plan.held] == [("o0", 1), ("o1", 1)]
    assert (plan.money, plan.seats) == (200.0, 8)
    assert [(one.offering, one.why) for one in plan.not_held] == [("o2", NotHeldReason.LESS_GAIN)]
    poorer = plan_supply(case([[3, 2, 1], [3, 2, 1]], money=100.0))
    assert [one.offering for one in poorer.held] == ["o0"]
    assert poorer.next_best[0].offering == "o1" and poorer.next_best[0].seats == 4
    assert poorer.next_best[0].gain == pytest.approx(8 / 12)
    assert {one.why for one in poorer.not_held} == {NotHeldReason.MONEY}
    assert poorer.reach == pytest.approx(12 / 20)


def test_a_floor_is_kept_and_its_price_told():
    gains = [[4.0, float("nan")], [float("nan"), 1.0]]
    free = plan_supply(case(gains, money=100.0))
    assert [one.offering for one in free.held] == ["o0"] and free.seats_of_municipality("m1") == 0
    plan = plan_supply(case(gains, money=100.0, floors={"m1": 2}))
    assert [one.offering for one in plan.held] == ["o1"] and plan.seats_of_municipality("m1") == 2
    (floor,) = plan.floors
    assert (floor.municipality, floor.floor, floor.promised, floor.seats) == ("m1", 2, 2, 2)
    assert floor.price == pytest.approx((8 - 2) / 2) and floor.interval[0] <= floor.price <= floor.interval[1]


def test_the_seats_of_one_course_are_shared_so_that_a_floor_is_kept():
    one = {"seats": (6, 6), "offerings": (SupplyOffering("o0", "k0", 3, money=100.0),)}
    assert plan_supply(case([[4.0], [1.0]], **one)).seats_of_municipality("m1") == 0
    plan = plan_supply(case([[4.0], [1.0]], **one, floors={"m1": 2}))
    assert (plan.seats_of_municipality("m0"), plan.seats_of_municipality("m1")) == (1, 2)


def test_floors_that_cannot_all_be_kept_are_lowered_alike():
    gains = [[4.0, float("nan")], [float("nan"), 1.0]]
    plan = plan_supply(case(gains, seats=(8, 8), money=200.0, floors={"m0": 8, "m1": 8}))
    assert {floor.municipality: (floor.floor, floor.promised) for floor in plan.floors} == {"m0": (8, 4), "m1": (8, 4)}
    nothing = plan_supply(case(gains, seats=(8, 8), money=100.0, floors={"m0": 4, "m1": 4}))
    assert [floor.promised for floor in nothing.floors] == [0, 0] and nothing.seats == 4


def test_rooms_and_hours_limit_what_is_held_and_are_named():
    offerings = tuple(SupplyOffering(f"o{n}", f"k{n}", 6, hours=4.0, place="Hall" if n else "") for n in range(3))
    plan = plan_supply(case([[1, 2, 3], [1, 2, 3]], offerings=offerings, rooms={"Hall": 1}))
    assert [one.offering for one in plan.held] == ["o2", "o0"]
    assert [(one.offering, one.why) for one in plan.not_held] == [("o1", NotHeldReason.ROOMS)]
    short = plan_supply(case([[1, 2, 3], [1, 2, 3]], offerings=offerings, hours=4.0))
    assert [one.offering for one in short.held] == ["o2"] and short.hours == 4.0
    assert {one.why for one in short.not_held} == {NotHeldReason.HOURS}


def test_what_cannot_be_filled_is_not_held():
    plan = plan_supply(case([[1.0, float("nan")], [1.0, float("nan")]], seats=(2, 2), fill=0.9))
    assert not plan.held and plan.gain == 0
    assert [one.why for one in plan.not_held] == [NotHeldReason.TOO_FEW, NotHeldReason.SUITS_NOBODY]


def test_a_community_sends_at_most_half_of_its_seats_to_one_course():
    offerings = (SupplyOffering("o0", "same", 9), SupplyOffering("o1", "same", 9), SupplyOffering("o2", "other", 9))
    plan = plan_supply(case([[5.0, 5.0, 1.0]], seats=(6,), offerings=offerings))
    seats = {one.offering: one.seats for one in plan.held}
    assert seats.get("o0", 0) + seats.get("o1", 0) == 3 and seats["o2"] == 3


def test_the_plan_of_a_region_is_made_in_time_with_a_stated_gap_and_whole_seats():
    rng = np.random.default_rng(1)
    communities = tuple(
        SupplyCommunity(f"c{n}", f"m{n % 6}", 40, int(seats)) for n, seats in enumerate(rng.integers(2, 16, 30))
    )
    offerings = tuple(
        SupplyOffering(f"o{n}", f"k{n * 2 // 3}", int(rng.integers(12, 31)), 5, float(100 * rng.integers(3, 20)))
        for n in range(24)
    )
    gains = rng.gamma(2, 0.5, (30, 6)) @ rng.integers(0, 4, (6, 24))
    limits = SupplyLimits(money=8_000.0, floors={f"m{n}": 8 for n in range(6)})
    heard = []
    plan = plan_supply(SupplyCase(communities, offerings, gains, limits), on_stage=heard.append)
    assert plan.gap <= 0.01 and 0.2 < plan.reach < 1
    assert heard == [
        SupplyPlanComputationStage.SEARCHING,
        SupplyPlanComputationStage.FLOORS,
        SupplyPlanComputationStage.NEXT_BEST,
    ]
    assert (
        sum(one.seats for one in plan.held) == plan.seats == sum(plan.seats_of_municipality(f"m{n}") for n in range(6))
    )
    assert all(plan.seats_of_municipality(f"m{n}") >= 8 for n in range(6))
    assert plan.money <= 8_000 and plan.money == sum(offerings[int(one.offering[1:])].money for one in plan.held)
    assert sum(one.gain for one in plan.held) == pytest.approx(1)


@pytest.mark.slow
def test_sixty_offerings_are_planned_within_their_time_with_a_stated_gap():
    """The time is the search's own limit; how much it takes, `./run bench matching` says."""
    asked = supply_case()
    plan = plan_supply(asked)
    assert asked.limits.seconds <= 30
    assert 0 <= plan.gap <= 0.05
    assert 0 < plan.money <= asked.limits.money and plan.hours <= asked.limits.hours
    assert {floor.municipality for floor in plan.floors} == asked.limits.floors.keys()
    assert all(floor.seats >= floor.promised > 0 and floor.price >= 0 for floor in plan.floors)
    assert plan.next_best and all(offered.gain > 0 for offered in plan.next_best)


def test_nothing_to_hold_or_nobody_to_come_is_an_empty_plan():
    empty = SupplyCase((), (), np.zeros((0, 0)), SupplyLimits())
    assert plan_supply(empty).held == ()
    plan = plan_supply(case([[float("nan")]], offerings=(SupplyOffering("o0", "k", 6),), floors={"m0": 1}))
    assert plan.seats == 0 and plan.floors[0].promised == 0 and plan.gap == 0


@pytest.mark.parametrize(
    "broken",
    [
        lambda whole: replace(whole, gains=np.zeros((1, 1))),
        lambda whole: replace(whole, gains=-whole.gains),
        lambda whole: replace(whole, gains=whole.gains * np.inf),
        lambda whole: replace(whole, limits=replace(whole.limits, money=float("nan"))),
        lambda whole: replace(whole, limits=replace(whole.limits, fill=1.5)),
        lambda whole: replace(whole, limits=replace(whole.limits, floors={"m0": -1})),
    ],
)
def test_numbers_that_cannot_be_planned_with_are_refused(broken):
    with pytest.raises(InvalidSupplyCase):
        plan_supply(broken(case([[1.0, 2.0], [1.0, 2.0]])))
