"""Seat requests, offers and grants: who asks, what is available, who gets what, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class SeatReason(StrEnum):
    """Why a community got seats, or did not."""

    ALL_GIVEN = "all_given"
    FLOOR = "floor"
    NEED = "need"
    FULL = "full"
    QUOTA = "quota"
    TOO_FEW = "too_few"
    BUDGET = "budget"
    MEMBERS_FIRST = "members_first"
    NOT_OPEN = "not_open"
    DATE = "date"


class AllocationStage(StrEnum):
    """How far an allocation has come."""

    GATHERING = "gathering"
    HOLDING = "holding"
    MEMBERS = "members"
    OTHERS = "others"
    KEEPING = "keeping"


@dataclass(frozen=True, slots=True)
class SeatRequest:
    """A request of a community: seats of an offering, and its priority (1 is the highest)."""

    community: str
    offering: str
    seats: int
    priority: int = 1


@dataclass(frozen=True, slots=True)
class Applicant:
    """A community that requests seats: its staff, its need as a weight per offering, and credit carried over.

    `credit` is how many seats it was refused last time; they raise its entitlement.
    `unsuitable` are the offerings that fall on days which do not suit: none of their seats is granted.
    """

    community: str
    organisation: str
    staff: int
    member: bool = True
    credit: float = 0.0
    weights: Mapping[str, float] = field(default_factory=dict)
    unsuitable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SeatOffer:
    """The seats of one offering and its conditions; `cost` counts against the budget if it is held."""

    offering: str
    capacity: int
    minimum: int = 0
    member_quota: int | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class SeatGrant:
    """The decision on one request: how many of the requested seats, and why."""

    request: SeatRequest
    seats: int
    reasons: tuple[SeatReason, ...]


@dataclass(frozen=True, slots=True)
class CommunityShare:
    """Totals of one community: seats requested, entitled to, guaranteed, granted, carried over."""

    community: str
    asked: int
    entitlement: float
    floor: int
    granted: int
    credit: float


@dataclass(frozen=True, slots=True)
class Allocation:
    """One allocation: every request decided, every community's totals, and how it was computed."""

    grants: tuple[SeatGrant, ...]
    shares: tuple[CommunityShare, ...]
    ratio: float
    cancelled: tuple[str, ...]
    whole: bool
    seed: int

    def find_share(self, community: str) -> CommunityShare | None:
        """Return what a community gets in all, or None if it asked for nothing."""
        return next((share for share in self.shares if share.community == community), None)


@dataclass(frozen=True)
class AllocatedSeats:
    """Seats that a published allocation grants, by community and offering; 0 where a request got none.

    `not_held` are the offerings that too few requested; they have no seats to give.
    """

    granted: Mapping[tuple[str, str], int] = field(default_factory=dict)
    not_held: frozenset[str] = frozenset()

    @cached_property
    def seats_by_offering(self) -> Mapping[str, int]:
        """The seats granted of each offering."""
        result: dict[str, int] = {}
        for (_community, offering), seats in self.granted.items():
            result[offering] = result.get(offering, 0) + seats
        return result

    def free_seats(self, offering: str, capacity: int) -> int:
        """Return the seats of an offering that were granted to nobody."""
        return 0 if offering in self.not_held else max(0, capacity - self.seats_by_offering.get(offering, 0))


NOTHING_ALLOCATED = AllocatedSeats()


class InvalidSeatRequests(Exception):
    """A request names an unknown community or offering, or appears twice."""
