"""The dossier of evidence: gathered from what is frozen, handed out as a document and as a table."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, tzinfo

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.catalogue import Course, CourseStatus
from app.core.languages import Language
from app.core.matching.dossier import Dossier, SeatSummary, compile_dossier
from app.core.matching.gaps import CERTAINTY, build_gap_map
from app.core.matching.ranking import upcoming_offerings
from app.core.matching.supply_summary import plan_summary, seat_use_lines
from app.render.dossier import dossier_pdf, dossier_xlsx
from app.store import course_lists, courses, instruments, organisations, publications, seat_use, seats, supply, weights


def gather_dossier(session: Session, *, now: datetime) -> Dossier | None:
    """Gather the dossier; None before the first release."""
    region = publications.load_released_surveys(session).of_region(organisations.community_ids(session))
    if region is None:
        return None
    found_courses = courses.courses(session)
    # The same results give the same interval on every visit, and the same as on the map of needs.
    chance = default_rng(int(region.regional.round))
    gaps = build_gap_map(region, found_courses, today=now.date(), chance=chance, weights=weights.current(session))
    compiled = compile_dossier(
        region,
        gaps,
        instruments.stored_instrument(session, region.regional.instrument_digest),
        _on_offer(found_courses, now),
        _seating(session, now),
        uptake=gaps.uptake,
        certainty=CERTAINTY,
        made_at=now,
    )
    titles = {found_course.external_id: found_course.title for found_course in found_courses}
    stored = supply.latest_finished_plan(session)
    return replace(
        compiled,
        used=seat_use_lines(seat_use.seat_uses(session), titles),
        plan=None if stored is None else plan_summary(stored, found_courses, region.municipalities),
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
        if found_course.status is CourseStatus.ACTIVE and upcoming_offerings(found_course, now.date())
    )


def _seating(session: Session, now: datetime) -> SeatSummary:
    lists = course_lists.region_lists(session, now=now)
    expected = None if lists is None else {unit: lists.expected_in_all(unit) for unit in lists.plans}
    allocation = seats.latest_allocation(session, published=True)
    if allocation is None:
        wished = _sums((request.community, request.seats) for request in seats.seat_requests(session))
        return SeatSummary(wished, None, expected)
    wished = _sums((grant.wish.community, grant.wish.seats) for grant in allocation.allocation.given)
    given = _sums((community, number) for (community, _offering), number in allocation.final.items())
    nothing = sum(not given.get(item) for item in wished)
    return SeatSummary(wished, given, expected, allocation.published_at, nothing)


def _sums(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    result: dict[str, int] = {}
    for name, number in pairs:
        result[name] = result.get(name, 0) + number
    return result
