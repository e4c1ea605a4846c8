"""Read courses from the rows of a catalogue table with a fixed header.

Several rows with one `external_id` are one course with several offerings; several rows with one
`offering_id` are one offering with several sessions. A cell that is left empty in a later row of the
same course means what the first row said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo

from app.core.catalogue.courses import (
    AUDIENCES,
    DIMENSIONS,
    Area,
    ChangeTarget,
    Course,
    CourseSession,
    CourseStatus,
    DeliveryMode,
    EvidenceGrade,
    Offering,
    Relevance,
    YesNo,
    offering_sort_key,
)
from app.core.languages import Language, PartlyTranslatedText, TranslatedText, partly_translated_text
from app.core.tables.cells import TableNotice, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.identifiers import add_look_alike_errors
from app.core.tables.row_reader import RowReader
from app.core.text import match_key, normal_line, normal_text

COURSE_COLUMNS = (
    "external_id", "title_fi", "title_sv", "title_en", "description_fi", "description_sv", "description_en", "area",
    "dimensions", "target", "audience", "evidence_grade", "evidence_url", "hours", "ects", "languages", "provider",
)  # fmt: skip
OFFERING_COLUMNS = (
    "offering_id", "mode", "start", "end", "place", "capacity", "min_participants", "member_quota",
    "registration_url", "reg_opens", "reg_closes", "price_eur",
)  # fmt: skip
HEADER = (*COURSE_COLUMNS, *OFFERING_COLUMNS, "status", "updated_at")
NEEDED = tuple(column for column in HEADER if column != "updated_at")  # a table of others need not say it
FURTHER = (
    "second_view", "evidence_note", "prerequisites", "course_status", "accessibility", "payer", "quotas",
    "led_from_outside", "evidence_note_fi", "evidence_note_sv", "evidence_note_en", "prerequisites_fi",
    "prerequisites_sv", "prerequisites_en", "accessibility_fi", "accessibility_sv", "accessibility_en",
)  # fmt: skip
FURTHER_OF_COURSE = (
    "second_view", "evidence_note", "prerequisites", "course_status", "led_from_outside", "evidence_note_fi",
    "evidence_note_sv", "evidence_note_en", "prerequisites_fi", "prerequisites_sv", "prerequisites_en",
)  # fmt: skip
NOTE_LENGTH = 1000
NUMBERS = frozenset({"hours", "ects", "price_eur", "capacity", "min_participants", "member_quota"})
MOST_SEATS = 10_000


@dataclass(frozen=True, slots=True)
class CheckedCatalogue:
    """Result of reading a catalogue table: the courses as they would be stored, and all errors."""

    courses: tuple[Course, ...]
    problems: tuple[TableError, ...]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    notices: tuple[TableNotice, ...] = ()

    @property
    def offering_count(self) -> int:
        """The number of offerings of all courses."""
        return sum(len(course.offerings) for course in self.courses)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Options for reading a catalogue table, besides its rows."""

    zone: tzinfo
    now: datetime
    columns: frozenset[str] = frozenset((*HEADER, *FURTHER))
    dimensions: tuple[str, ...] = tuple(DIMENSIONS)


def read_courses(
    rows: Iterable[TableRow], *, setting: ReadOptions, known: Mapping[str, Course] | None = None
) -> CheckedCatalogue:
    """Read every row; what the table does not speak of stays as it is in `known`."""
    problems: list[TableError] = []
    known_courses = known or {}
    grouped: dict[str, list[RowReader]] = {}
    for row in rows:
        reader = RowReader(row, zone=setting.zone, problems=problems)
        grouped.setdefault(reader.read_identifier("external_id"), []).append(reader)
    owners = {
        offering.external_id: course.external_id for course in known_courses.values() for offering in course.offerings
    }
    _check_look_alikes(grouped, known_courses, owners)
    read = (
        _course(readers, setting=setting, known=known_courses.get(external_id), owners=owners)
        for external_id, readers in grouped.items()
        if external_id
    )
    courses = tuple(_dated(course, known_courses.get(course.external_id), now=setting.now) for course in read)
    marks = {course.external_id: _mark(course, known_courses.get(course.external_id)) for course in courses}
    added, changed, unchanged = (
        tuple(name for name, text in marks.items() if text == mark) for mark in ("added", "changed", "unchanged")
    )
    return CheckedCatalogue(courses, tuple(sorted(set(problems))), added, changed, unchanged)


def _check_look_alikes(
    grouped: Mapping[str, Sequence[RowReader]], known: Mapping[str, Course], owners: Mapping[str, str]
) -> None:
    readers = {name: rows[0] for name, rows in grouped.items() if name}
    add_look_alike_errors(readers, known, column="external_id")
    offerings: dict[str, RowReader] = {}
    for row in (row for rows in grouped.values() for row in rows):
        name = normal_line(row.stripped_cell("offering_id"))
        if name:
            offerings.setdefault(name, row)
    add_look_alike_errors(offerings, owners, column="offering_id")


