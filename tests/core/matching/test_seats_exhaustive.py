"""On small cases every way of giving seats is tried, and the allocation is the best of them: no solver is trusted."""

from functools import cache
from itertools import chain, combinations, product
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.matching.linear_programme import GAP
from app.core.matching.seat_allocation import FAINT, allocate_seats
from app.core.matching.seat_requests import Applicant, SeatOffer, SeatRequest

pytestmark = pytest.mark.slow

TRIALS = settings(deadline=None, max_examples=80)
NEARLY = 1e-6


@st.composite
def cases(draw, *, minima=False):
    """Up to four members, three offerings and five wishes: few seats, none at all, equal needs, quotas, credit."""
    supplies = [
        SeatOffer(
            f"o{number}",
            draw(st.integers(0, 4)),
            minimum=draw(st.integers(0, 5)) if minima else 0,
            quotas=draw(st.dictionaries(st.sampled_from(["m0", "m1"]), st.integers(0, 3), max_size=1)),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    applicants = []
    wishes = []
    for number in range(draw(st.integers(1, 4))):
        weights = {one.offering: draw(st.sampled_from([0.0, 0.3, 0.3, 1.0])) for one in supplies}
        staff = draw(st.sampled_from([1, 10, 10, 10_000]))
        credit = float(draw(st.integers(0, 2)))
        applicants.append(Applicant(f"c{number}", f"m{number % 2}", staff, credit=credit, weights=weights))
        for one in draw(st.lists(st.sampled_from(supplies), unique_by=lambda one: one.offering, max_size=2)):
            wishes.append(SeatRequest(f"c{number}", one.offering, draw(st.integers(1, 3)), draw(st.integers(1, 2))))
    return sorted(wishes, key=lambda one: (one.community, one.offering))[:5], applicants, supplies


def ways(wishes, applicants, supplies, held):
    """Every way to give whole seats that keeps capacities, quotas and, where an offering is held, its minimum."""
    homes = {one.community: one.organisation for one in applicants}
    for seats in product(*(range(one.seats + 1 if one.offering in held else 1) for one in wishes)):
        if all(is_kept(one, held, wishes, seats, homes) for one in supplies):
            yield seats


def is_kept(supply, held, wishes, seats, homes):
    mine = [(homes[wish.community], number) for wish, number in zip(wishes, seats, strict=True)
            if wish.offering == supply.offering]  # fmt: skip
    taken = sum(number for _home, number in mine)
    least = supply.minimum if supply.offering in held and supply.minimum > 1 else 0
    quotas = all(sum(number for home, number in mine if home == place) <= most for place, most in supply.quotas.items())
    return least <= taken <= supply.capacity and quotas


def worth(wishes, applicants, seats):
    needs = {one.community: one.weights for one in applicants}
    return sum(
        number * (0.05 + needs[wish.community][wish.offering]) * (0.5 + 0.5 / wish.priority)
        for wish, number in zip(wishes, seats, strict=True)
    )


def subsets(names):
    return chain.from_iterable(combinations(names, size) for size in range(1, len(names) + 1))


def of(wishes, seats, communities):
    return sum(number for wish, number in zip(wishes, seats, strict=True) if wish.community in communities)


def entitled(wishes, applicants, supplies, held):
    """Seats by staff with credit, never above what was asked for, nor above what one could get alone."""
    asking = {wish.community for wish in wishes}
    staff = sum(one.staff for one in applicants if one.community in asking)
    room = sum(one.capacity for one in supplies if one.offering in {wish.offering for wish in wishes})
    offers = {one.offering: one for one in supplies}
    found = {}
    for one in applicants:
        mine = [wish for wish in wishes if wish.community == one.community]
        if mine:
            alone = sum(
                min(wish.seats, offers[wish.offering].capacity, offers[wish.offering].quotas.get(one.organisation, 99))
                for wish in mine
                if wish.offering in held
            )
            found[one.community] = min(sum(w.seats for w in mine), room * one.staff / staff + one.credit, alone)
    return found


def common_ratio(wishes, every, share):
    """The largest ratio that all can have: no set of communities may be owed more than it could have together."""
    ratios = [1.0]
    for some in subsets(sorted(share)):
        owed = sum(share[one] for one in some)
        if owed > 0:
            ratios.append(max(of(wishes, seats, some) for seats in every) / owed)
    return min(ratios)


@TRIALS
@given(cases())
def test_floors_are_those_of_the_largest_common_ratio_and_no_way_above_them_serves_need_better(case):
    wishes, applicants, supplies = case
    allocation = allocate_seats(*case, seed=3)
    held = {one.offering for one in supplies}
    every = list(ways(wishes, applicants, supplies, held))
    share = entitled(wishes, applicants, supplies, held)
    ratio = common_ratio(wishes, every, share)
    floors = {one: floor(ratio * seats + NEARLY) for one, seats in share.items()}
    assert abs(allocation.ratio - ratio) < NEARLY
    assert {one.community: one.floor for one in allocation.shares} == floors
    fair = [seats for seats in every if all(of(wishes, seats, {one}) >= least for one, least in floors.items())]
    best = max((worth(wishes, applicants, seats) for seats in fair), default=0.0)
    told = {one.request: one.seats for one in allocation.grants}
    mine = tuple(told[wish] for wish in wishes)
    assert mine in fair or not wishes
    assert worth(wishes, applicants, mine) >= best - FAINT * sum(wish.seats for wish in wishes) - NEARLY


@TRIALS
@given(cases(minima=True))
def test_what_is_held_in_spite_of_group_minima_could_not_serve_need_better(case):
    wishes, applicants, supplies = case
    allocation = allocate_seats(*case, seed=3)

    @cache
    def best(held):
        every = ways(wishes, applicants, supplies, held)
        return max((worth(wishes, applicants, seats) for seats in every), default=float("-inf"))

    wanted = sorted({wish.offering for wish in wishes})
    chosen = frozenset(wanted) - set(allocation.cancelled)
    most = max((best(frozenset(some)) for some in subsets(wanted)), default=0.0)
    slack = FAINT * sum(wish.seats for wish in wishes) + NEARLY
    assert best(chosen) >= max(most, 0.0) * (1 - GAP) - slack
    told = {one.request: one.seats for one in allocation.grants}
    assert tuple(told[wish] for wish in wishes) in set(ways(wishes, applicants, supplies, chosen))
