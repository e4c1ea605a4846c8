from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.matching.allocation_comparison import AllocationMethod, compare_methods
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_allocation import allocate_seats
from app.core.matching.seat_requests import (
    AllocationStage,
    Applicant,
    InvalidSeatRequests,
    SeatOffer,
    SeatReason,
    SeatRequest,
)

PLACES = ("m1", "m2", "paying")
QUICK = settings(deadline=None, max_examples=60)


@st.composite
def problems(draw):
    offerings = [f"o{number}" for number in range(draw(st.integers(1, 4)))]
    supplies = [
        SeatOffer(
            name,
            draw(st.integers(0, 12)),
            member_quota=draw(st.none() | st.integers(0, 4)),
            quotas=draw(st.dictionaries(st.sampled_from(PLACES), st.integers(0, 5), max_size=2)),
        )
        for name in offerings
    ]
    applicants = []
    wishes = []
    for number in range(draw(st.integers(1, 7))):
        place = draw(st.sampled_from(PLACES))
        weights = {name: draw(st.integers(0, 10)) / 10 for name in offerings}
        credit = float(draw(st.integers(0, 2)))
        staff = draw(st.integers(3, 60))
        applicants.append(Applicant(f"c{number}", place, staff, place != "paying", credit, weights))
        for name in draw(st.lists(st.sampled_from(offerings), unique=True, max_size=3)):
            wishes.append(SeatRequest(f"c{number}", name, draw(st.integers(1, 6)), draw(st.integers(1, 3))))
    return wishes, applicants, supplies


def seats_by(allocation, key):
    found = Counter()
    for one in allocation.grants:
        found[key(one.request)] += one.seats
    return found


@QUICK
@pytest.mark.slow
@given(problems())
def test_no_offering_is_filled_above_its_capacity(problem):
    allocation = allocate_seats(*problem, seed=1)
    given_out = seats_by(allocation, lambda wish: wish.offering)
    assert all(given_out[one.offering] <= one.capacity for one in problem[2])


@QUICK
@pytest.mark.slow
@given(problems())
def test_nobody_gets_more_than_asked_and_every_wish_has_a_reason(problem):
    allocation = allocate_seats(*problem, seed=1)
    assert Counter(one.request for one in allocation.grants) == Counter(problem[0])
    for one in allocation.grants:
        assert 0 <= one.seats <= one.request.seats
        assert one.reasons


@QUICK
@pytest.mark.slow
@given(problems())
def test_nobody_falls_under_the_floor_that_was_promised(problem):
    for share in allocate_seats(*problem, seed=1).shares:
        assert share.granted >= share.floor


@QUICK
@pytest.mark.slow
@given(problems())
def test_quotas_of_organisations_are_kept(problem):
    _wishes, applicants, supplies = problem
    places = {one.community: one.organisation for one in applicants}
    given_out = seats_by(allocate_seats(*problem, seed=1), lambda wish: (wish.offering, places[wish.community]))
    for supply in supplies:
        for place, most in supply.quotas.items():
            assert given_out[supply.offering, place] <= most


@QUICK
@pytest.mark.slow
@given(problems())
def test_those_who_pay_never_take_a_member_s_seat(problem):
    wishes, applicants, supplies = problem
    members = {one.community for one in applicants if one.member}
    alone = allocate_seats([one for one in wishes if one.community in members], applicants, supplies, seed=1)
    together = allocate_seats(*problem, seed=1)
    expected = {one.request: one.seats for one in alone.grants}
    assert {one.request: one.seats for one in together.grants if one.request.community in members} == expected
    others = seats_by(together, lambda wish: (wish.offering, wish.community in members))
    for supply in supplies:
        if supply.member_quota is not None:
            assert others[supply.offering, False] <= max(0, supply.capacity - supply.member_quota)


@QUICK
@pytest.mark.slow
@given(problems())
def test_the_same_seed_gives_the_same_answer_in_whatever_order_wishes_come(problem):
    wishes, applicants, supplies = problem
    assert allocate_seats(wishes, applicants, supplies, seed=7) == allocate_seats(
        wishes[::-1], applicants[::-1], supplies, seed=7
    )


@QUICK
@pytest.mark.slow
@given(problems(), st.data())
def test_a_better_wish_never_hurts_its_maker(problem, data):
    wishes, applicants, supplies = problem
    later = [one for one in wishes if one.priority > 1]
    if not later:
        return
    chosen = data.draw(st.sampled_from(later))
    better = [replace(one, priority=1) if one == chosen else one for one in wishes]
    pair = (chosen.community, chosen.offering)
    before = seats_by(
        allocate_seats(wishes, applicants, supplies, seed=1), lambda wish: (wish.community, wish.offering)
    )
    after = seats_by(allocate_seats(better, applicants, supplies, seed=1), lambda wish: (wish.community, wish.offering))
    assert after[pair] >= before[pair]


