"""Share scarce seats among communities: first a common ratio for all, then by need, all of it explained.

Step one is a linear programme for the largest ratio t such that every community gets at least
t x its entitlement. Step two gives the seats where need weighs most, with a floor of
floor(t x entitlement) seats for each. Without side conditions the matrix is that of a transport
problem, so the linear solution is whole numbers; groups with a minimum and a budget make it a
mixed-integer programme, which stops at a time limit with the best found so far.
Members of the network are served first and by themselves; others share what is left over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.core.matching.programme import Limits, Pair, Programme, solve
from app.core.matching.wishes import Allocation, Applicant, Given, Reason, Share, Supply, Wish, WishesRefused

FAINT = 1e-4


def allocate(
    wishes: Sequence[Wish],
    applicants: Sequence[Applicant],
    supplies: Sequence[Supply],
    *,
    seed: int,
    limits: Limits | None = None,
    with_floors: bool = True,
) -> Allocation:
    """Answer every wish; the same input and seed give the same answer.

    Without floors need alone decides: it is there to be compared with. Raises WishesRefused.
    """
    _require_sense(wishes, applicants, supplies)
    chance = np.random.default_rng(seed)
    people = {one.community: one for one in applicants}
    offers = {one.offering: one for one in supplies}
    chosen = limits or Limits()
    members = [one for one in _ordered(wishes) if people[one.community].member]
    others = [one for one in _ordered(wishes) if not people[one.community].member]
    first = _side(members, people, offers, limits=chosen, with_floors=with_floors, chance=chance)
    second = _side(
        others,
        people,
        _left_over(offers, first),
        limits=chosen,
        with_floors=with_floors,
        chance=chance,
        held=first.held,
    )
    given = tuple(
        Given(wish, seats, _reasons(wish, seats, side, offers, people[wish.community]))
        for side in (first, second)
        for wish, seats in zip(side.wishes, side.seats, strict=True)
    )
    return Allocation(
        given=tuple(sorted(given, key=lambda one: (one.wish.community, one.wish.priority, one.wish.offering))),
        shares=tuple(sorted((*_shares(first), *_shares(second)), key=lambda one: one.community)),
        ratio=first.ratio if members else second.ratio,
        cancelled=tuple(sorted({*first.cancelled, *second.cancelled} - _taken(first) - _taken(second))),
        whole=first.whole and second.whole,
        seed=seed,
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """The answer for members, or for the others."""

    wishes: tuple[Wish, ...]
    seats: tuple[int, ...]
    entitlements: Mapping[str, float]
    floors: Mapping[str, int]
    ratio: float
    held: frozenset[str]
    cancelled: frozenset[str]
    rooms: Mapping[str, int]
    asked: Mapping[str, int]
    taken: Mapping[str, int]
    whole: bool


def _ordered(wishes: Sequence[Wish]) -> list[Wish]:
    return sorted(wishes, key=lambda one: (one.community, one.offering))


def _require_sense(wishes: Sequence[Wish], applicants: Sequence[Applicant], supplies: Sequence[Supply]) -> None:
    people, offers = {one.community for one in applicants}, {one.offering for one in supplies}
    pairs = [(one.community, one.offering) for one in wishes]
    for wish in wishes:
        if wish.community not in people or wish.offering not in offers or wish.seats < 1 or wish.priority < 1:
            message = f"{wish} cannot be answered"
            raise WishesRefused(message)
    if len(set(pairs)) < len(pairs):
        message = "a community asks twice for the same offering"
        raise WishesRefused(message)


def entitlements(wishes: Sequence[Wish], people: Mapping[str, Applicant], *, seats: int) -> dict[str, float]:
    """Return how many seats each community is entitled to: by its staff, with credit, never above its wishes."""
    asked: dict[str, int] = {}
    for wish in wishes:
        asked[wish.community] = asked.get(wish.community, 0) + wish.seats
    staff = sum(people[one].staff for one in asked) or 1
    return {
        one: min(float(number), seats * people[one].staff / staff + people[one].credit) for one, number in asked.items()
    }


def _side(
    wishes: Sequence[Wish],
    people: Mapping[str, Applicant],
    offers: Mapping[str, Supply],
    *,
    limits: Limits,
    with_floors: bool,
    chance: Generator,
    held: frozenset[str] = frozenset(),
) -> _Side:
    rooms = {one.offering: one.capacity for one in offers.values()}
    wanted = {wish.offering for wish in wishes}
    entitled = entitlements(wishes, people, seats=sum(rooms[one] for one in wanted))
    programme = Programme(
        pairs=tuple(Pair(one.community, one.offering, people[one.community].organisation, one.seats) for one in wishes),
        values=_values(wishes, people, chance),
        rooms=rooms,
        minima={one.offering: 0 if one.offering in held else one.minimum for one in offers.values()},
        quotas={one.offering: one.quotas for one in offers.values()},
        costs={one.offering: 0.0 if one.offering in held else one.cost for one in offers.values()},
        entitled=entitled,
    )
    answer = solve(programme, limits, with_floors=with_floors)
    return _Side(
        wishes=tuple(wishes),
        seats=answer.seats,
        entitlements=entitled,
        floors=answer.floors,
        ratio=answer.ratio,
        held=held | {wish.offering for wish, seats in zip(wishes, answer.seats, strict=True) if seats},
        cancelled=answer.cancelled,
        rooms=rooms,
        asked=_by_offering(wishes, [one.seats for one in wishes]),
        taken=_by_offering(wishes, answer.seats),
        whole=answer.whole,
    )


def _by_offering(wishes: Sequence[Wish], seats: Sequence[int]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for wish, number in zip(wishes, seats, strict=True):
        sums[wish.offering] = sums.get(wish.offering, 0) + number
    return sums


def _values(wishes: Sequence[Wish], people: Mapping[str, Applicant], chance: Generator) -> NDArray[np.float64]:
    """Return what a seat is worth: the need, less for a later wish, and a faint draw that only breaks ties."""
    needs = np.array([people[one.community].weights.get(one.offering, 0.0) for one in wishes])
    priorities = np.array([1.0 / one.priority for one in wishes])
    return (0.05 + needs) * (0.5 + 0.5 * priorities) + FAINT * chance.random(len(wishes))


def _left_over(offers: Mapping[str, Supply], members: _Side) -> dict[str, Supply]:
    return {name: _rest(one, members.taken.get(name, 0)) for name, one in offers.items()}


def _rest(supply: Supply, taken: int) -> Supply:
    # Seats kept for members stay theirs even when empty: a late member may still come.
    kept = max(supply.member_quota or 0, taken)
    return Supply(supply.offering, max(0, supply.capacity - kept), supply.minimum, None, supply.quotas, supply.cost)


def _taken(side: _Side) -> set[str]:
    return {offering for offering, seats in side.taken.items() if seats}


def _shares(side: _Side) -> list[Share]:
    asked: dict[str, list[int]] = {}
    for wish, seats in zip(side.wishes, side.seats, strict=True):
        told = asked.setdefault(wish.community, [0, 0])
        told[0] += wish.seats
        told[1] += seats
    return [
        Share(
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
    wish: Wish, seats: int, side: _Side, offers: Mapping[str, Supply], applicant: Applicant
) -> tuple[Reason, ...]:
    if seats == wish.seats:
        return (Reason.ALL_GIVEN, Reason.FLOOR if side.floors.get(wish.community, 0) else Reason.NEED)
    told: list[Reason] = [Reason.FLOOR] if seats else []
    if wish.offering in side.cancelled:
        told.append(Reason.BUDGET if side.asked[wish.offering] >= offers[wish.offering].minimum else Reason.TOO_FEW)
    elif side.taken[wish.offering] >= side.rooms[wish.offering]:
        told.append(Reason.FULL if applicant.member else Reason.MEMBERS_FIRST)
    elif applicant.organisation in offers[wish.offering].quotas:
        told.append(Reason.QUOTA)
    else:
        told.append(Reason.NEED)
    return tuple(told)
