"""The dossier for funding: collect it from publications, export it as PDF and XLSX."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, tzinfo

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.catalogue import Course, CourseStatus
from app.core.languages import Language
from app.core.matching.dossier import Dossier, SeatsByCommunity, compile_dossier
from app.core.matching.gaps import CERTAINTY, build_gap_map
from app.core.matching.ranking import offerings_open_for_registration
from app.core.matching.supply_summary import seat_use_lines, supply_plan_summary
from app.render.dossier import dossier_pdf, dossier_xlsx
from app.store import course_lists, courses, instruments, organisations, publications, seat_use, seats, supply, weights


def gather_funding_dossier(session: Session, *, now: datetime) -> Dossier | None:
    """Gather the dossier; None before the first release."""
    region = publications.load_released_surveys(session).region_results(organisations.community_ids(session))
    if region is None:
        return None
    found_courses = courses.courses(session)
    # Fixed seed: the same results always give the same interval, here and on the map of needs.
    chance = default_rng(int(region.regional.round))
    gaps = build_gap_map(
        region, found_courses, today=now.date(), chance=chance, weights=weights.current_weights(session)
    )
    compiled = compile_dossier(
        region,
        gaps,
        instruments.get_questionnaire(session, region.regional.instrument_digest),
        _on_offer(found_courses, now),
        _seating(session, now),
        uptake=gaps.uptake,
        certainty=CERTAINTY,
        made_at=now,
    )
    titles = {found_course.external_id: found_course.title for found_course in found_courses}
    stored = supply.find_latest_finished_plan(session)
    return replace(
        compiled,
        used=seat_use_lines(seat_use.seat_uses(session), titles),
        plan=None if stored is None else supply_plan_summary(stored, found_courses, region.municipalities),
    )


def export_pdf(dossier: Dossier, language: Language, *, zone: tzinfo) -> bytes:
    """Return the dossier as PDF/UA."""
    return dossier_pdf(dossier, language, zone=zone)


def export_xlsx(dossier: Dossier, language: Language, *, zone: tzinfo) -> bytes:
    """Return the dossier as a table with a sheet for each part."""
    return dossier_xlsx(dossier, language, zone=zone)


def _on_offer(found_courses: tuple[Course, ...], now: datetime) -> tuple[Course, ...]:
    return tuple(
        found_course
        for found_course in found_courses
        if found_course.status is CourseStatus.ACTIVE and offerings_open_for_registration(found_course, now.date())
    )


def _seating(session: Session, now: datetime) -> SeatsByCommunity:
    lists = course_lists.find_or_build_region_lists(session, now=now)
    expected = None if lists is None else {unit: lists.total_granted_or_expected_seats(unit) for unit in lists.plans}
    allocation = seats.find_latest_allocation(session, published=True)
    if allocation is None:
        requested = _sums((request.community, request.seats) for request in seats.seat_requests(session))
        return SeatsByCommunity(requested, None, expected)
    requested = _sums((grant.request.community, grant.request.seats) for grant in allocation.allocation.grants)
    granted = _sums((community, number) for (community, _offering), number in allocation.seats_after_overrides.items())
    nothing = sum(not granted.get(item) for item in requested)
    return SeatsByCommunity(requested, granted, expected, nothing)


def _sums(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    result: dict[str, int] = {}
    for name, number in pairs:
        result[name] = result.get(name, 0) + number
    return result