def raise_if_errors(checked: CheckedCatalogue) -> None:
    """Raise TableImportError if the table has errors."""
    if checked.problems:
        raise TableImportError(checked.problems)


def _mark(course: Course, known: Course | None) -> str:
    if known is None:
        return "added"
    return "unchanged" if replace(course, updated_at=known.updated_at) == known else "changed"


def _dated(course: Course, known: Course | None, *, now: datetime) -> Course:
    # What changed is never older than what it replaces, whatever the file says: calendars that follow
    # the feed go by this moment.
    if known is None or _mark(course, known) == "unchanged" or course.updated_at > known.updated_at:
        return course
    return replace(course, updated_at=max(now.astimezone(UTC), known.updated_at + timedelta(seconds=1)))


def _course(
    readers: Sequence[RowReader], *, setting: ReadOptions, known: Course | None, owners: dict[str, str]
) -> Course:
    first = readers[0]
    for later in readers[1:]:
        _require_agreement(first, later, (*COURSE_COLUMNS[1:], *FURTHER_OF_COURSE))
    dimensions = _relevances(first, setting, known)
    offerings = _offerings(readers, known=known, setting=setting, owners=owners)
    status = first.read_choice(
        "course_status" if first.stripped_cell("course_status") else "status", CourseStatus, default=CourseStatus.ACTIVE
    )
    return Course(
        external_id=normal_line(first.stripped_cell("external_id")),
        title=_text(first, "title", required=True, longest=200),
        description=_text(first, "description", required=False, longest=4000),
        area=_area(first),
        dimensions=dimensions,
        target=first.read_choice("target", ChangeTarget),
        audience=first.read_choices("audience", AUDIENCES) or ("everyone",),
        evidence_grade=first.read_choice("evidence_grade", EvidenceGrade),
        evidence_note=_note(first, "evidence_note", setting, known.evidence_note if known else None),
        evidence_url=first.read_web_address("evidence_url"),
        hours=first.read_number("hours", most=2000),
        ects=first.read_number("ects", most=120),
        languages=tuple(Language(code) for code in first.read_choices("languages", Language) if code in set(Language)),
        prerequisites=_note(first, "prerequisites", setting, known.prerequisites if known else None),
        provider=first.read_one_line_text("provider", longest=200, required=True),
        status=status if first.stripped_cell("course_status") else _course_status(offerings, known, status),
        updated_at=(first.read_datetime("updated_at") or setting.now).astimezone(UTC),
        offerings=_merge(known.offerings if known else (), offerings),
        led_from_outside=_led_from_outside(first, setting, known),
    )


def _led_from_outside(first: RowReader, setting: ReadOptions, known: Course | None) -> bool:
    if "led_from_outside" not in setting.columns:
        return known is not None and known.led_from_outside
    return first.read_choice("led_from_outside", YesNo, default=YesNo.NO) is YesNo.YES


def _course_status(offerings: Sequence[Offering], known: Course | None, status: CourseStatus) -> CourseStatus:
    # Without a column of its own the course's status is that of its row; a cancelled time does not cancel the course.
    if offerings:
        return known.status if known else CourseStatus.ACTIVE
    return status


def _require_agreement(first: RowReader, later: RowReader, columns: Iterable[str]) -> None:
    for column in columns:
        value = normal_text(later.stripped_cell(column))
        if value and value != normal_text(first.stripped_cell(column)):
            later.add_error(column, TableErrorCode.DISAGREES, value, str(first.row.number))


def _text(reader: RowReader, column_base: str, *, required: bool, longest: int) -> TranslatedText:
    read = reader.read_one_line_text if column_base == "title" else reader.read_text
    result = {language: read(f"{column_base}_{language.value}", longest=longest) for language in Language}
    fallback = next((text for text in result.values() if text), "")
    if required and not fallback:
        reader.add_error(f"{column_base}_fi", TableErrorCode.MISSING)
    # A language that is not written gets the first that is: a page is never empty.
    return TranslatedText(**{language.value: text or fallback for language, text in result.items()})


def _area(reader: RowReader) -> Area:
    finnish = {
        "osaaminen": Area.COMPETENCE,
        "kasvu ja oppiminen": Area.GROWTH_AND_LEARNING,
        "hyvinvointi": Area.WELLBEING,
        "johtaminen": Area.LEADERSHIP,
    }
    return finnish.get(match_key(reader.stripped_cell("area"))) or reader.read_choice("area", Area)


def _relevances(reader: RowReader, setting: ReadOptions, known: Course | None) -> tuple[Relevance, ...]:
    values = reader.read_numbers_by_name("dimensions", most=3, allowed=setting.dimensions)
    if "second_view" in setting.columns:
        seconds = reader.read_numbers_by_name("second_view", most=3, allowed=setting.dimensions)
    else:
        seconds = (
            {dimension.dimension: dimension.second for dimension in known.dimensions if dimension.second is not None}
            if known
            else {}
        )
    return tuple(Relevance(dimension, value, seconds.get(dimension)) for dimension, value in sorted(values.items()))


