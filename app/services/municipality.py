"""Data of an education director's page: needs, communities, issues and seats of a municipality."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.caches import BoundedCache
from app.core.accounts import AccountId
from app.core.followup import Escalation
from app.core.matching.gaps import GapCell, GapRow, build_gap_map
from app.core.matching.needs import Need, NeedBasis, region_needs
from app.core.matching.weights import RESPONSIBLE_PARTIES, ResponsibleParty, Weights
from app.core.organisations import LONGEST_RESPONSIBLE, Municipality, ReportingUnit, SharedService
from app.core.publication import RegionResults, ReleasedSurveys, SurveyResult
from app.store import (
    courses,
    escalations,
    organisations,
    publications,
    seats,
    shared_staff,
    supply,
    weights,
)

_NEEDS_IN_OWN_POWER: BoundedCache[Hashable, tuple["MunicipalNeed", ...]] = BoundedCache(
    "needs that municipalities answer themselves", most=400
)


@dataclass(frozen=True, slots=True)
class MunicipalNeed:
    """A dimension in a municipality beside the region; `is_own_to_answer`: its power lies with the municipality."""

    row: GapRow
    cell: GapCell
    is_own_to_answer: bool


@dataclass(frozen=True, slots=True)
class MunicipalCommunity:
    """A community on the page: its newest result, its greatest need (None where nothing may be said), shared staff."""

    unit: ReportingUnit
    result: SurveyResult | None
    greatest: Need | None
    responsible: Mapping[str, Mapping[SharedService, str]]

    @property
    def need_basis(self) -> NeedBasis:
        """Whose figures its greatest need is based on; NOTHING if it has none."""
        return NeedBasis.NOTHING if self.greatest is None else self.greatest.basis


@dataclass(frozen=True, slots=True)
class MunicipalSeats:
    """Staff and seats of a municipality and its region: requested, allocated (None before an allocation), planned.

    `planned` and `promised` are None before the first supply plan.
    """

    staff: int
    region_staff: int
    requested: int
    granted: int | None
    region_granted: int | None
    planned: int | None
    region_planned: int | None
    promised: int | None


@dataclass(frozen=True, slots=True)
class MunicipalityReport:
    """All data of the page of one municipality."""

    municipality: Municipality
    needs: tuple[MunicipalNeed, ...]
    communities: tuple[MunicipalCommunity, ...]
    waiting: tuple[Escalation, ...]
    answered: int
    seats: MunicipalSeats
    unit_names: Mapping[str, str]


class UnknownMunicipality(Exception):
    """There is no municipality of that id."""


def municipality_report(session: Session, municipality: str, *, now: datetime) -> MunicipalityReport:
    """Gather the page of one municipality; raises UnknownMunicipality."""
    region = organisations.load_region(session)
    place = next((place for place in region.municipalities if place.id == municipality), None)
    if place is None:
        raise UnknownMunicipality(municipality)
    current = weights.current_weights(session)
    results = publications.load_released_surveys(session).region_results(organisations.community_ids(session))
    waiting, answered = open_issues_and_answered_count(session, municipality)
    units = region.units_of(municipality)
    return MunicipalityReport(
        municipality=place,
        needs=() if results is None else _needs(session, results, municipality, current, now=now),
        communities=_communities(session, results, units, current),
        waiting=waiting,
        answered=answered,
        seats=_seats(session, region.units, municipality),
        unit_names={unit.id: unit.name for unit in units},
    )


def _needs(
    session: Session, results: RegionResults, municipality: str, current: Weights, *, now: datetime
) -> tuple[MunicipalNeed, ...]:
    """Return the dimensions as the map of needs has them: the same figures, those of the municipality first."""
    # Fixed seed: the same results always give the same interval, here and on the map of needs.
    gaps = build_gap_map(
        results,
        courses.courses(session),
        today=now.date(),
        chance=default_rng(int(results.regional.round)),
        weights=current,
    )
    listed = [
        MunicipalNeed(row, cell, _is_municipal(row.dimension))
        for row in gaps.rows
        for cell in row.cells
        if cell.municipality == municipality and cell.communities
    ]
    return tuple(sorted(listed, key=lambda need: -need.cell.need))


def needs_in_own_power(session: Session, municipality: str, *, now: datetime) -> tuple[MunicipalNeed, ...]:
    """Return the needs that the municipality itself can answer, as its page has them; none before the first survey.

    Worked out once in a process for each release, so that a home page reads no publication again.
    """
    current = weights.current_weights(session)
    offered = courses.available_courses_version(session)
    surveys = publications.load_released_surveys(session)
    members = organisations.community_ids(session)
    released = tuple(survey.cache_key for survey in surveys.surveys)
    key = (municipality, released, repr(current), tuple(sorted(members)), offered, now.date())
    return _NEEDS_IN_OWN_POWER.get_or_make(key, lambda: _municipal_needs(session, surveys, municipality, now=now))


def _municipal_needs(
    session: Session, surveys: ReleasedSurveys, municipality: str, *, now: datetime
) -> tuple[MunicipalNeed, ...]:
    results = surveys.region_results(organisations.community_ids(session))
    if results is None:
        return ()
    listed = _needs(session, results, municipality, weights.current_weights(session), now=now)
    return tuple(need for need in listed if need.is_own_to_answer)


def open_issues_and_answered_count(session: Session, municipality: str) -> tuple[tuple[Escalation, ...], int]:
    """Return the issues that wait for the municipality's answer, by due date, and how many were answered."""
    issues = [issue for issue in escalations.escalations(session) if issue.municipality == municipality]
    return tuple(issue for issue in issues if issue.answer is None), sum(issue.answer is not None for issue in issues)


