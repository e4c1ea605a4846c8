"""Participant numbers for course providers: which communities, how many; no results or needs."""

from datetime import tzinfo

from sqlalchemy.orm import Session

from app.core.languages import Language
from app.core.text import sort_key
from app.render.tabular_files import table_file
from app.store import courses, organisations
from app.store.seats import StoredAllocation

Row = tuple[str, str, str, str, str, str, int]


def provider_rows(
    session: Session, allocation: StoredAllocation, *, language: Language, zone: tzinfo, offering: str | None = None
) -> tuple[Row, ...]:
    """Return provider, course, time, place, municipality, community and seats, for those who got any."""
    known = {
        offering.external_id: (course, offering) for course in courses.courses(session) for offering in course.offerings
    }
    region = organisations.load_region(session)
    units = {unit.id: unit for unit in region.units}
    places = {municipality.id: municipality.name for municipality in region.municipalities}
    result = []
    for (community, name), seats in allocation.seats_after_overrides.items():
        if seats and name in known and community in units and offering in (None, name):
            course, time = known[name]
            starts = time.sessions[0].start.astimezone(zone).strftime("%Y-%m-%d %H:%M") if time.sessions else ""
            unit = units[community]
            title = course.title.in_language(language)
            municipality = places.get(unit.municipality, unit.municipality)
            result.append((course.provider, title, starts, time.place, municipality, unit.name, seats))
    return tuple(sorted(result, key=lambda row: (*map(sort_key, row[:6]), row[6])))


def provider_file(kind: str, name: str, header: tuple[str, ...], rows: tuple[Row, ...]) -> bytes:
    """Return the list as CSV or XLSX; `name` is the sheet's."""
    return table_file(kind, name, [header, *rows])
