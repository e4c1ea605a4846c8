"""Seat requests, their allocation, manual changes and publication."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.catalogue import Offering
from app.core.matching.allocation_comparison import AllocationOutcome, compare_methods
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_allocation import allocate_seats
from app.core.matching.seat_requests import InvalidSeatRequests, SeatRequest
from app.core.matching.seat_room import SeatLimit, seats_by_limit
from app.services.seats.allocation_inputs import allocation_inputs, requestable_offerings
from app.store import audit, courses, organisations
from app.store import seats as store
from app.store.seats import Override, StoredAllocation

MOST_REQUESTS = 20


MOST_DAYS = 40


class RequestOnUnsuitableDay(Exception):
    """A request is for an offering on a day that does not suit the community; `day` is the first such day."""

    def __init__(self, day: date) -> None:
        super().__init__(day.isoformat())
        self.day = day


class OverrideErrorCode(StrEnum):
    """Why a manual change of seats is not allowed."""

    UNKNOWN = "unknown"
    NO_NOTE = "no_note"
    NO_NUMBER = "no_number"
    FULL = "full"
    QUOTA = "quota"
    KEPT = "kept"


LIMITS = {
    SeatLimit.CAPACITY: OverrideErrorCode.FULL,
    SeatLimit.QUOTA: OverrideErrorCode.QUOTA,
    SeatLimit.MEMBERS: OverrideErrorCode.KEPT,
}


class OverrideError(Exception):
    """A manual change of seats is not allowed; `why` is the reason."""

    def __init__(self, why: OverrideErrorCode) -> None:
        super().__init__(why.value)
        self.why = why


def seat_requests(session: Session, community: str) -> tuple[SeatRequest, ...]:
    """Return the seat requests of a community."""
    return store.seat_requests(session, community)


def save_seat_requests(
    session: Session, community: str, requested: Sequence[SeatRequest], *, by: AccountId | None, now: datetime
) -> None:
    """Replace a community's seat requests; raises InvalidSeatRequests for what is not on offer.

    Raises RequestOnUnsuitableDay for a time that falls on a day that does not suit.
    """
    offered = {offering.external_id: offering for _course, offering in requestable_offerings(session, now=now)}
    for request in requested:
        if (
            request.offering not in offered
            or not 1 <= request.seats <= offered[request.offering].capacity
            or request.priority < 1
        ):
            raise InvalidSeatRequests(request.offering)
        clash = offered[request.offering].days & set(store.unsuitable_days(session, community))
        if clash:
            raise RequestOnUnsuitableDay(min(clash))
    if len(requested) > MOST_REQUESTS:
        message = f"more than {MOST_REQUESTS} requests"
        raise InvalidSeatRequests(message)
    store.set_seat_requests(session, community, requested, by=by, now=now)


def count_requested_seats_of_offerings(session: Session, offerings: Sequence[str]) -> int:
    """Return how many seats all communities together request of some offerings."""
    return sum(request.seats for request in store.seat_requests(session) if request.offering in offerings)


def count_requested_seats_in_region(session: Session) -> int:
    """Return how many seats all communities together request."""
    return sum(request.seats for request in store.seat_requests(session))


def unsuitable_days(session: Session, community: str) -> tuple[date, ...]:
    """Return the days that do not suit a community."""
    return store.unsuitable_days(session, community)


def set_unsuitable_days(session: Session, community: str, days: Sequence[date]) -> None:
    """Put the days that do not suit in place of the earlier ones; raises InvalidSeatRequests for too many."""
    if len(set(days)) > MOST_DAYS:
        message = f"more than {MOST_DAYS} days"
        raise InvalidSeatRequests(message)
    store.set_unsuitable_days(session, community, days)


def run_allocation(
    session: Session, *, seed: int, limits: AllocationLimits, by: AccountId | None, now: datetime
) -> int:
    """Compute an allocation at once and store it as a draft; return its number."""
    inputs = allocation_inputs(session, now=now)
    found_allocation = allocate_seats(inputs.requests, inputs.applicants, inputs.supplies, seed=seed, limits=limits)
    number = store.add_allocation(session, found_allocation, limits=limits, version=inputs.version, by=by, now=now)
    audit.add(session, AuditEntry(now, by, AuditEvent.SEATS_SHARED, f"allocation:{number}"))
    return number


def compare_allocation_methods(session: Session, *, seed: int, now: datetime) -> tuple[AllocationOutcome, ...]:
    """Return the outcomes of three allocation methods for today's requests."""
    inputs = allocation_inputs(session, now=now)
    return compare_methods(inputs.requests, inputs.applicants, inputs.supplies, seed=seed)


