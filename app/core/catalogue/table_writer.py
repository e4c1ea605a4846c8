"""Write courses as the table that `table_reader` reads; no cell can act as a formula."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from app.core.catalogue.courses import Course, YesNo
from app.core.catalogue.table_reader import FURTHER, HEADER, note_columns
from app.core.languages import Language, PartlyTranslatedText
from app.core.tables.row_reader import escape_formula


def courses_to_rows(courses: Iterable[Course], *, zone: tzinfo) -> list[tuple[str, ...]]:
    """Return the table of courses, header first; what `read_courses` reads gives the same courses."""
    table: list[tuple[str, ...]] = [(*HEADER, *FURTHER)]
    for course in courses:
        shared = _course_cells(course, zone)
        for cells in _offering_cells(course, zone):
            whole = shared | cells
            table.append(tuple(escape_formula(whole.get(column, "")) for column in (*HEADER, *FURTHER)))
    return table


def _course_cells(course: Course, zone: tzinfo) -> dict[str, str]:
    cells = {f"title_{language.value}": course.title.in_language(language) for language in Language}
    cells |= {f"description_{language.value}": course.description.in_language(language) for language in Language}
    cells |= note_cells("evidence_note", course.evidence_note) | note_cells("prerequisites", course.prerequisites)
    return cells | {
        "external_id": course.external_id,
        "area": course.area.value,
        "dimensions": "|".join(f"{dimension.dimension}:{dimension.value}" for dimension in course.dimensions),
        "target": course.target.value,
        "audience": "|".join(course.audience),
        "evidence_grade": course.evidence_grade.value,
        "evidence_url": course.evidence_url,
        "hours": _plain(course.hours),
        "ects": _plain(course.ects),
        "languages": "|".join(language.value for language in course.languages),
        "provider": course.provider,
        "status": course.status.value,
        "updated_at": course.updated_at.astimezone(zone).isoformat(),
        "second_view": "|".join(
            f"{dimension.dimension}:{dimension.second}"
            for dimension in course.dimensions
            if dimension.second is not None
        ),
        "course_status": course.status.value,
        "led_from_outside": YesNo.YES if course.led_from_outside else YesNo.NO,
    }


def _offering_cells(course: Course, zone: tzinfo) -> Iterable[dict[str, str]]:
    if not course.offerings:
        yield {}
    for offering in course.offerings:
        shared = {
            "offering_id": offering.external_id,
            "mode": offering.mode.value,
            "place": offering.place,
            "capacity": str(offering.capacity),
            "min_participants": str(offering.min_participants),
            "member_quota": _plain(offering.member_quota),
            "registration_url": offering.registration_url,
            "reg_opens": _iso(offering.registration_opens),
            "reg_closes": _iso(offering.registration_closes),
            "price_eur": _plain(offering.price_eur),
            "status": offering.status.value,
            "payer": offering.payer,
            "quotas": "|".join(f"{municipality}:{value}" for municipality, value in sorted(offering.quotas.items())),
            **note_cells("accessibility", offering.accessibility),
        }
        for course_session in offering.sessions or (None,):
            ends = (
                (_local(course_session.start, zone), _local(course_session.end, zone)) if course_session else ("", "")
            )
            yield shared | {"start": ends[0], "end": ends[1]}


def note_cells(column_base: str, note: PartlyTranslatedText) -> dict[str, str]:
    """Return the cells of a note: one for each language, or the one of earlier tables where its language is unknown."""
    if note.translations is None:
        return {column_base: note.main}
    return {column: note.translations.in_language(language) for language, column in note_columns(column_base).items()}


def _plain(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else repr(value)


def _iso(day: object) -> str:
    return "" if day is None else str(day)


def _local(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    return local.isoformat() if local.second or local.microsecond else local.isoformat(timespec="minutes")
