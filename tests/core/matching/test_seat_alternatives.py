"""Seats that were given bind the lists of everybody; a request without seats is offered the next best that has some."""

import pytest

from app.core.matching.seat_alternatives import requests_without_seats
from app.core.matching.seat_requests import AllocatedSeats, SeatRequest
from app.core.matching.seat_room import SeatLimit, seats_by_limit
from tests.core.matching.synthetic_region import course, offering
from tests.core.matching.test_course_lists import catalogue, ids, lists_of, region

NAMES = "abcdef"
MADE = region({name: {"control": 45.0 + number} for number, name in enumerate(NAMES)})
# Best first: the first has two times.
COURSES = [
    course("k", {"control": 3}, offerings=(offering("k-1", capacity=8), offering("k-2", days=90, capacity=8))),
    course("l", {"control": 2}, offerings=(offering("l-1", capacity=50),)),
    course("m", {"practices": 3}, offerings=(offering("m-1", capacity=50),)),
]
ROOM = {"k-1": 8, "k-2": 8, "l-1": 50, "m-1": 50}


def unmet(lists, *offerings, unit="a", room=None, **more):
    requests = [SeatRequest(unit, name, 3, place) for place, name in enumerate(offerings, start=1)]
    return requests_without_seats(lists, unit, requests, room=ROOM if room is None else room, **more)


def alternatives(found):
    return [each.alternative and each.alternative.offering.external_id for each in found]


def refused(*, given=None, not_held=frozenset(), offerings=("k-1",)):
    """Lists after an allocation in which `a` got nothing of some offerings, and others what `given` says."""
    answers = {("a", name): 0 for name in offerings} | (given or {})
    return lists_of(MADE, COURSES, allocated=AllocatedSeats(answers, not_held))


def test_another_time_of_the_same_course_comes_first_then_the_next_of_the_list():
    lists = refused(given={("b", "k-1"): 8})
    assert alternatives(unmet(lists, "k-1")) == ["k-2"]
    order = [item.course.external_id for item in lists.course_list("a").ranking.recommended]
    nothing_of_k = {**ROOM, "k-1": 0, "k-2": 0}
    found = unmet(lists, "k-1", room=nothing_of_k)
    listed = [*ids(lists.course_list("a")), *order]
    expected = next(name for name in listed if name != "k" and lists.expected_seats("a", name))
    assert alternatives(found) == [f"{expected}-1"]
    assert found[0].is_decided


def test_an_alternative_brings_what_was_asked_at_most_and_what_can_be_expected():
    lists = refused(given={("b", "k-1"): 8})
    (found,) = unmet(lists, "k-1")
    assert found.alternative.seats == min(3, lists.expected_seats("a", "k"), 8)
    (found,) = unmet(lists, "k-1", room={**ROOM, "k-2": 1})
    assert found.alternative.seats == 1


def test_two_requests_without_seats_are_offered_two_courses():
    lists = refused(given={("b", "k-1"): 8}, offerings=("k-1", "l-1"))
    first, second = alternatives(unmet(lists, "k-1", "l-1"))
    assert first == "k-2"
    assert second == "m-1"


def test_what_was_requested_or_given_already_is_not_offered():
    lists = refused(given={("b", "k-1"): 8, ("a", "l-1"): 2})
    found = unmet(lists, "k-1", "k-2", "l-1", room={**ROOM, "k-2": 0})
    assert [each.request.offering for each in found] == ["k-1"]
    assert alternatives(found) == ["m-1"]


def test_a_day_that_does_not_suit_is_not_offered():
    lists = refused(given={("b", "k-1"): 8})
    days = COURSES[0].offerings[1].days
    assert alternatives(unmet(lists, "k-1", unsuitable=days)) != ["k-2"]


def test_without_free_seats_there_is_no_alternative():
    lists = refused(given={("b", "k-1"): 8})
    assert alternatives(unmet(lists, "k-1", room={})) == [None]


def test_a_request_that_got_seats_or_can_expect_some_is_left_alone():
    lists = lists_of(MADE, COURSES, allocated=AllocatedSeats({("a", "k-1"): 2}))
    assert unmet(lists, "k-1") == ()
    free = lists_of(MADE, COURSES)
    assert free.expected_seats("a", "m") > 0
    assert unmet(free, "m-1") == ()