def _stored_value(reader: RowReader, column: str, setting: ReadOptions, known: str, *, longest: int) -> str:
    return reader.read_text(column, longest=longest) if column in setting.columns else known


def note_columns(column_base: str) -> dict[Language, str]:
    """Return the column name of a note in each language."""
    return {language: f"{column_base}_{language.value}" for language in Language}


def _note(
    reader: RowReader, column_base: str, setting: ReadOptions, known: PartlyTranslatedText | None
) -> PartlyTranslatedText:
    """Read a note from its columns by language, else from the one column of earlier tables, whose language is unknown.

    Without any of these columns the note stays as it is known.
    """
    by_language = note_columns(column_base)
    if setting.columns.isdisjoint((column_base, *by_language.values())):
        return known or PartlyTranslatedText("")
    texts = {language: reader.read_text(column, longest=NOTE_LENGTH) for language, column in by_language.items()}
    return partly_translated_text(texts) or PartlyTranslatedText(reader.read_text(column_base, longest=NOTE_LENGTH))


def _merge(known: Sequence[Offering], offerings: Sequence[Offering]) -> tuple[Offering, ...]:
    merged = {offering.external_id: offering for offering in known} | {
        offering.external_id: offering for offering in offerings
    }
    return tuple(sorted(merged.values(), key=offering_sort_key))


def _offerings(
    readers: Sequence[RowReader], *, known: Course | None, setting: ReadOptions, owners: dict[str, str]
) -> tuple[Offering, ...]:
    grouped: dict[str, list[RowReader]] = {}
    for reader in readers:
        name = reader.read_identifier("offering_id", required=False)
        if name:
            grouped.setdefault(name, []).append(reader)
        else:
            _refuse_stray_cells(reader)
    result = []
    for name, rows in grouped.items():
        course = normal_line(rows[0].stripped_cell("external_id"))
        if owners.setdefault(name, course) != course:
            rows[0].add_error("offering_id", TableErrorCode.OTHER_COURSE, name, owners[name])
        result.append(_offering(rows, setting=setting, known=known.find_offering(name) if known else None))
    return tuple(result)


def _refuse_stray_cells(reader: RowReader) -> None:
    for column in OFFERING_COLUMNS[1:]:
        if reader.stripped_cell(column):
            reader.add_error(column, TableErrorCode.NO_OFFERING, reader.stripped_cell(column))


def _offering(rows: Sequence[RowReader], *, setting: ReadOptions, known: Offering | None) -> Offering:
    first = rows[0]
    for later in rows[1:]:
        shared = (column for column in OFFERING_COLUMNS[1:] if column not in {"start", "end"})
        notes = ("accessibility", *note_columns("accessibility").values())
        _require_agreement(first, later, (*shared, "status", *notes, "payer", "quotas"))
    opens = first.read_date("reg_opens")
    closes = first.read_date("reg_closes")
    if opens and closes and closes < opens:
        first.add_error(
            "reg_closes", TableErrorCode.ENDS_FIRST, first.stripped_cell("reg_closes"), first.stripped_cell("reg_opens")
        )
    capacity = first.read_whole_number("capacity", most=MOST_SEATS, required=True) or 0
    quotas = (
        first.read_numbers_by_name("quotas", most=MOST_SEATS)
        if "quotas" in setting.columns
        else (known.quotas if known else {})
    )
    return Offering(
        external_id=normal_line(first.stripped_cell("offering_id")),
        mode=first.read_choice("mode", DeliveryMode),
        sessions=_sessions(rows),
        place=first.read_one_line_text("place", longest=200),
        accessibility=_note(first, "accessibility", setting, known.accessibility if known else None),
        capacity=capacity,
        min_participants=first.read_whole_number("min_participants", most=capacity) or 0,
        member_quota=first.read_whole_number("member_quota", most=capacity),
        registration_url=first.read_web_address("registration_url"),
        registration_opens=opens,
        registration_closes=closes,
        price_eur=first.read_number("price_eur", most=100_000),
        payer=_stored_value(first, "payer", setting, known.payer if known else "", longest=200),
        status=first.read_choice("status", CourseStatus, default=CourseStatus.ACTIVE),
        quotas=quotas,
    )


def _sessions(rows: Sequence[RowReader]) -> tuple[CourseSession, ...]:
    result: dict[datetime, CourseSession] = {}
    for reader in rows:
        start = reader.read_datetime("start")
        end = reader.read_datetime("end", at=time(23, 59))
        if (start is None) != (end is None) and bool(reader.stripped_cell("start")) != bool(
            reader.stripped_cell("end")
        ):
            reader.add_error("end" if start else "start", TableErrorCode.NEEDS_BOTH_ENDS)
        if start is None or end is None:
            continue
        if end <= start:
            reader.add_error(
                "end", TableErrorCode.ENDS_FIRST, reader.stripped_cell("end"), reader.stripped_cell("start")
            )
        if start in result:
            reader.add_error("start", TableErrorCode.REPEATED, reader.stripped_cell("start"))
        result[start] = CourseSession(start.astimezone(UTC), end.astimezone(UTC))
    return tuple(result[start] for start in sorted(result))
