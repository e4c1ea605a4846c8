"""Share scarce seats among communities: first a common ratio for all, then by need, all of it explained.

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
    """Tell nobody."""


def allocate_seats(
    wishes: Sequence[SeatRequest],
    applicants: Sequence[Applicant],
    supplies: Sequence[SeatOffer],
    *,
    seed: int,
    limits: AllocationLimits | None = None,
    with_floors: bool = True,
    told: Callable[[AllocationStage], None] = _no_progress,
) -> Allocation:
    """Answer every wish; the same input and seed give the same answer.

    Without floors need alone decides: it is there to be compared with. `told` hears how far it has
    come, and may raise to end it. Raises InvalidSeatRequests.
    """
    _require_sense(wishes, applicants, supplies)
    people = {one.community: one for one in applicants}
    offers = {one.offering: one for one in supplies}
    case = _AllocationInput(_ordered(wishes), people, offers, limits or AllocationLimits(), with_floors, seed)
    told(AllocationStage.HOLDING)
    held, exact = _select_held(case)
    first, second = _both(case, held, told)
    # Pairs can leave a time under its minimum: it is dropped, and its seats are asked for elsewhere.
    while short := _short(case, first, second):
        held, exact = held - short, False
        first, second = _both(case, held, told)
    cancelled = {wish.offering for wish in wishes} - held
    given = tuple(
        SeatGrant(wish, seats, _reasons(case, wish, seats, side, cancelled))
        for side in (first, second)
        for wish, seats in zip(side.wishes, side.seats, strict=True)
    )
    return Allocation(
        given=tuple(sorted(given, key=lambda one: (one.wish.community, one.wish.priority, one.wish.offering))),
        shares=tuple(sorted((*_shares(first), *_shares(second)), key=lambda one: one.community)),
        ratio=first.ratio if first.wishes else second.ratio,
        cancelled=tuple(sorted(cancelled)),
        whole=exact and first.whole and second.whole,
        seed=seed,
    )


@dataclass(frozen=True, slots=True)
class _AllocationInput:
    """Everything that an allocation is worked out from."""

    wishes: Sequence[SeatRequest]
    people: Mapping[str, Applicant]
    offers: Mapping[str, SeatOffer]
    limits: AllocationLimits
    with_floors: bool
    seed: int

    def of(self, *, members: bool) -> list[SeatRequest]:
        """Return the wishes of members, or of those who pay."""
        return [one for one in self.wishes if self.people[one.community].member is members]

    def pairs(self, wishes: Sequence[SeatRequest]) -> tuple[RequestVariable, ...]:
        """Return wishes as variables; what falls on an unsuitable day gets no seat."""
        return tuple(
            RequestVariable(one.community, one.offering, asking.organisation, _suitable(one, asking), asking.member)
            for one in wishes
            for asking in [self.people[one.community]]
        )


@dataclass(frozen=True, slots=True)
class _GroupAllocation:
    """The answer for members, or for the others."""

    wishes: tuple[SeatRequest, ...]
    seats: tuple[int, ...]
    entitlements: Mapping[str, float]
    floors: Mapping[str, int]
    ratio: float
    rooms: Mapping[str, int]
    taken: Mapping[str, int]
    whole: bool


def _ordered(wishes: Sequence[SeatRequest]) -> list[SeatRequest]:
    return sorted(wishes, key=lambda one: (one.community, one.offering))


def _require_sense(
    wishes: Sequence[SeatRequest], applicants: Sequence[Applicant], supplies: Sequence[SeatOffer]
) -> None:
    people, offers = {one.community for one in applicants}, {one.offering for one in supplies}
    pairs = [(one.community, one.offering) for one in wishes]
    for wish in wishes:
        if wish.community not in people or wish.offering not in offers or wish.seats < 1 or wish.priority < 1:
            message = f"{wish} cannot be answered"
            raise InvalidSeatRequests(message)
    if len(set(pairs)) < len(pairs):
        message = "a community asks twice for the same offering"
        raise InvalidSeatRequests(message)


def entitlements(wishes: Sequence[SeatRequest], people: Mapping[str, Applicant], *, seats: int) -> dict[str, float]:
    """Return how many seats each community is entitled to: by its staff, with credit, never above its wishes."""
    asked: dict[str, int] = {}
    for wish in wishes:
        asked[wish.community] = asked.get(wish.community, 0) + _suitable(wish, people[wish.community])
    staff = sum(people[one].staff for one in asked) or 1
    return {
        one: min(float(number), seats * people[one].staff / staff + people[one].credit) for one, number in asked.items()
    }


def _select_held(case: _AllocationInput) -> tuple[frozenset[str], bool]:
    """Choose what is held, looking at members and those who pay together."""
    joint = LpModel(
        pairs=case.pairs(case.wishes),
        values=_values(case.wishes, case.people, np.random.default_rng(case.seed)),
        rooms={one.offering: one.capacity for one in case.offers.values()},
        minima={one.offering: one.minimum for one in case.offers.values()},
        quotas={one.offering: one.quotas for one in case.offers.values()},
        entitled={},
    )
    kept = {one.offering: one.member_quota or 0 for one in case.offers.values()}
    return select_offerings(
        joint, case.limits, kept=kept, costs={one.offering: one.cost for one in case.offers.values()}
    )


def _both(
    case: _AllocationInput, held: frozenset[str], told: Callable[[AllocationStage], None]
) -> tuple[_GroupAllocation, _GroupAllocation]:
    """Serve members, then those who pay from what is left; both count towards a minimum."""
    chance = np.random.default_rng(case.seed)
    told(AllocationStage.MEMBERS)
    others = case.of(members=False)
    reach = _reach(case, others)
    least = {name: max(0, one.minimum - reach.get(name, 0)) for name, one in case.offers.items()}
    first = _side(case, case.of(members=True), {name: one.capacity for name, one in case.offers.items()},
                  minima=least, held=held, chance=chance)  # fmt: skip
    told(AllocationStage.OTHERS)
    rest = {name: max(0, one.minimum - first.taken.get(name, 0)) for name, one in case.offers.items()}
    second = _side(case, others, _left_over(case.offers, first), minima=rest, held=held, chance=chance)
    return first, second


def _reach(case: _AllocationInput, others: Sequence[SeatRequest]) -> dict[str, int]:
    """Return how many seats of each offering those who pay could fill."""
    asked: dict[tuple[str, str], int] = {}
    for wish in others:
        asking = case.people[wish.community]
        pair = (wish.offering, asking.organisation)
        asked[pair] = asked.get(pair, 0) + _suitable(wish, asking)
    found: dict[str, int] = {}
    for (offering, organisation), seats in asked.items():
        found[offering] = found.get(offering, 0) + min(seats, case.offers[offering].quotas.get(organisation, seats))
    open_to_all = {name: one.capacity - (one.member_quota or 0) for name, one in case.offers.items()}
    return {name: max(0, min(seats, open_to_all[name])) for name, seats in found.items()}


def _short(case: _AllocationInput, first: _GroupAllocation, second: _GroupAllocation) -> frozenset[str]:
    """Return what somebody got seats of, yet fewer than its minimum."""
    taken = {name: first.taken.get(name, 0) + second.taken.get(name, 0) for name in case.offers}
    return frozenset(name for name, seats in taken.items() if 0 < seats < case.offers[name].minimum)


def _suitable(wish: SeatRequest, asking: Applicant) -> int:
    return 0 if wish.offering in asking.unsuitable else wish.seats


def _side(
    case: _AllocationInput,
    wishes: Sequence[SeatRequest],
    rooms: Mapping[str, int],
    *,
    minima: Mapping[str, int],
    held: frozenset[str],
    chance: Generator,
) -> _GroupAllocation:
    wanted = {wish.offering for wish in wishes}
    entitled = entitlements(wishes, case.people, seats=sum(rooms[one] for one in wanted))
    programme = LpModel(
        pairs=case.pairs(wishes),
        values=_values(wishes, case.people, chance),
        rooms=rooms,
        minima=minima,
        quotas={one.offering: one.quotas for one in case.offers.values()},
        entitled=entitled,
    )
    answer = solve(programme, held & wanted, case.limits, with_floors=case.with_floors)
    return _GroupAllocation(
        wishes=tuple(wishes),
        seats=answer.seats,
        entitlements=entitled,
        floors=answer.floors,
        ratio=answer.ratio,
        rooms=rooms,
        taken=_by_offering(wishes, answer.seats),
        whole=answer.whole,
    )


def _by_offering(wishes: Sequence[SeatRequest], seats: Sequence[int]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for wish, number in zip(wishes, seats, strict=True):
        sums[wish.offering] = sums.get(wish.offering, 0) + number
    return sums


def _values(wishes: Sequence[SeatRequest], people: Mapping[str, Applicant], chance: Generator) -> NDArray[np.float64]:
    """Return what a seat is worth: the need, less for a later wish, and a faint draw that only breaks ties."""
    needs = np.array([people[one.community].weights.get(one.offering, 0.0) for one in wishes])
    priorities = np.array([1.0 / one.priority for one in wishes])
    return (0.05 + needs) * (0.5 + 0.5 * priorities) + FAINT * chance.random(len(wishes))


def _left_over(offers: Mapping[str, SeatOffer], members: _GroupAllocation) -> dict[str, int]:
    # Seats kept for members stay theirs even when empty: a late member may still come.
    return {
        name: max(0, one.capacity - max(one.member_quota or 0, members.taken.get(name, 0)))
        for name, one in offers.items()
    }


def _shares(side: _GroupAllocation) -> list[CommunityShare]:
    asked: dict[str, list[int]] = {}
    for wish, seats in zip(side.wishes, side.seats, strict=True):
        told = asked.setdefault(wish.community, [0, 0])
        told[0] += wish.seats
        told[1] += seats
    return [
        CommunityShare(
            community=name,
            asked=wanted,
            entitlement=side.entitlements[name],
            floor=side.floors.get(name, 0),
            given=given,
            credit=max(0.0, min(float(wanted), side.entitlements[name]) - given),
        )
        for name, (wanted, given) in asked.items()
    ]


def _reasons(
    case: _AllocationInput, wish: SeatRequest, seats: int, side: _GroupAllocation, cancelled: Set[str]
) -> tuple[SeatReason, ...]:
    asking, offer = case.people[wish.community], case.offers[wish.offering]
    if wish.offering in asking.unsuitable:
        return (SeatReason.DATE,)
    if seats == wish.seats:
        return (SeatReason.ALL_GIVEN, SeatReason.FLOOR if side.floors.get(wish.community, 0) else SeatReason.NEED)
    told: list[SeatReason] = [SeatReason.FLOOR] if seats else []
    if wish.offering in cancelled:
        asked = sum(one.seats for one in case.wishes if one.offering == wish.offering)
        told.append(
            SeatReason.BUDGET if case.limits.budget is not None and asked >= offer.minimum else SeatReason.TOO_FEW
        )
    elif side.taken[wish.offering] >= side.rooms[wish.offering]:
        told.append(SeatReason.FULL if asking.member else SeatReason.MEMBERS_FIRST)
    elif asking.organisation in offer.quotas:
        told.append(SeatReason.QUOTA)
    else:
        told.append(SeatReason.NEED)
    return tuple(told)
