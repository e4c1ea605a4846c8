"""The allocation beside two simpler ones: first come, first served, and need alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.matching.seat_allocation import allocate_seats
from app.core.matching.seat_requests import Allocation, Applicant, SeatOffer, SeatRequest


class AllocationMethod(StrEnum):
    """One way to share seats."""

    FAIR = "fair"
    NEED_ONLY = "need_only"
    FIRST_COME = "first_come"


@dataclass(frozen=True, slots=True)
class AllocationOutcome:
    """What a way of sharing leads to: seats, seats weighted by need, communities left with nothing.

    `under_half` is how many communities get less than half of what their staff entitles them to.
    """

    method: AllocationMethod
    seats: int
    weighted: float
    with_nothing: int
    under_half: int


def compare_methods(
    wishes: Sequence[SeatRequest], applicants: Sequence[Applicant], supplies: Sequence[SeatOffer], *, seed: int
) -> tuple[AllocationOutcome, ...]:
    """Share the same seats in three ways; group minimum and budget are left aside in all three."""
    plain = [replace(one, minimum=0, cost=0.0) for one in supplies]
    fair = allocate_seats(wishes, applicants, plain, seed=seed)
    need_only = allocate_seats(wishes, applicants, plain, seed=seed, with_floors=False)
    entitled = {one.community: one.entitlement for one in fair.shares}
    people = {one.community: one for one in applicants}
    answers = (
        (AllocationMethod.FAIR, _seats(fair)),
        (AllocationMethod.NEED_ONLY, _seats(need_only)),
        (AllocationMethod.FIRST_COME, first_come(wishes, people, plain)),
    )
    return tuple(_outcome(method, seats, people, entitled) for method, seats in answers)


def first_come(
    wishes: Sequence[SeatRequest], people: Mapping[str, Applicant], supplies: Sequence[SeatOffer]
) -> dict[SeatRequest, int]:
    """Serve wishes in the order that they came; members before others."""
    left = {one.offering: one.capacity for one in supplies}
    reserved = {one.offering: one.member_quota or 0 for one in supplies}
    quotas = {(one.offering, place): most for one in supplies for place, most in one.quotas.items()}
    given: dict[SeatRequest, int] = {}
    for wish in sorted(wishes, key=lambda one: not people[one.community].member):
        place = (wish.offering, people[wish.community].organisation)
        free = left[wish.offering] if people[wish.community].member else left[wish.offering] - reserved[wish.offering]
        given[wish] = max(0, min(wish.seats, free, quotas.get(place, wish.seats)))
        left[wish.offering] -= given[wish]
        if people[wish.community].member:
            reserved[wish.offering] = max(0, reserved[wish.offering] - given[wish])
        if place in quotas:
            quotas[place] -= given[wish]
    return given


def _seats(allocation: Allocation) -> dict[SeatRequest, int]:
    return {one.wish: one.seats for one in allocation.given}


def _outcome(
    method: AllocationMethod,
    seats: Mapping[SeatRequest, int],
    people: Mapping[str, Applicant],
    entitled: Mapping[str, float],
) -> AllocationOutcome:
    given = dict.fromkeys(entitled, 0)
    for wish, number in seats.items():
        given[wish.community] += number
    return AllocationOutcome(
        method=method,
        seats=sum(given.values()),
        weighted=sum(number * people[wish.community].weights.get(wish.offering, 0.0) for wish, number in seats.items()),
        with_nothing=sum(number == 0 for number in given.values()),
        under_half=sum(given[one] < entitled[one] / 2 for one in given),
    )