def municipal_seats(session: Session, municipality: str) -> MunicipalSeats:
    """Return the seats of a municipality beside those of the region."""
    return _seats(session, organisations.load_region(session).units, municipality)


def _is_municipal(dimension: str) -> bool:
    return RESPONSIBLE_PARTIES.get(dimension) is ResponsibleParty.MUNICIPALITY


def _communities(
    session: Session, results: RegionResults | None, units: tuple[ReportingUnit, ...], current: Weights
) -> tuple[MunicipalCommunity, ...]:
    responsible = shared_staff.responsible_by_community_and_service(session)
    results_by_unit = {} if results is None else {result.unit.id: result for result in results.results}
    needs = None if results is None else region_needs(results, weights=current)
    return tuple(
        MunicipalCommunity(
            unit=unit,
            result=results_by_unit.get(unit.id),
            greatest=None
            if needs is None or unit.id not in results_by_unit
            else _greatest(needs.needs_of_unit(unit.id)),
            responsible={member: responsible.get(member, {}) for member in unit.communities},
        )
        for unit in units
    )


def _greatest(needs: Mapping[str, Need]) -> Need | None:
    known = [need for need in needs.values() if need.basis is not NeedBasis.NOTHING]
    return max(known, key=lambda need: need.value, default=None)


def _seats(session: Session, units: tuple[ReportingUnit, ...], municipality: str) -> MunicipalSeats:
    own_units = {unit.id for unit in units if unit.municipality == municipality}
    allocation = seats.find_latest_allocation(session, published=True)
    granted = None if allocation is None else allocation.seats_after_overrides
    if allocation is None:
        requested = sum(request.seats for request in seats.seat_requests(session) if request.community in own_units)
    else:
        requested = sum(
            grant.request.seats for grant in allocation.allocation.grants if grant.request.community in own_units
        )
    stored = supply.find_latest_finished_plan(session)
    plan = None if stored is None else stored.plan
    floors = {} if plan is None else {floor.municipality: floor.promised for floor in plan.floors}
    return MunicipalSeats(
        staff=sum(unit.invited_count for unit in units if unit.id in own_units),
        region_staff=sum(unit.invited_count for unit in units),
        requested=requested,
        granted=None
        if granted is None
        else sum(number for (community, _), number in granted.items() if community in own_units),
        region_granted=None if granted is None else sum(granted.values()),
        planned=None if plan is None else plan.seats_of_municipality(municipality),
        region_planned=None if plan is None else plan.seats,
        promised=None if plan is None else floors.get(municipality, 0),
    )


def shared_staff_responsibilities(
    session: Session, communities: Collection[str]
) -> tuple[tuple[SharedService, str], ...]:
    """Return who is responsible for shared staff in communities that are reported together, without repetition."""
    answers_by_community = shared_staff.responsible_by_community_and_service(session, communities)
    return tuple(
        dict.fromkeys((service, who) for answers in answers_by_community.values() for service, who in answers.items())
    )


def save_shared_staff_responsibilities(
    session: Session,
    municipality: str,
    answers: Mapping[str, Mapping[SharedService, str]],
    *,
    by: AccountId | None,
    now: datetime,
) -> None:
    """Store who is responsible for shared staff in the communities of a municipality; other communities are ignored.

    Raises ValueError for a text that is too long; nothing is stored then.
    """
    own = {community.id for community in organisations.communities(session) if community.municipality == municipality}
    texts = {community: _stripped(answers) for community, answers in answers.items() if community in own}
    for community, said in texts.items():
        shared_staff.set_responsible_by_service(session, community, said, by=by, now=now)


def _stripped(texts: Mapping[SharedService, str]) -> dict[SharedService, str]:
    texts = {service: " ".join(text.split()) for service, text in texts.items()}
    if any(len(text) > LONGEST_RESPONSIBLE for text in texts.values()):
        message = f"more than {LONGEST_RESPONSIBLE} characters"
        raise ValueError(message)
    return texts
