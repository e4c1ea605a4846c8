"""Courses from rows and back to rows: the fixed header of the catalogue's table.

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
    Course,
    CourseSession,
    CourseStatus,
    DeliveryMode,
    EvidenceGrade,
    Offering,
    Relevance,
    Target,
    YesNo,
    offering_sort_key,
)
from app.core.languages import Language, TranslatedText
from app.core.tables.cells import TableNotice, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.identifiers import check_look_alikes
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
    "led_from_outside",
)  # fmt: skip
FURTHER_OF_COURSE = ("second_view", "evidence_note", "prerequisites", "course_status", "led_from_outside")
NUMBERS = frozenset({"hours", "ects", "price_eur", "capacity", "min_participants", "member_quota"})
TITLES = ("title_fi", "title_sv", "title_en")
MOST_SEATS = 10_000


@dataclass(frozen=True, slots=True)
class CheckedCatalogue:
    """What a table says: the courses as they would be stored, and every fault of it."""

    courses: tuple[Course, ...]
    problems: tuple[TableError, ...]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    notices: tuple[TableNotice, ...] = ()

    @property
    def offerings(self) -> int:
        """How many offerings the courses have."""
        return sum(len(course.offerings) for course in self.courses)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What reading needs to know beside the rows."""

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
        grouped.setdefault(reader.name("external_id"), []).append(reader)
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
    check_look_alikes(readers, known, column="external_id")
    offerings: dict[str, RowReader] = {}
    for row in (row for rows in grouped.values() for row in rows):
        name = normal_line(row.raw("offering_id"))
        if name:
            offerings.setdefault(name, row)
    check_look_alikes(offerings, owners, column="offering_id")


def raise_if_errors(checked: CheckedCatalogue) -> None:
    """Refuse a table that holds faults."""
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
    status = first.word(
        "course_status" if first.raw("course_status") else "status", CourseStatus, default=CourseStatus.ACTIVE
    )
    return Course(
        external_id=normal_line(first.raw("external_id")),
        title=_text(first, "title", required=True, longest=200),
        description=_text(first, "description", required=False, longest=4000),
        area=_area(first),
        dimensions=dimensions,
        target=first.word("target", Target),
        audience=first.words("audience", AUDIENCES) or ("everyone",),
        evidence_grade=first.word("evidence_grade", EvidenceGrade),
        evidence_note=_stored_value(
            first, "evidence_note", setting, known.evidence_note if known else "", longest=1000
        ),
        evidence_url=first.address("evidence_url"),
        hours=first.number("hours", most=2000),
        ects=first.number("ects", most=120),
        languages=tuple(Language(word) for word in first.words("languages", Language) if word in set(Language)),
        prerequisites=_stored_value(
            first, "prerequisites", setting, known.prerequisites if known else "", longest=1000
        ),
        provider=first.line("provider", longest=200, required=True),
        status=status if first.raw("course_status") else _course_status(offerings, known, status),
        updated_at=(first.moment("updated_at") or setting.now).astimezone(UTC),
        offerings=_merge(known.offerings if known else (), offerings),
        led_from_outside=_led_from_outside(first, setting, known),
    )


def _led_from_outside(first: RowReader, setting: ReadOptions, known: Course | None) -> bool:
    if "led_from_outside" not in setting.columns:
        return known is not None and known.led_from_outside
    return first.word("led_from_outside", YesNo, default=YesNo.NO) is YesNo.YES


def _course_status(offerings: Sequence[Offering], known: Course | None, status: CourseStatus) -> CourseStatus:
    # Without a column of its own the course's status is that of its row; a cancelled time does not cancel the course.
    if offerings:
        return known.status if known else CourseStatus.ACTIVE
    return status


def _require_agreement(first: RowReader, later: RowReader, columns: Iterable[str]) -> None:
    for column in columns:
        value = normal_text(later.raw(column))
        if value and value != normal_text(first.raw(column)):
            later.add_error(column, TableErrorCode.DISAGREES, value, str(first.row.number))


def _text(reader: RowReader, word: str, *, required: bool, longest: int) -> TranslatedText:
    read = reader.line if word == "title" else reader.text
    result = {language: read(f"{word}_{language.value}", longest=longest) for language in Language}
    fallback = next((text for text in result.values() if text), "")
    if required and not fallback:
        reader.add_error(f"{word}_fi", TableErrorCode.MISSING)
    # A language that is not written gets the first that is: a page is never empty.
    return TranslatedText(**{language.value: text or fallback for language, text in result.items()})


