"""Courses and their offerings."""

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Date,
    Float,
    ForeignKey,
    Integer,
    ScalarSelect,
    Select,
    String,
    cast,
    false,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app.core import catalogue
from app.core.catalogue import (
    Area,
    ChangeTarget,
    Course,
    CourseStatus,
    DeliveryMode,
    EvidenceGrade,
    Offering,
    Relevance,
)
from app.core.languages import Language, PartlyTranslatedText, TranslatedText
from app.core.text import sort_key
from app.store.columns import one_of_constraint
from app.store.database import Base, Executor
from app.store.translations import TRANSLATIONS_JSON, text_from_columns, translations_to_dict


class CourseRow(Base):
    __tablename__ = "course"
    __table_args__ = (
        one_of_constraint("area", Area),
        one_of_constraint("target", ChangeTarget),
        one_of_constraint("evidence_grade", EvidenceGrade),
        one_of_constraint("status", CourseStatus),
    )

    external_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    description: Mapped[dict[str, str]] = mapped_column(JSON)
    area: Mapped[str] = mapped_column(String(30))
    dimensions: Mapped[list[list[Any]]] = mapped_column(JSON)
    target: Mapped[str] = mapped_column(String(10))
    audience: Mapped[list[str]] = mapped_column(JSON)
    evidence_grade: Mapped[str] = mapped_column(String(1))
    evidence_note: Mapped[str] = mapped_column(String(1000))
    evidence_note_translations: Mapped[dict[str, str] | None] = mapped_column(TRANSLATIONS_JSON)
    evidence_url: Mapped[str] = mapped_column(String(500))
    hours: Mapped[float | None] = mapped_column(Float)
    ects: Mapped[float | None] = mapped_column(Float)
    languages: Mapped[list[str]] = mapped_column(JSON)
    prerequisites: Mapped[str] = mapped_column(String(1000))
    prerequisites_translations: Mapped[dict[str, str] | None] = mapped_column(TRANSLATIONS_JSON)
    provider: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10), index=True)
    updated_at: Mapped[datetime]
    led_from_outside: Mapped[bool] = mapped_column(server_default=false())
    offerings: Mapped[list["OfferingRow"]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class OfferingRow(Base):
    __tablename__ = "offering"
    __table_args__ = (
        one_of_constraint("mode", DeliveryMode),
        one_of_constraint("status", CourseStatus),
        CheckConstraint("capacity >= 0", name="capacity"),
    )

    external_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.external_id", ondelete="CASCADE"), index=True)
    mode: Mapped[str] = mapped_column(String(12))
    sessions: Mapped[list[list[str]]] = mapped_column(JSON)
    place: Mapped[str] = mapped_column(String(200))
    accessibility: Mapped[str] = mapped_column(String(1000))
    accessibility_translations: Mapped[dict[str, str] | None] = mapped_column(TRANSLATIONS_JSON)
    capacity: Mapped[int] = mapped_column(Integer)
    min_participants: Mapped[int] = mapped_column(Integer)
    member_quota: Mapped[int | None] = mapped_column(Integer)
    registration_url: Mapped[str] = mapped_column(String(500))
    registration_opens: Mapped[date | None] = mapped_column(Date)
    registration_closes: Mapped[date | None] = mapped_column(Date)
    price_eur: Mapped[float | None] = mapped_column(Float)
    payer: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))
    quotas: Mapped[dict[str, int]] = mapped_column(JSON)


def _as_text(table: type[Base]) -> Select[Any]:
    """Select a table with its JSON columns as text, so that rows can be compared."""
    return select(
        *(cast(column, String) if isinstance(column.type, JSON) else column for column in table.__table__.columns)
    )


def _as_single_row(table: type[Base], *names: str) -> ScalarSelect[Any]:
    """Select the named columns of a table's active rows as one text; none of them may be NULL."""
    columns = table.__table__.c
    row: ColumnElement[str] = literal("")
    for name in names:
        row = row.concat(_UNIT).concat(cast(columns[name], String))
    return (
        select(func.aggregate_strings(row, _RECORD))
        .where(columns.status == CourseStatus.ACTIVE.value)
        .scalar_subquery()
    )


# separators that no import accepts in a cell
_RECORD = "\x1e"
_UNIT = "\x1f"


_ALL_COURSES = _as_text(CourseRow)
_ALL_OFFERINGS = _as_text(OfferingRow)
# Columns that own feedback depends on, in any row order.
AVAILABLE_COURSES_VERSION = (
    _as_single_row(CourseRow, "external_id", "title", "dimensions", "target", "evidence_grade", "provider"),
    _as_single_row(OfferingRow, "course_id", "mode", "sessions"),
)
_OFFERED = select(*AVAILABLE_COURSES_VERSION)
_SAME_COURSE = (
    "external_id", "evidence_url", "hours", "ects", "provider", "updated_at", "led_from_outside",
)  # fmt: skip
_SAME_OFFERING = (
    "external_id", "place", "capacity", "min_participants", "member_quota", "registration_url",
    "registration_opens", "registration_closes", "price_eur", "payer",
)  # fmt: skip


_NOTES_OF_COURSE = ("evidence_note", "prerequisites")
_NOTES_OF_OFFERING = ("accessibility",)


def courses(session: Executor) -> tuple[Course, ...]:
    """Return the whole catalogue by title, including drafts and past offerings.

    Every page with recommendations reads it, so unchanged rows are not parsed again.
    """
    return _catalogue(
        tuple(session.execute(_ALL_COURSES)),
        tuple(session.execute(_ALL_OFFERINGS)),
    )