def find_allocation(session: Session, number: int | None = None) -> StoredAllocation | None:
    """Return one allocation, or the newest."""
    return store.find_latest_allocation(session) if number is None else store.find_allocation(session, number)


def find_published_allocation(session: Session) -> StoredAllocation | None:
    """Return the allocation that communities may see, or None."""
    return store.find_latest_allocation(session, published=True)


def override_seats(session: Session, number: int, decided: Override, *, by: AccountId | None, now: datetime) -> None:
    """Change the seats of one request manually; raises OverrideError where it is not allowed."""
    found_allocation = store.find_allocation(session, number)
    if found_allocation is None or (decided.community, decided.offering) not in found_allocation.seats_after_overrides:
        raise OverrideError(OverrideErrorCode.UNKNOWN)
    if not decided.note.strip():
        raise OverrideError(OverrideErrorCode.NO_NOTE)
    if decided.seats < 0:
        raise OverrideError(OverrideErrorCode.NO_NUMBER)
    offered = {offering.external_id: offering for course in courses.courses(session) for offering in course.offerings}
    if decided.offering not in offered:
        raise OverrideError(OverrideErrorCode.UNKNOWN)
    _require_room(session, found_allocation, decided, offered[decided.offering])
    store.set_override(session, number, decided, by=by, now=now)
    audit.add(session, AuditEntry(now, by, AuditEvent.SEATS_DECIDED, f"allocation:{number}"))


def _require_room(session: Session, found_allocation: StoredAllocation, decided: Override, offering: Offering) -> None:
    """Raise OverrideError above the capacity, a quota, or into the seats that are kept for members.

    Fewer seats than now are always possible, even where others took too many before.
    """
    before = found_allocation.seats_after_overrides[decided.community, decided.offering]
    if decided.seats <= before:
        return
    region = organisations.load_region(session)
    homes = {unit.id: unit.municipality for unit in region.units}
    others = {
        community: seats
        for (community, item), seats in found_allocation.seats_after_overrides.items()
        if item == decided.offering and community != decided.community
    }
    room = seats_by_limit(
        offering,
        others,
        homes.get(decided.community, ""),
        homes=homes,
        members=[municipality.id for municipality in region.municipalities if municipality.member],
    )
    for limit, most in room.items():
        if decided.seats > most:
            raise OverrideError(LIMITS[limit])


def publish_allocation(session: Session, number: int, *, by: AccountId | None, now: datetime) -> bool:
    """Let the communities see an allocation; False where it was published before."""
    found_allocation = store.find_allocation(session, number)
    if found_allocation is None or found_allocation.published_at is not None:
        return False
    store.set_allocation_published(session, number, now=now)
    audit.add(session, AuditEntry(now, by, AuditEvent.SEATS_PUBLISHED, f"allocation:{number}"))
    return True


def communities_losing_seats(session: Session, found_allocation: StoredAllocation) -> tuple[str, ...]:
    """Return the communities that were promised seats in what is published now, and would have fewer."""
    before = find_published_allocation(session)
    if before is None:
        return ()
    fewer = {
        pair[0]
        for pair, seats in before.seats_after_overrides.items()
        if found_allocation.seats_after_overrides.get(pair, 0) < seats
    }
    return tuple(sorted(fewer))


def final_seats(found_allocation: StoredAllocation) -> dict[tuple[str, str], int]:
    """Return the seats by community and offering, manual changes included."""
    return found_allocation.seats_after_overrides
