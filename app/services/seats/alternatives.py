"""Courses that a community can request instead of one without free seats."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.matching.course_lists import RegionLists
from app.core.matching.recommendations import SeatOutlook
from app.core.matching.seat_alternatives import RequestWithoutSeats, requests_without_seats
from app.core.matching.seat_requests import SeatRequest
from app.core.matching.seat_room import seats_by_limit
from app.core.organisations import Region
from app.services.seats.allocation_inputs import requestable_offerings
from app.services.seats.decisions import save_seat_requests
from app.store import course_lists, organisations, publications
from app.store import seats as store
from app.store.seats import StoredAllocation


class NoAlternative(Exception):
    """The alternative is no longer there, or the request is not without seats."""


@dataclass(frozen=True, slots=True)
class SeatRequestGuidance:
    """A community's courses in order, with the prospects of getting seats, and its requests without seats.

    `listed` are the courses of its list, best first; `order` those and then every other course that answers a need,
    best first; `outlooks` tell of the seats of each; `unmet` are its requests without seats. All are empty before its
    first results and while the lists of a large region are being made.
    """

    listed: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    outlooks: Mapping[str, SeatOutlook] = field(default_factory=dict)
    unmet: tuple[RequestWithoutSeats, ...] = ()


def seat_request_guidance(session: Session, community: str, *, now: datetime) -> SeatRequestGuidance:
    """Return a community's courses in order, with the prospects of getting seats, and its requests without seats."""
    result = publications.load_released_surveys(session).newest_result_of(community)
    lists = (
        None if result is None else course_lists.find_or_build_region_lists_including_result(session, result, now=now)
    )
    if result is None or lists is None or result.unit.id not in lists.plans:
        return SeatRequestGuidance()
    unit = result.unit.id
    course_list = lists.course_list(unit)
    listed = tuple(item.course.external_id for item in course_list.listed)
    order = (*listed, *(item.course.external_id for item in course_list.other_courses))
    return SeatRequestGuidance(
        listed=listed,
        order=order,
        outlooks={course: lists.seat_outlook(unit, course) for course in order},
        unmet=_unmet(session, lists, unit, organisations.load_region(session), now=now) if unit == community else (),
    )


def unmet_requests_by_community(
    session: Session, allocation: StoredAllocation, *, now: datetime
) -> dict[str, tuple[RequestWithoutSeats, ...]]:
    """Return what each community that an allocation leaves without seats can request instead, as if it were published.

    Empty while the lists of a large region are being made.
    """
    lists = course_lists.find_or_build_region_lists(session, now=now, allocation=allocation)
    if lists is None:
        return {}
    region = organisations.load_region(session)
    refused = {
        grant.request.community for grant in allocation.allocation.grants if not allocation.final_seats_of_grant(grant)
    }
    return {
        community: _unmet(session, lists, community, region, now=now)
        for community in sorted(refused)
        if community in lists.plans
    }


def _unmet(
    session: Session, lists: RegionLists, community: str, region: Region, *, now: datetime
) -> tuple[RequestWithoutSeats, ...]:
    return requests_without_seats(
        lists,
        community,
        store.seat_requests(session, community),
        room=_room(session, lists, community, region, now=now),
        unsuitable=set(store.unsuitable_days(session, community)),
    )


def _room(session: Session, lists: RegionLists, community: str, region: Region, *, now: datetime) -> dict[str, int]:
    """Return the seats that a community can still have of each offering on offer."""
    homes = {unit.id: unit.municipality for unit in region.units}
    members = [municipality.id for municipality in region.municipalities if municipality.member]
    granted: dict[str, dict[str, int]] = {}
    for (other, offering), seats in lists.allocated.granted.items():
        granted.setdefault(offering, {})[other] = seats
    return {
        offering.external_id: 0
        if offering.external_id in lists.allocated.not_held
        else min(
            seats_by_limit(
                offering,
                granted.get(offering.external_id, {}),
                homes.get(community, ""),
                homes=homes,
                members=members,
            ).values()
        )
        for _course, offering in requestable_offerings(session, now=now)
    }


def replace_request_with_alternative(
    session: Session, community: str, *, offering: str, instead: str, by: AccountId | None, now: datetime
) -> RequestWithoutSeats:
    """Put the alternative that a community is offered in place of a request without seats; return what was replaced.

    Raises NoAlternative where the seats are gone, or another alternative is offered by now.
    """
    unmet = next(
        (
            each
            for each in seat_request_guidance(session, community, now=now).unmet
            if each.request.offering == offering
        ),
        None,
    )
    if unmet is None or unmet.alternative is None or unmet.alternative.offering.external_id != instead:
        raise NoAlternative(offering)
    known = {each.external_id for _course, each in requestable_offerings(session, now=now)}
    requests = store.seat_requests(session, community)
    kept = [each for each in requests if each.offering in known and each.offering != offering]
    asked = SeatRequest(community, instead, unmet.alternative.seats, unmet.request.priority)
    save_seat_requests(session, community, [*kept, asked], by=by, now=now)
    return unmet