def available_courses_version(session: Executor) -> Hashable:
    """Return a value that changes when the available courses, their dates or their dimensions change.

    Takes a fifth of the time of `courses`. It is computed from the columns themselves, so no writer can forget to
    update it.
    """
    return tuple(session.execute(_OFFERED).one())


@lru_cache(maxsize=4)
def _catalogue(course_rows: tuple[Any, ...], offering_rows: tuple[Any, ...]) -> tuple[Course, ...]:
    times: dict[str, list[Offering]] = {}
    for cells in offering_rows:
        row = _plain(OfferingRow, cells)
        times.setdefault(row.course_id, []).append(_offering(row))
    rows = (_plain(CourseRow, cells) for cells in course_rows)
    found_courses = (_course(row, times.get(row.external_id, ())) for row in rows)
    return tuple(sorted(found_courses, key=lambda course: (sort_key(course.title.fi), course.external_id)))


def _plain(table: type[Base], cells: Sequence[Any]) -> Any:
    columns = table.__table__.columns
    named = zip(columns, cells, strict=True)
    return SimpleNamespace(
        **{
            item.name: json.loads(cell) if cell is not None and isinstance(item.type, JSON) else cell
            for item, cell in named
        }
    )


def find_course(session: Session, external_id: str) -> Course | None:
    """Return a course, or None."""
    row = session.get(CourseRow, external_id)
    return None if row is None else _course(row, map(_offering, row.offerings))


def upsert_courses_and_replace_offerings(session: Session, changed: Iterable[Course]) -> None:
    """Store courses with exactly their current offerings; other offerings of them are removed."""
    wanted = {course_.external_id: course_ for course_ in changed}
    rows: Mapping[str, CourseRow] = {row.external_id: row for row in session.scalars(select(CourseRow))}
    for external_id, course_ in wanted.items():
        row = rows.get(external_id) or CourseRow(external_id=external_id)
        _write(row, _course_cells(course_))
        _put_offerings(row, course_)
        session.add(row)
    session.flush()


def remove(session: Session, external_id: str) -> None:
    """Remove a course with its offerings, if it exists."""
    row = session.get(CourseRow, external_id)
    if row is not None:
        session.delete(row)
        session.flush()


def _put_offerings(row: CourseRow, course_: Course) -> None:
    existing = {offering.external_id: offering for offering in row.offerings}
    rows = []
    for offering in course_.offerings:
        offering_row = existing.get(offering.external_id) or OfferingRow(external_id=offering.external_id)
        _write(offering_row, _offering_cells(offering))
        rows.append(offering_row)
    row.offerings = rows


def _write(row: Base, cells: Mapping[str, Any]) -> None:
    for name, value in cells.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _text(text: TranslatedText) -> dict[str, str]:
    return {language.value: text.in_language(language) for language in Language}


def _course_cells(course_: Course) -> dict[str, Any]:
    return (
        {name: getattr(course_, name) for name in _SAME_COURSE}
        | _note_cells(course_, _NOTES_OF_COURSE)
        | {
            "title": _text(course_.title),
            "description": _text(course_.description),
            "area": course_.area.value,
            "dimensions": [
                [dimension.dimension, dimension.value, dimension.second] for dimension in course_.dimensions
            ],
            "target": course_.target.value,
            "audience": list(course_.audience),
            "evidence_grade": course_.evidence_grade.value,
            "languages": [language.value for language in course_.languages],
            "status": course_.status.value,
        }
    )


def _offering_cells(offering: Offering) -> dict[str, Any]:
    return (
        {name: getattr(offering, name) for name in _SAME_OFFERING}
        | _note_cells(offering, _NOTES_OF_OFFERING)
        | {
            "mode": offering.mode.value,
            "sessions": [
                [session.start.astimezone(UTC).isoformat(), session.end.astimezone(UTC).isoformat()]
                for session in offering.sessions
            ],
            "status": offering.status.value,
            "quotas": dict(offering.quotas),
        }
    )


def _note_cells(source: Course | Offering, names: Iterable[str]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name in names:
        note: PartlyTranslatedText = getattr(source, name)
        cells |= {name: note.main, f"{name}_translations": translations_to_dict(note.translations)}
    return cells


def _notes(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: text_from_columns(getattr(row, name), getattr(row, f"{name}_translations")) for name in names}


def _course(row: Any, offerings: Iterable[Offering]) -> Course:
    return Course(
        **{name: getattr(row, name) for name in _SAME_COURSE},
        **_notes(row, _NOTES_OF_COURSE),
        title=TranslatedText(**row.title),
        description=TranslatedText(**row.description),
        area=Area(row.area),
        dimensions=tuple(Relevance(*dimension) for dimension in row.dimensions),
        target=ChangeTarget(row.target),
        audience=tuple(row.audience),
        evidence_grade=EvidenceGrade(row.evidence_grade),
        languages=tuple(map(Language, row.languages)),
        status=CourseStatus(row.status),
        offerings=tuple(sorted(offerings, key=catalogue.offering_sort_key)),
    )


def _offering(row: Any) -> Offering:
    return Offering(
        **{name: getattr(row, name) for name in _SAME_OFFERING},
        **_notes(row, _NOTES_OF_OFFERING),
        mode=DeliveryMode(row.mode),
        sessions=tuple(
            catalogue.CourseSession(datetime.fromisoformat(start), datetime.fromisoformat(end))
            for start, end in row.sessions
        ),
        status=CourseStatus(row.status),
        quotas=row.quotas,
    )
