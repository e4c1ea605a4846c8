"""Inputs of a supply plan: needs from the newest surveys, the catalogue, and seats used before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.catalogue import Course
from app.core.matching.expected_gain import expected_gain
from app.core.matching.needs import region_needs
from app.core.matching.seat_use import completion_rates
from app.core.matching.supply import SupplyCase
from app.core.matching.supply_case import (
    SupplyPlanRequest,
    SupplyUnit,
    build_supply_case,
    on_site_place_of,
    supply_candidates,
)
from app.core.matching.weights import Weights
from app.core.publication import RegionResults
from app.core.text import sort_key
from app.store import courses, organisations, publications, seats, weights
from app.store.seat_use import seat_uses


@dataclass(frozen=True, slots=True)
class SupplyInputs:
    """A planning problem and its context: weights version, and numbers of units left out and unpriced offerings."""

    case: SupplyCase
    weights: str
    left_out: int
    unpriced: int


def gather_inputs(session: Session, request: SupplyPlanRequest, *, now: datetime) -> SupplyInputs | None:
    """Gather a planning problem from the newest survey of each community; None before the first release."""
    region = publications.load_released_surveys(session).region_results(organisations.community_ids(session))
    if region is None:
        return None
    current = weights.current_weights(session)
    known = courses.courses(session)
    candidates = supply_candidates(known, today=now.date(), times=request.times)
    named = {candidate.course.external_id: candidate.course for candidate in candidates}
    units = _units(session, region, named, current)
    case = build_supply_case(
        request, units, candidates, region.municipalities, completion_rates(seat_uses(session)), weights=current
    )
    today = {unit.id for unit in organisations.load_region(session).units}
    return SupplyInputs(
        case=case,
        weights=current.version,
        left_out=len(today - {unit.unit.id for unit in units}),
        unpriced=sum(candidate.offering.price_eur is None for candidate in candidates),
    )


def on_site_places(session: Session, *, now: datetime) -> tuple[str, ...]:
    """Return the places where something can be held on site, by name."""
    candidates = supply_candidates(courses.courses(session), today=now.date(), times=1)
    return tuple(sorted({on_site_place_of(candidate.offering) for candidate in candidates} - {""}, key=sort_key))


def _units(
    session: Session, region: RegionResults, named: Mapping[str, Course], current: Weights
) -> tuple[SupplyUnit, ...]:
    kinds = {community.id: community.kind.value for community in organisations.communities(session)}
    blocked = seats.unsuitable_days_by_community(session)
    needs = region_needs(region, weights=current)
    result = []
    for survey_result in region.results:
        unit = survey_result.unit
        members = {unit.id, *unit.communities}
        of_unit = needs.needs_of_unit(unit.id)
        result.append(
            SupplyUnit(
                unit=unit,
                gains={name: expected_gain(of_unit, course, current) for name, course in named.items()},
                kinds=frozenset(kinds[member] for member in members if member in kinds),
                unsuitable=frozenset().union(*(blocked.get(member, set()) for member in members)),
            )
        )
    return tuple(result)
