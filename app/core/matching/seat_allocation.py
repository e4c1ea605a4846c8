"""Allocate scarce seats: first the same ratio for all communities, then by need, with reasons.

Step one is a linear programme for the largest ratio t such that every community gets at least
t x its entitlement. Step two gives the seats where need weighs most, with a floor of
floor(t x entitlement) seats for each. Without side conditions the matrix is that of a transport
problem, so the linear solution is whole numbers; groups with a minimum and a budget make it a
mixed-integer programme, which stops at a time limit with the best found so far.
Members of the network are served first and by themselves; others share what is left over.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.core.matching.linear_programme import AllocationLimits, LpModel, RequestVariable, solve
from app.core.matching.offering_selection import select_offerings
from app.core.matching.seat_requests import (
    Allocation,
    AllocationStage,
    Applicant,
    CommunityShare,
    InvalidSeatRequests,
    SeatGrant,
    SeatOffer,
    SeatReason,
    SeatRequest,
)

FAINT = 1e-4


def _no_progress(_stage: AllocationStage) -> None:
    """Do nothing."""


def allocate_seats(
    requests: Sequence[SeatRequest],
    applicants: Sequence[Applicant],
    supplies: Sequence[SeatOffer],
    *,
    seed: int,
    limits: AllocationLimits | None = None,
    with_floors: bool = True,
    on_stage: Callable[[AllocationStage], None] = _no_progress,
) -> Allocation:
    """Decide every request; the same input and seed give the same allocation.

    Without floors need alone decides: it is there to be compared with. `on_stage` is called with each stage, and may
    raise to end the allocation. Raises InvalidSeatRequests.
    """
    _require_sense(requests, applicants, supplies)
    people = {applicant.community: applicant for applicant in applicants}
    offers = {offer.offering: offer for offer in supplies}
    case = _AllocationInput(_ordered(requests), people, offers, limits or AllocationLimits(), with_floors, seed)
    on_stage(AllocationStage.HOLDING)
    held, exact = _select_held(case)
    first, second = _both(case, held, on_stage)
    # Pairs can leave a time under its minimum: it is dropped, and its seats are asked for elsewhere.
    while short := _short(case, first, second):
        held = held - short
        exact = False
        first, second = _both(case, held, on_stage)
    cancelled = {request.offering for request in requests} - held
    grants = tuple(
        SeatGrant(request, seats, _reasons(case, request, seats, side, cancelled))
        for side in (first, second)
        for request, seats in zip(side.requests, side.seats, strict=True)
    )
    return Allocation(
        grants=tuple(
            sorted(grants, key=lambda grant: (grant.request.community, grant.request.priority, grant.request.offering))
        ),
        shares=tuple(sorted((*_shares(first), *_shares(second)), key=lambda share: share.community)),
        ratio=first.ratio if first.requests else second.ratio,
        cancelled=tuple(sorted(cancelled)),
        whole=exact and first.whole and second.whole,
        seed=seed,
    )


@dataclass(frozen=True, slots=True)
class _AllocationInput:
    """Everything that an allocation is worked out from."""

    requests: Sequence[SeatRequest]
    people: Mapping[str, Applicant]
    offers: Mapping[str, SeatOffer]
    limits: AllocationLimits
    with_floors: bool
    seed: int

    def of(self, *, members: bool) -> list[SeatRequest]:
        """Return the requests of members, or of those who pay."""
        return [request for request in self.requests if self.people[request.community].member is members]

    def pairs(self, requests: Sequence[SeatRequest]) -> tuple[RequestVariable, ...]:
        """Return requests as variables; what falls on an unsuitable day gets no seat."""
        return tuple(
            RequestVariable(
                request.community,
                request.offering,
                applicant.organisation,
                _suitable(request, applicant),
                applicant.member,
            )
            for request in requests
            for applicant in [self.people[request.community]]
        )


@dataclass(frozen=True, slots=True)
class _GroupAllocation:
    """The answer for members, or for the others."""

    requests: tuple[SeatRequest, ...]
    seats: tuple[int, ...]
    entitlements: Mapping[str, float]
    floors: Mapping[str, int]
    ratio: float
    rooms: Mapping[str, int]
    taken: Mapping[str, int]
    whole: bool


def _ordered(requests: Sequence[SeatRequest]) -> list[SeatRequest]:
    return sorted(requests, key=lambda request: (request.community, request.offering))


def _require_sense(
    requests: Sequence[SeatRequest], applicants: Sequence[Applicant], supplies: Sequence[SeatOffer]
) -> None:
    people = {applicant.community for applicant in applicants}
    offers = {offer.offering for offer in supplies}
    pairs = [(request.community, request.offering) for request in requests]
    for request in requests:
        if (
            request.community not in people
            or request.offering not in offers
            or request.seats < 1
            or request.priority < 1
        ):
            message = f"{request} cannot be answered"
            raise InvalidSeatRequests(message)
    if len(set(pairs)) < len(pairs):
        message = "a community asks twice for the same offering"
        raise InvalidSeatRequests(message)


def entitlements(requests: Sequence[SeatRequest], people: Mapping[str, Applicant], *, seats: int) -> dict[str, float]:
    """Return how many seats each community is entitled to: by its staff, with credit, never more than it requested."""
    asked: dict[str, int] = {}
    for request in requests:
        asked[request.community] = asked.get(request.community, 0) + _suitable(request, people[request.community])
    staff = sum(people[item].staff for item in asked) or 1
    return {
        item: min(float(number), seats * people[item].staff / staff + people[item].credit)
        for item, number in asked.items()
    }


def _select_held(case: _AllocationInput) -> tuple[frozenset[str], bool]:
    """Choose what is held, looking at members and those who pay together."""
    joint = LpModel(
        pairs=case.pairs(case.requests),
        values=_values(case.requests, case.people, np.random.default_rng(case.seed)),
        rooms={offer.offering: offer.capacity for offer in case.offers.values()},
        minima={offer.offering: offer.minimum for offer in case.offers.values()},
        quotas={offer.offering: offer.quotas for offer in case.offers.values()},
        entitled={},
    )
    kept = {offer.offering: offer.member_quota or 0 for offer in case.offers.values()}
    return select_offerings(
        joint, case.limits, kept=kept, costs={offer.offering: offer.cost for offer in case.offers.values()}
    )


def _both(
    case: _AllocationInput, held: frozenset[str], on_stage: Callable[[AllocationStage], None]
) -> tuple[_GroupAllocation, _GroupAllocation]:
    """Serve members, then those who pay from what is left; both count towards a minimum."""
    chance = np.random.default_rng(case.seed)
    on_stage(AllocationStage.MEMBERS)
    others = case.of(members=False)
    reach = _reach(case, others)
    least = {name: max(0, offer.minimum - reach.get(name, 0)) for name, offer in case.offers.items()}
    first = _side(case, case.of(members=True), {name: offer.capacity for name, offer in case.offers.items()},
                  minima=least, held=held, chance=chance)  # fmt: skip
    on_stage(AllocationStage.OTHERS)
    rest = {name: max(0, offer.minimum - first.taken.get(name, 0)) for name, offer in case.offers.items()}
    second = _side(case, others, _left_over(case.offers, first), minima=rest, held=held, chance=chance)
    return first, second


def _reach(case: _AllocationInput, others: Sequence[SeatRequest]) -> dict[str, int]:
    """Return how many seats of each offering those who pay could fill."""
    asked: dict[tuple[str, str], int] = {}
    for request in others:
        applicant = case.people[request.community]
        pair = (request.offering, applicant.organisation)
        asked[pair] = asked.get(pair, 0) + _suitable(request, applicant)
    result: dict[str, int] = {}
    for (offering, organisation), seats in asked.items():
        result[offering] = result.get(offering, 0) + min(seats, case.offers[offering].quotas.get(organisation, seats))
    open_to_all = {name: offer.capacity - (offer.member_quota or 0) for name, offer in case.offers.items()}
    return {name: max(0, min(seats, open_to_all[name])) for name, seats in result.items()}


def _short(case: _AllocationInput, first: _GroupAllocation, second: _GroupAllocation) -> frozenset[str]:
    """Return what somebody got seats of, yet fewer than its minimum."""
    taken = {name: first.taken.get(name, 0) + second.taken.get(name, 0) for name in case.offers}
    return frozenset(name for name, seats in taken.items() if 0 < seats < case.offers[name].minimum)


def _suitable(request: SeatRequest, applicant: Applicant) -> int:
    return 0 if request.offering in applicant.unsuitable else request.seats


def _side(
    case: _AllocationInput,
    requests: Sequence[SeatRequest],
    rooms: Mapping[str, int],
    *,
    minima: Mapping[str, int],
    held: frozenset[str],
    chance: Generator,
) -> _GroupAllocation:
    wanted = {request.offering for request in requests}
    entitled = entitlements(requests, case.people, seats=sum(rooms[item] for item in wanted))
    model = LpModel(
        pairs=case.pairs(requests),
        values=_values(requests, case.people, chance),
        rooms=rooms,
        minima=minima,
        quotas={offer.offering: offer.quotas for offer in case.offers.values()},
        entitled=entitled,
    )
    answer = solve(model, held & wanted, case.limits, with_floors=case.with_floors)
    return _GroupAllocation(
        requests=tuple(requests),
        seats=answer.seats,
        entitlements=entitled,
        floors=answer.floors,
        ratio=answer.ratio,
        rooms=rooms,
        taken=_by_offering(requests, answer.seats),
        whole=answer.whole,
    )


def _by_offering(requests: Sequence[SeatRequest], seats: Sequence[int]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for request, number in zip(requests, seats, strict=True):
        sums[request.offering] = sums.get(request.offering, 0) + number
    return sums


def _values(requests: Sequence[SeatRequest], people: Mapping[str, Applicant], chance: Generator) -> NDArray[np.float64]:
    """Return the value of a seat: the need, less at a lower priority, and a faint draw that only breaks ties."""
    needs = np.array([people[request.community].weights.get(request.offering, 0.0) for request in requests])
    priorities = np.array([1.0 / request.priority for request in requests])
    return (0.05 + needs) * (0.5 + 0.5 * priorities) + FAINT * chance.random(len(requests))


def _left_over(offers: Mapping[str, SeatOffer], members: _GroupAllocation) -> dict[str, int]:
    # Seats kept for members stay theirs even when empty: a late member may still come.
    return {
        name: max(0, offer.capacity - max(offer.member_quota or 0, members.taken.get(name, 0)))
        for name, offer in offers.items()
    }


def _shares(side: _GroupAllocation) -> list[CommunityShare]:
    asked: dict[str, list[int]] = {}
    for request, seats in zip(side.requests, side.seats, strict=True):
        totals = asked.setdefault(request.community, [0, 0])
        totals[0] += request.seats
        totals[1] += seats
    return [
        CommunityShare(
            community=name,
            asked=wanted,
            entitlement=side.entitlements[name],
            floor=side.floors.get(name, 0),
            granted=granted,
            credit=max(0.0, min(float(wanted), side.entitlements[name]) - granted),
        )
        for name, (wanted, granted) in asked.items()
    ]


def _reasons(
    case: _AllocationInput, request: SeatRequest, seats: int, side: _GroupAllocation, cancelled: Set[str]
) -> tuple[SeatReason, ...]:
    applicant = case.people[request.community]
    offer = case.offers[request.offering]
    if request.offering in applicant.unsuitable:
        return (SeatReason.DATE,)
    if seats == request.seats:
        return (SeatReason.ALL_GIVEN, SeatReason.FLOOR if side.floors.get(request.community, 0) else SeatReason.NEED)
    seat_reasons: list[SeatReason] = [SeatReason.FLOOR] if seats else []
    if request.offering in cancelled:
        asked = sum(each_request.seats for each_request in case.requests if each_request.offering == request.offering)
        seat_reasons.append(
            SeatReason.BUDGET if case.limits.budget is not None and asked >= offer.minimum else SeatReason.TOO_FEW
        )
    elif side.taken[request.offering] >= side.rooms[request.offering]:
        seat_reasons.append(SeatReason.FULL if applicant.member else SeatReason.MEMBERS_FIRST)
    elif applicant.organisation in offer.quotas:
        seat_reasons.append(SeatReason.QUOTA)
    else:
        seat_reasons.append(SeatReason.NEED)
    return tuple(seat_reasons)
