"""What the education director of a municipality needs on one page: its needs, communities, issues and seats."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.followup import Escalation
from app.core.matching.gaps import GapCell, GapRow, build_gap_map
from app.core.matching.needs import Need, NeedBasis, region_needs
from app.core.matching.weights import POWERS, InfluenceLevel, Weights
from app.core.organisations import LONGEST_RESPONSIBLE, Municipality, ReportingUnit, SharedService
from app.core.publication import RegionResults, SurveyResult
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
    def basis(self) -> NeedBasis:
        """On whose figures its needs rest."""
        return NeedBasis.NOTHING if self.greatest is None else self.greatest.basis


@dataclass(frozen=True, slots=True)
class MunicipalSeats:
    """Seats of a municipality and of the region: staff, wished, given (None before an allocation), planned, promised.

    `planned` and `promised` are None before the first supply plan.
    """

    staff: int
    region_staff: int
    wished: int
    given: int | None
    region_given: int | None
    planned: int | None
    region_planned: int | None
    promised: int | None


@dataclass(frozen=True, slots=True)
class MunicipalityReport:
    """The whole page."""

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
    current = weights.current(session)
    results = publications.load_released_surveys(session).of_region(organisations.community_ids(session))
    matters = [matter for matter in escalations.escalations(session) if matter.municipality == municipality]
    units = region.units_of(municipality)
    return MunicipalityReport(
        municipality=place,
        needs=() if results is None else _needs(session, results, municipality, current, now=now),
        communities=_communities(session, results, units, current),
        waiting=tuple(matter for matter in matters if matter.answer is None),
        answered=sum(matter.answer is not None for matter in matters),
        seats=_seats(session, region.units, municipality),
        unit_names={unit.id: unit.name for unit in units},
    )


def _needs(
    session: Session, results: RegionResults, municipality: str, current: Weights, *, now: datetime
) -> tuple[MunicipalNeed, ...]:
    """Return the dimensions as the map of needs has them: the same figures, those of the municipality first."""
    # The same results give the same interval on every visit, and the same as on the map of needs.
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


def _is_municipal(dimension: str) -> bool:
    return POWERS.get(dimension) is InfluenceLevel.MUNICIPALITY


def _communities(
    session: Session, results: RegionResults | None, units: tuple[ReportingUnit, ...], current: Weights
) -> tuple[MunicipalCommunity, ...]:
    responsible = shared_staff.responsible_by_community(session)
    results_by_unit = {} if results is None else {result.unit.id: result for result in results.results}
    needs = None if results is None else region_needs(results, weights=current)
    return tuple(
        MunicipalCommunity(
            unit=unit,
            result=results_by_unit.get(unit.id),
            greatest=None if needs is None or unit.id not in results_by_unit else _greatest(needs.of(unit.id)),
            responsible={member: responsible.get(member, {}) for member in unit.communities},
        )
        for unit in units
    )


def _greatest(needs: Mapping[str, Need]) -> Need | None:
    known = [need for need in needs.values() if need.basis is not NeedBasis.NOTHING]
    return max(known, key=lambda need: need.value, default=None)


def _seats(session: Session, units: tuple[ReportingUnit, ...], municipality: str) -> MunicipalSeats:
    own_units = {unit.id for unit in units if unit.municipality == municipality}
    allocation = seats.latest_allocation(session, published=True)
    given = None if allocation is None else allocation.final
    if allocation is None:
        wished = sum(request.seats for request in seats.seat_requests(session) if request.community in own_units)
    else:
        wished = sum(grant.wish.seats for grant in allocation.allocation.given if grant.wish.community in own_units)
    stored = supply.latest_finished_plan(session)
    plan = None if stored is None else stored.plan
    floors = {} if plan is None else {floor.municipality: floor.promised for floor in plan.floors}
    return MunicipalSeats(
        staff=sum(unit.size for unit in units if unit.id in own_units),
        region_staff=sum(unit.size for unit in units),
        wished=wished,
        given=None
        if given is None
        else sum(number for (community, _), number in given.items() if community in own_units),
        region_given=None if given is None else sum(given.values()),
        planned=None if plan is None else plan.of_municipality(municipality),
        region_planned=None if plan is None else plan.seats,
        promised=None if plan is None else floors.get(municipality, 0),
    )


def shared_staff_of(session: Session, communities: Collection[str]) -> tuple[tuple[SharedService, str], ...]:
    """Return who answers for shared staff in communities that are reported together, each said once."""
    answers_by_community = shared_staff.responsible_by_community(session, communities)
    return tuple(
        dict.fromkeys((service, who) for answers in answers_by_community.values() for service, who in answers.items())
    )


def save_shared_staff(
    session: Session,
    municipality: str,
    answers: Mapping[str, Mapping[SharedService, str]],
    *,
    by: AccountId | None,
    now: datetime,
) -> None:
    """Say who answers for shared staff in communities of one municipality; others are passed over.

    Raises ValueError for a text that is too long; nothing is stored then.
    """
    own = {community.id for community in organisations.communities(session) if community.municipality == municipality}
    texts = {community: _stripped(answers) for community, answers in answers.items() if community in own}
    for community, said in texts.items():
        shared_staff.set_responsible(session, community, said, by=by, now=now)


def _stripped(texts: Mapping[SharedService, str]) -> dict[SharedService, str]:
    texts = {service: " ".join(text.split()) for service, text in texts.items()}
    if any(len(text) > LONGEST_RESPONSIBLE for text in texts.values()):
        message = f"more than {LONGEST_RESPONSIBLE} characters"
        raise ValueError(message)
    return texts
