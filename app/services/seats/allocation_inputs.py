"""Inputs of a seat allocation: requests, needs, offered seats and unsuitable days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.catalogue import Course, CourseStatus, Offering
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.ranking import is_registration_open
from app.core.matching.seat_requests import Applicant, SeatOffer, SeatRequest
from app.store import course_lists, courses, organisations, publications, weights
from app.store import seats as store
from app.store.seats import StoredAllocation


@dataclass(frozen=True, slots=True)
class AllocationInputs:
    """Everything that an allocation is based on: seat requests, applicants, and offered seats."""

    requests: tuple[SeatRequest, ...]
    applicants: tuple[Applicant, ...]
    supplies: tuple[SeatOffer, ...]
    version: str

    def is_quick(self, limits: AllocationLimits) -> bool:
        """Tell whether an allocation is fast enough for a page request: no group minimum, budget or pairs."""
        wanted = {request.offering for request in self.requests}
        grouped = any(offer.minimum > 1 for offer in self.supplies if offer.offering in wanted)
        return limits.budget is None and not limits.two_or_none and not grouped


def requestable_offerings(session: Session, *, now: datetime) -> tuple[tuple[Course, Offering], ...]:
    """Return the offerings that seats can be requested for, with their courses."""
    return tuple(
        (course, offering)
        for course in courses.courses(session)
        if course.status is CourseStatus.ACTIVE
        for offering in course.offerings
        if is_registration_open(offering, now.date())
    )


def allocation_inputs(session: Session, *, now: datetime) -> AllocationInputs:
    """Collect the inputs of an allocation as of today; needs come from each community's newest survey."""
    offered = requestable_offerings(session, now=now)
    known = {offering.external_id for _course, offering in offered}
    requested = tuple(request for request in store.seat_requests(session) if request.offering in known)
    region = organisations.load_region(session)
    units = {unit.id: unit for unit in region.units}
    members = {municipality.id: municipality.member for municipality in region.municipalities}
    asking = sorted({request.community for request in requested} & set(units))
    current = weights.current_weights(session)
    weighed = _weights(session, offered, asking, now=now)
    blocked = store.unsuitable_days_by_community(session)
    taken = {offering.external_id: offering.days for _course, offering in offered}
    credits = refusal_credits_by_community(store.find_latest_allocation(session, published=True))
    return AllocationInputs(
        requests=tuple(request for request in requested if request.community in units),
        applicants=tuple(
            Applicant(
                item,
                units[item].municipality,
                units[item].invited_count,
                members.get(units[item].municipality, True),
                credits.get(item, 0.0),
                weighed.get(item, {}),
                frozenset(name for name, days in taken.items() if days & blocked.get(item, set())),
            )
            for item in asking
        ),
        supplies=tuple(_supply(offering) for _course, offering in offered),
        version=current.version,
    )


def _supply(offering: Offering) -> SeatOffer:
    return SeatOffer(
        offering=offering.external_id,
        capacity=offering.capacity,
        minimum=offering.min_participants,
        member_quota=offering.member_quota,
        quotas=offering.quotas,
        cost=offering.price_eur or 0.0,
    )


def _weights(
    session: Session, offered: Iterable[tuple[Course, Offering]], asking: Iterable[str], *, now: datetime
) -> dict[str, dict[str, float]]:
    """Return how much each community gains by a seat of each offering: what its list says of the course."""
    latest = publications.load_released_surveys(session)
    courses_of = {offering.external_id: course.external_id for course, offering in offered}
    result: dict[str, dict[str, float]] = {}
    for community in asking:
        own = latest.newest_result_of(community)
        lists = None if own is None else course_lists.find_or_build_region_lists_including_result(session, own, now=now)
        if own is None or lists is None or own.unit.id not in lists.units:
            continue
        gains = lists.expected_gains_of_unit(own.unit.id)
        result[community] = {name: gains[course] for name, course in courses_of.items() if gains.get(course, 0.0) > 0}
    return result


def refusal_credits_by_community(allocation: StoredAllocation | None) -> dict[str, float]:
    """Return the seats that each community was refused in an allocation, manual changes included."""
    if allocation is None:
        return {}
    granted: dict[str, int] = {}
    for (community, _offering), seats in allocation.seats_after_overrides.items():
        granted[community] = granted.get(community, 0) + seats
    return {
        share.community: max(0.0, share.credit + share.granted - granted.get(share.community, 0))
        for share in allocation.allocation.shares
    }
