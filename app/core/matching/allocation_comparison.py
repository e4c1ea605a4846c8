"""Compare the seat allocation with two simple methods: first come, first served, and by need only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.matching.seat_allocation import allocate_seats
from app.core.matching.seat_requests import Allocation, Applicant, SeatOffer, SeatRequest


class AllocationMethod(StrEnum):
    """A method of seat allocation."""

    FAIR = "fair"
    NEED_ONLY = "need_only"
    FIRST_COME = "first_come"


@dataclass(frozen=True, slots=True)
class AllocationOutcome:
    """What one allocation method leads to: seats, seats weighted by need, communities without any seat.

    `under_half` is how many communities get less than half of what their staff entitles them to.
    """

    method: AllocationMethod
    seats: int
    weighted: float
    with_nothing: int
    under_half: int


def compare_methods(
    requests: Sequence[SeatRequest], applicants: Sequence[Applicant], offers: Sequence[SeatOffer], *, seed: int
) -> tuple[AllocationOutcome, ...]:
    """Allocate the same seats by three methods and return the outcome of each.

    Group minimum and budget are ignored in all.
    """
    plain = [replace(offer, minimum=0, cost=0.0) for offer in offers]
    fair = allocate_seats(requests, applicants, plain, seed=seed)
    need_only = allocate_seats(requests, applicants, plain, seed=seed, with_floors=False)
    entitled = {share.community: share.entitlement for share in fair.shares}
    people = {applicant.community: applicant for applicant in applicants}
    answers = (
        (AllocationMethod.FAIR, _seats(fair)),
        (AllocationMethod.NEED_ONLY, _seats(need_only)),
        (AllocationMethod.FIRST_COME, allocate_first_come(requests, people, plain)),
    )
    return tuple(_outcome(method, seats, people, entitled) for method, seats in answers)


def allocate_first_come(
    requests: Sequence[SeatRequest], people: Mapping[str, Applicant], offers: Sequence[SeatOffer]
) -> dict[SeatRequest, int]:
    """Grant requests in the order in which they came, those of members first; return the seats of each request."""
    left = {offer.offering: offer.capacity for offer in offers}
    reserved = {offer.offering: offer.member_quota or 0 for offer in offers}
    quotas = {(offer.offering, place): most for offer in offers for place, most in offer.quotas.items()}
    granted: dict[SeatRequest, int] = {}
    for request in sorted(requests, key=lambda each_request: not people[each_request.community].member):
        place = (request.offering, people[request.community].organisation)
        free = (
            left[request.offering]
            if people[request.community].member
            else left[request.offering] - reserved[request.offering]
        )
        granted[request] = max(0, min(request.seats, free, quotas.get(place, request.seats)))
        left[request.offering] -= granted[request]
        if people[request.community].member:
            reserved[request.offering] = max(0, reserved[request.offering] - granted[request])
        if place in quotas:
            quotas[place] -= granted[request]
    return granted


def _seats(allocation: Allocation) -> dict[SeatRequest, int]:
    return {grant.request: grant.seats for grant in allocation.grants}


def _outcome(
    method: AllocationMethod,
    seats: Mapping[SeatRequest, int],
    people: Mapping[str, Applicant],
    entitled: Mapping[str, float],
) -> AllocationOutcome:
    granted = dict.fromkeys(entitled, 0)
    for request, number in seats.items():
        granted[request.community] += number
    return AllocationOutcome(
        method=method,
        seats=sum(granted.values()),
        weighted=sum(
            number * people[request.community].weights.get(request.offering, 0.0) for request, number in seats.items()
        ),
        with_nothing=sum(number == 0 for number in granted.values()),
        under_half=sum(granted[item] < entitled[item] / 2 for item in granted),
    )