@QUICK
@pytest.mark.slow
@given(problems())
def test_no_seat_is_left_that_somebody_could_have_had(problem):
    _wishes, applicants, supplies = problem
    allocation = allocate_seats(*problem, seed=1)
    taken = seats_by(allocation, lambda wish: wish.offering)
    offers = {one.offering: one for one in supplies}
    members = {one.community: one.member for one in applicants}
    for one in allocation.grants:
        supply = offers[one.request.offering]
        if one.seats < one.request.seats and members[one.request.community] and not supply.quotas:
            assert taken[supply.offering] == supply.capacity


def simple(capacity=10, needs=(1.0, 0.0), staff=(10, 10), asked=(10, 10), **supply):
    applicants = [Applicant(f"c{n}", "m1", staff[n], weights={"o": needs[n]}) for n in range(len(needs))]
    wishes = [SeatRequest(f"c{n}", "o", asked[n]) for n in range(len(needs))]
    return wishes, applicants, [SeatOffer("o", capacity, **supply)]


def by_community(allocation):
    return {one.request.community: one.seats for one in allocation.grants}


def test_the_floor_keeps_a_seat_for_the_one_with_less_need():
    assert by_community(allocate_seats(*simple(), seed=1)) == {"c0": 5, "c1": 5}
    assert by_community(allocate_seats(*simple(), seed=1, with_floors=False)) == {"c0": 10, "c1": 0}


def test_what_is_above_the_floor_goes_by_need():
    assert by_community(allocate_seats(*simple(capacity=11, staff=(10, 11)), seed=1)) == {"c0": 6, "c1": 5}


def test_a_refusal_is_carried_over_and_counts_next_time():
    first = allocate_seats(*simple(capacity=1, asked=(1, 1)), seed=1)
    refused = first.find_share("c1")
    assert (refused.granted, refused.credit) == (0, pytest.approx(0.5))
    wishes, applicants, supplies = simple(capacity=1, asked=(1, 1))
    again = [applicants[0], replace(applicants[1], credit=1.0)]
    assert allocate_seats(wishes, again, supplies, seed=1).find_share("c1").entitlement > refused.entitlement


def test_an_offering_that_too_few_ask_for_is_not_held():
    allocation = allocate_seats(*simple(asked=(2, 2), minimum=8), seed=1)
    assert allocation.cancelled == ("o",)
    assert {reason for one in allocation.grants for reason in one.reasons} == {SeatReason.TOO_FEW}


def test_an_offering_that_reaches_its_minimum_is_held():
    allocation = allocate_seats(*simple(asked=(6, 6), minimum=8), seed=1)
    assert sum(by_community(allocation).values()) == 10


def test_the_budget_decides_which_offerings_are_held():
    applicants = [Applicant("c", "m1", 10, weights={"dear": 1.0, "other": 0.2})]
    wishes = [SeatRequest("c", "dear", 5), SeatRequest("c", "other", 5)]
    supplies = [SeatOffer("dear", 10, cost=100), SeatOffer("other", 10, cost=100)]
    allocation = allocate_seats(wishes, applicants, supplies, seed=1, limits=AllocationLimits(budget=150))
    assert allocation.cancelled == ("other",)
    assert {one.request.offering: one.reasons for one in allocation.grants}["other"] == (SeatReason.BUDGET,)


def test_two_colleagues_come_or_none():
    allocation = allocate_seats(*simple(capacity=5, needs=(0.5, 0.5, 0.5), staff=(9, 9, 9), asked=(3, 3, 3)), seed=1,
                          limits=AllocationLimits(two_or_none=True))  # fmt: skip
    assert sum(by_community(allocation).values()) == 5
    assert 1 not in by_community(allocation).values()


def test_one_community_that_asks_for_what_is_full_does_not_drag_others_down():
    wishes, applicants, supplies = simple(needs=(0.5, 0.5))
    wishes.append(SeatRequest("late", "none", 3))
    applicants.append(Applicant("late", "m1", 30))
    allocation = allocate_seats(wishes, applicants, [*supplies, SeatOffer("none", 0)], seed=1)
    assert allocation.ratio > 0
    assert sum(by_community(allocation).values()) == 10
    assert all(share.granted >= 2 for share in allocation.shares if share.community != "late")