def _area(reader: RowReader) -> Area:
    finnish = {
        "osaaminen": Area.COMPETENCE,
        "kasvu ja oppiminen": Area.GROWTH_AND_LEARNING,
        "hyvinvointi": Area.WELLBEING,
        "johtaminen": Area.LEADERSHIP,
    }
    return finnish.get(match_key(reader.raw("area"))) or reader.word("area", Area)


def _relevances(reader: RowReader, setting: ReadOptions, known: Course | None) -> tuple[Relevance, ...]:
    values = reader.pairs("dimensions", most=3, allowed=setting.dimensions)
    if "second_view" in setting.columns:
        seconds = reader.pairs("second_view", most=3, allowed=setting.dimensions)
    else:
        seconds = (
            {dimension.dimension: dimension.second for dimension in known.dimensions if dimension.second is not None}
            if known
            else {}
        )
    return tuple(Relevance(word, value, seconds.get(word)) for word, value in sorted(values.items()))


def _stored_value(reader: RowReader, column: str, setting: ReadOptions, known: str, *, longest: int) -> str:
    return reader.text(column, longest=longest) if column in setting.columns else known


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
        name = reader.name("offering_id", required=False)
        if name:
            grouped.setdefault(name, []).append(reader)
        else:
            _refuse_stray_cells(reader)
    result = []
    for name, rows in grouped.items():
        course = normal_line(rows[0].raw("external_id"))
        if owners.setdefault(name, course) != course:
            rows[0].add_error("offering_id", TableErrorCode.OTHER_COURSE, name, owners[name])
        result.append(_offering(rows, setting=setting, known=known.offering(name) if known else None))
    return tuple(result)


def _refuse_stray_cells(reader: RowReader) -> None:
    for column in OFFERING_COLUMNS[1:]:
        if reader.raw(column):
            reader.add_error(column, TableErrorCode.NO_OFFERING, reader.raw(column))


def _offering(rows: Sequence[RowReader], *, setting: ReadOptions, known: Offering | None) -> Offering:
    first = rows[0]
    for later in rows[1:]:
        shared = (column for column in OFFERING_COLUMNS[1:] if column not in {"start", "end"})
        _require_agreement(first, later, (*shared, "status", "accessibility", "payer", "quotas"))
    opens = first.day("reg_opens")
    closes = first.day("reg_closes")
    if opens and closes and closes < opens:
        first.add_error("reg_closes", TableErrorCode.ENDS_FIRST, first.raw("reg_closes"), first.raw("reg_opens"))
    capacity = first.whole("capacity", most=MOST_SEATS, required=True) or 0
    quotas = first.pairs("quotas", most=MOST_SEATS) if "quotas" in setting.columns else (known.quotas if known else {})
    return Offering(
        external_id=normal_line(first.raw("offering_id")),
        mode=first.word("mode", DeliveryMode),
        sessions=_sessions(rows),
        place=first.line("place", longest=200),
        accessibility=_stored_value(
            first, "accessibility", setting, known.accessibility if known else "", longest=1000
        ),
        capacity=capacity,
        min_participants=first.whole("min_participants", most=capacity) or 0,
        member_quota=first.whole("member_quota", most=capacity),
        registration_url=first.address("registration_url"),
        registration_opens=opens,
        registration_closes=closes,
        price_eur=first.number("price_eur", most=100_000),
        payer=_stored_value(first, "payer", setting, known.payer if known else "", longest=200),
        status=first.word("status", CourseStatus, default=CourseStatus.ACTIVE),
        quotas=quotas,
    )


def _sessions(rows: Sequence[RowReader]) -> tuple[CourseSession, ...]:
    result: dict[datetime, CourseSession] = {}
    for reader in rows:
        start = reader.moment("start")
        end = reader.moment("end", at=time(23, 59))
        if (start is None) != (end is None) and bool(reader.raw("start")) != bool(reader.raw("end")):
            reader.add_error("end" if start else "start", TableErrorCode.NEEDS_BOTH_ENDS)
        if start is None or end is None:
            continue
        if end <= start:
            reader.add_error("end", TableErrorCode.ENDS_FIRST, reader.raw("end"), reader.raw("start"))
        if start in result:
            reader.add_error("start", TableErrorCode.REPEATED, reader.raw("start"))
        result[start] = CourseSession(start.astimezone(UTC), end.astimezone(UTC))
    return tuple(result[start] for start in sorted(result))
