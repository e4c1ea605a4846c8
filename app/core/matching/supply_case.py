"""Build a region's supply planning problem from needs, catalogue and earlier use of seats."""

import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from app.core.catalogue import Course, CourseStatus, DeliveryMode, Offering
from app.core.matching.ranking import FOR_ALL, is_registration_open
from app.core.matching.seat_use import CompletionRates
from app.core.matching.supply import SupplyCase, SupplyCommunity, SupplyLimits, SupplyOffering
from app.core.matching.weights import WEIGHTS, Weights
from app.core.organisations import Municipality, ReportingUnit

NEW = "+"  # no identifier of the catalogue begins with it
FILL = 0.5
ON_SITE = {DeliveryMode.ONSITE, DeliveryMode.BLENDED}


@dataclass(frozen=True, slots=True)
class SupplyPlanRequest:
    """What a coordinator asks a plan for.

    `times` is how often a course may be held in the term at most, `floor_per_100` the seats for every hundred of
    staff that each municipality gets at least; `floors` are those set for single municipalities instead. `uptake` is
    the share of staff that can come to a course in the term, None that of the weights. For the rest see `SupplyLimits`.
    """

    money: float | None = None
    hours: float | None = None
    rooms: Mapping[str, int] = field(default_factory=dict)
    times: int = 1
    floor_per_100: float = 5.0
    floors: Mapping[str, int] = field(default_factory=dict)
    uptake: float | None = None
    fill: float = FILL
    seconds: float = 25.0


@dataclass(frozen=True, slots=True)
class SupplyCandidate:
    """What can be held: an offering of the catalogue, or a further one of a course (modelled on `offering`)."""

    key: str
    course: Course
    offering: Offering
    is_new: bool
    most: int


@dataclass(frozen=True, slots=True)
class SupplyUnit:
    """A reporting unit that can send staff: what each course would bring to it, its kinds, and its unsuitable days."""

    unit: ReportingUnit
    gains: Mapping[str, float]
    kinds: AbstractSet[str] = frozenset()
    unsuitable: AbstractSet[date] = frozenset()


def supply_candidates(courses: Iterable[Course], *, today: date, times: int) -> tuple[SupplyCandidate, ...]:
    """Return every offering that can still be registered to, and each course as often again as `times` allows.

    A course is held once more on the model of its last offering; one without any offering has no size or price.
    """
    result = []
    for course in courses:
        if course.status is not CourseStatus.ACTIVE:
            continue
        scheduled = [offering for offering in course.offerings if is_registration_open(offering, today)]
        result += [SupplyCandidate(offering.external_id, course, offering, False, 1) for offering in scheduled]
        more = times - len(scheduled)
        models = [offering for offering in course.offerings if offering.capacity > 0]
        if more > 0 and models:
            result.append(SupplyCandidate(f"{NEW}{course.external_id}", course, models[-1], True, more))
    return tuple(result)


def build_supply_case(
    request: SupplyPlanRequest,
    units: Sequence[SupplyUnit],
    candidates: Sequence[SupplyCandidate],
    municipalities: Sequence[Municipality],
    rates: CompletionRates,
    *,
    weights: Weights = WEIGHTS,
) -> SupplyCase:
    """Build the problem for the members of the network; others share the seats that members leave.

    The gain of a seat is the expected gain of the course for the community, times the share of seats of the course
    that were used so far. Where no municipality is a member, all count.
    """
    members = {place.id for place in municipalities if place.member} or {place.id for place in municipalities}
    senders = [unit for unit in units if unit.unit.municipality in members]
    uptake = weights.uptake if request.uptake is None else request.uptake
    communities = tuple(
        SupplyCommunity(
            sender.unit.id,
            sender.unit.municipality,
            sender.unit.invited_count,
            math.ceil(uptake * sender.unit.invited_count),
        )
        for sender in senders
    )
    gains = np.full((len(senders), len(candidates)), math.nan)
    for row, sender in enumerate(senders):
        for column, candidate in enumerate(candidates):
            if _suits(sender, candidate):
                gain = sender.gains.get(candidate.course.external_id, 0.0)
                gains[row, column] = gain * rates.of_course(candidate.course.external_id)
    return SupplyCase(communities, tuple(map(_offering, candidates)), gains, _limits(request, communities))


def _offering(candidate: SupplyCandidate) -> SupplyOffering:
    offering = candidate.offering
    return SupplyOffering(
        offering=candidate.key,
        course=candidate.course.external_id,
        capacity=offering.capacity,
        minimum=offering.min_participants,
        money=offering.price_eur or 0.0,
        hours=candidate.course.hours or 0.0,
        place=on_site_place_of(offering),
        most=candidate.most,
    )


def on_site_place_of(offering: Offering) -> str:
    """Return the place of an on-site offering; "" for one that is held online."""
    return offering.place if offering.mode in ON_SITE else ""


def _suits(sender: SupplyUnit, candidate: SupplyCandidate) -> bool:
    groups = {group for group, number in sender.unit.invited.items() if number}
    audience = candidate.course.audience
    if audience and not (groups | sender.kinds | FOR_ALL).intersection(audience):
        return False
    return candidate.is_new or sender.unsuitable.isdisjoint(candidate.offering.days)


def _limits(request: SupplyPlanRequest, communities: Iterable[SupplyCommunity]) -> SupplyLimits:
    staff: dict[str, int] = {}
    for community in communities:
        staff[community.municipality] = staff.get(community.municipality, 0) + community.staff
    floors = {
        name: request.floors.get(name, math.floor(request.floor_per_100 * number / 100))
        for name, number in staff.items()
    }
    return SupplyLimits(
        money=request.money,
        hours=request.hours,
        rooms=request.rooms,
        floors={name: floor for name, floor in floors.items() if floor},
        fill=request.fill,
        seconds=request.seconds,
    )