@pytest.mark.parametrize(
    "wishes",
    [
        [SeatRequest("x", "o", 1)],
        [SeatRequest("c0", "x", 1)],
        [SeatRequest("c0", "o", 0)],
        [SeatRequest("c0", "o", 1)] * 2,
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(wishes):
    _, applicants, supplies = simple()
    with pytest.raises(InvalidSeatRequests):
        allocate_seats(wishes, applicants, supplies, seed=1)


def test_floors_leave_nobody_with_nothing_at_a_small_cost():
    wishes, applicants, supplies = simple(capacity=12, needs=(0.9, 0.5, 0.1), staff=(20,) * 3, asked=(12,) * 3)
    outcomes = {one.method: one for one in compare_methods(wishes, applicants, supplies, seed=1)}
    assert outcomes[AllocationMethod.NEED_ONLY].with_nothing == 2
    assert outcomes[AllocationMethod.FIRST_COME].with_nothing == 2
    assert outcomes[AllocationMethod.FAIR].with_nothing == 0
    assert (outcomes[AllocationMethod.FAIR].under_half, outcomes[AllocationMethod.NEED_ONLY].under_half) == (0, 2)
    assert outcomes[AllocationMethod.NEED_ONLY].weighted > outcomes[AllocationMethod.FAIR].weighted


def shared(member_needs=(0.5,), asked=(4, 4), **supply):
    applicants = [
        Applicant("own", "m1", 10, weights={"o": member_needs[0]}),
        Applicant("guest", "paying", 10, member=False, weights={"o": 0.5}),
    ]
    return (
        [SeatRequest("own", "o", asked[0]), SeatRequest("guest", "o", asked[1])],
        applicants,
        [SeatOffer("o", 10, **supply)],
    )


def test_members_and_those_who_pay_reach_a_minimum_together():
    assert sum(by_community(allocate_seats(*shared(minimum=8, member_quota=0), seed=1)).values()) == 8
    assert allocate_seats(*shared(minimum=8, member_quota=5), seed=1).cancelled == ()
    assert allocate_seats(*shared(minimum=8, member_quota=7), seed=1).cancelled == ("o",)


def test_the_budget_is_one_for_members_and_those_who_pay():
    applicants = [
        Applicant("own", "m1", 10, weights={"a": 0.2}),
        Applicant("guest", "paying", 10, member=False, weights={"b": 1.0}),
    ]
    wishes = [SeatRequest("own", "a", 2), SeatRequest("guest", "b", 9)]
    supplies = [SeatOffer("a", 10, member_quota=0, cost=100), SeatOffer("b", 10, member_quota=0, cost=100)]
    allocation = allocate_seats(wishes, applicants, supplies, seed=1, limits=AllocationLimits(budget=150))
    assert allocation.cancelled == ("b",)
    assert by_community(allocation) == {"own": 2, "guest": 0}
    both = allocate_seats(wishes, applicants, supplies, seed=1, limits=AllocationLimits(budget=200))
    assert by_community(both) == {"own": 2, "guest": 9}


def test_a_day_that_does_not_suit_gets_no_seat_and_earns_no_credit():
    wishes, applicants, supplies = simple()
    applicants[0] = replace(applicants[0], unsuitable=frozenset({"o"}))
    allocation = allocate_seats(wishes, applicants, supplies, seed=1)
    assert by_community(allocation) == {"c0": 0, "c1": 10}
    assert {one.request.community: one.reasons for one in allocation.grants}["c0"] == (SeatReason.DATE,)
    assert allocation.find_share("c0").credit == 0


def test_it_tells_how_far_it_has_come():
    stages = []
    allocate_seats(*simple(), seed=1, on_stage=stages.append)
    assert stages == [AllocationStage.HOLDING, AllocationStage.MEMBERS, AllocationStage.OTHERS]


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(problems(), st.booleans(), st.none() | st.integers(0, 3), st.integers(2, 6))
def test_group_minimum_budget_and_pairs_are_kept(problem, two_or_none, affordable, minimum):
    wishes, applicants, supplies = problem
    supplies = [replace(one, minimum=minimum, cost=100.0) for one in supplies]
    budget = None if affordable is None else 100.0 * affordable
    allocation = allocate_seats(wishes, applicants, supplies, seed=1, limits=AllocationLimits(budget, two_or_none, 5))
    taken = seats_by(allocation, lambda wish: wish.offering)
    assert all(number == 0 or number >= minimum for number in taken.values())
    assert affordable is None or sum(number > 0 for number in taken.values()) <= affordable
    assert all(taken[one.offering] <= one.capacity for one in supplies)
    if two_or_none:
        assert not [one for one in allocation.grants if one.seats == 1 and one.request.seats > 1]
    paying = {one.community for one in applicants if not one.member}
    theirs = seats_by(allocation, lambda wish: (wish.offering, wish.community in paying))
    for one in supplies:
        if one.member_quota is not None:
            assert theirs[one.offering, True] <= max(0, one.capacity - one.member_quota)
