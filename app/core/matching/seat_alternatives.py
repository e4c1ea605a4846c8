"""Offer an unsuccessful seat request the next best course on the community's list that has free seats."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

from app.core.catalogue import Course, Offering
from app.core.matching.course_lists import RegionLists
from app.core.matching.seat_requests import SeatRequest


@dataclass(frozen=True, slots=True)
class SeatAlternative:
    """An offering that a community can request instead, and how many seats it can expect there."""

    course: Course
    offering: Offering
    seats: int


@dataclass(frozen=True, slots=True)
class RequestWithoutSeats:
    """A request that got no seats (`is_decided`) or can expect none, and what can be requested instead, if anything."""

    request: SeatRequest
    is_decided: bool
    alternative: SeatAlternative | None


def requests_without_seats(
    lists: RegionLists,
    unit: str,
    requests: Sequence[SeatRequest],
    *,
    room: Mapping[str, int],
    unsuitable: Set[date] = frozenset(),
) -> tuple[RequestWithoutSeats, ...]:
    """Return the requests of a unit that have no seats, in their order, each with an alternative of its own.

    `room` are the seats that the unit can still have of each offering that one can register to. `unsuitable` are the
    days on which nobody can come. KeyError for a unit that is not in the region.
    """
    asked = sorted(requests, key=lambda request: (request.priority, request.offering))
    search = _Search(lists, unit, room, unsuitable, tried={request.offering for request in asked})
    unmet = [request for request in asked if search.is_unmet(request)]
    busy = {search.course_of(request) for request in asked} | set(lists.granted.get(unit, {}))
    result = []
    for request in unmet:
        alternative = search.next_best(request, skipped=busy)
        if alternative is not None:
            busy.add(alternative.course.external_id)
            search.tried.add(alternative.offering.external_id)
        result.append(RequestWithoutSeats(request, (unit, request.offering) in lists.allocated.granted, alternative))
    return tuple(result)


class _Search:
    """What one unit can still be offered."""

    def __init__(
        self, lists: RegionLists, unit: str, room: Mapping[str, int], unsuitable: Set[date], tried: set[str]
    ) -> None:
        self.lists = lists
        self.unit = unit
        self.room = room
        self.unsuitable = unsuitable
        self.tried = tried
        course_list = lists.course_list(unit)
        self.ordered = [*(item.recommendation for item in course_list.listed), *course_list.other_courses]
        self.courses = {
            offering.external_id: candidate.course.external_id
            for candidate in lists.candidates
            for offering in candidate.offerings
        }

    def course_of(self, request: SeatRequest) -> str:
        """Return the course that is requested; an empty word where its offering is closed."""
        return self.courses.get(request.offering, "")

    def is_unmet(self, request: SeatRequest) -> bool:
        """Tell whether a request got no seats, or can expect none where it has not been decided."""
        granted = self.lists.allocated.granted.get((self.unit, request.offering))
        if granted is not None:
            return granted == 0
        course = self.course_of(request)
        return bool(course) and self.lists.expected_seats(self.unit, course) == 0

    def next_best(self, request: SeatRequest, *, skipped: Set[str]) -> SeatAlternative | None:
        """Return another time of the requested course, else the next course of the list that has seats; or None."""
        own = self.course_of(request)
        # Another time of the same course is the nearest that there is.
        same = [item for item in self.ordered if item.course.external_id == own]
        others = [item for item in self.ordered if item.course.external_id not in skipped]
        for item in (*same, *others):
            expected = self.lists.expected_seats(self.unit, item.course.external_id)
            for offering in item.offerings:
                seats = min(request.seats, expected, self._open(offering))
                if seats > 0:
                    return SeatAlternative(item.course, offering, seats)
        return None

    def _open(self, offering: Offering) -> int:
        if offering.external_id in self.tried or offering.days & self.unsuitable:
            return 0
        return self.room.get(offering.external_id, 0)