def test_a_request_that_can_expect_nothing_is_offered_something_before_any_allocation():
    lists = lists_of(MADE, [*COURSES, course("few", {"control": 3}, offerings=(offering("few-1", capacity=2),))])
    without = next((name for name in NAMES if lists.expected_seats(name, "few") == 0), None)
    assert without is not None
    (found,) = unmet(lists, "few-1", unit=without)
    assert not found.is_decided
    assert found.alternative is not None


def test_an_offering_that_is_not_held_has_no_seats():
    lists = refused(not_held=frozenset({"k-1", "k-2"}))
    assert lists.free["k"] == 0
    assert lists.seats["k"] == 16
    assert lists.expected_seats("a", "k") == 0


def test_given_seats_are_expected_by_their_owner_and_by_nobody_else():
    given = {("a", "k-1"): 8, ("b", "k-2"): 7}
    lists = lists_of(MADE, COURSES, allocated=AllocatedSeats(given))
    assert (lists.expected_seats("a", "k"), lists.expected_seats("b", "k")) == (8, 7)
    assert lists.free["k"] == 1
    assert sum(lists.expected_seats(name, "k") for name in NAMES) <= 16
    assert lists.expected_seats_by_course["k"] <= 16
    outlook = lists.seat_outlook("a", "k")
    assert (outlook.seats, outlook.free, outlook.granted, outlook.expected) == (16, 1, 8, 8)
    listed = {item.course.external_id: item for item in lists.course_list("a").listed}
    assert listed["k"].outlook == outlook


def test_seats_given_are_not_asked_for_again():
    free = lists_of(MADE, COURSES)
    bound = lists_of(MADE, COURSES, allocated=AllocatedSeats({(name, "k-1"): 1 for name in NAMES}))
    assert bound.asked["k"] < free.asked["k"]


def test_requests_of_others_take_what_lists_leave_over():
    made = region({f"u{number}": {} for number in range(8)})
    lists = lists_of(made, catalogue(3, capacity=30))
    unit = "u0"
    left = next(
        name
        for name in lists.seats
        if name not in ids(lists.course_list(unit)) and lists.expected_seats(unit, name) > 0
    )
    others = {name: {left: 30} for name in lists.units if name != unit and left not in ids(lists.course_list(name))}
    later = lists_of(made, catalogue(3, capacity=30), requests=others)
    assert left not in ids(later.course_list(unit))
    assert later.expected_seats(unit, left) < lists.expected_seats(unit, left)


@pytest.mark.parametrize(
    ("municipality", "changes", "room"),
    [
        ("m", {}, {SeatLimit.CAPACITY: 5}),
        ("m", {"quotas": {"m": 12}}, {SeatLimit.CAPACITY: 5, SeatLimit.QUOTA: 2}),
        ("m", {"quotas": {"m": 3}}, {SeatLimit.CAPACITY: 5, SeatLimit.QUOTA: 0}),
        ("p", {"member_quota": 12}, {SeatLimit.CAPACITY: 5, SeatLimit.MEMBERS: 3}),
        ("p", {"capacity": 3}, {SeatLimit.CAPACITY: 0, SeatLimit.MEMBERS: 0}),
    ],
)
def test_room_is_what_capacity_quota_and_the_seats_of_members_leave(municipality, changes, room):
    homes = {"a": "m", "b": "m", "c": "p"}
    given = {"a": 4, "b": 6, "c": 5}
    found = seats_by_limit(
        offering("k-1", **{"capacity": 20} | changes), given, municipality, homes=homes, members=["m"]
    )
    assert found == room


def test_who_has_been_given_its_share_leaves_scarce_seats_to_others():
    made = region({"a": {"control": 40.0}, "b": {"control": 44.0}, "c": {"control": 62.0}})
    few = [
        course("k", {"control": 3}, offerings=(offering("k-1", capacity=4),)),
        course("l", {"control": 3}, offerings=(offering("l-1", capacity=4),)),
    ]
    lists = lists_of(made, few, allocated=AllocatedSeats({("a", "k-1"): 4}))
    assert lists.expected_seats("b", "l") > lists.expected_seats("a", "l")
