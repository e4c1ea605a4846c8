"""Use cases of the course catalogue: check and import a table, export it, edit a course."""

import codecs
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.catalogue import Course
from app.core.catalogue.table_reader import (
    FURTHER,
    HEADER,
    NEEDED,
    NUMBERS,
    OFFERING_COLUMNS,
    CheckedCatalogue,
    ReadOptions,
    raise_if_errors,
    read_courses,
)
from app.core.catalogue.table_writer import courses_to_rows
from app.core.catalogue.template import TEMPLATE, column_guide
from app.core.errors import ConcurrentChange
from app.core.languages import Language
from app.core.tables.cells import InputTable, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.headers import COURSES, column_name_resolver
from app.core.tables.row_reader import unescape_formula
from app.render import json_ld
from app.render.json_ld import Address
from app.render.tabular_files import Value, table_file, xlsx_bytes
from app.store import audit, json_ld_reader, tabular_reader
from app.store import courses as store

UPLOAD_KIND = "catalogue"
MOST_BYTES = tabular_reader.MOST_BYTES


def courses(session: Session) -> tuple[Course, ...]:
    """Return the whole catalogue by title."""
    return store.courses(session)


def find_course(session: Session, external_id: str) -> Course | None:
    """Return one course, or None where there is none."""
    return store.find_course(session, external_id)


def check_import(session: Session, content: bytes, *, zone: tzinfo, now: datetime) -> CheckedCatalogue:
    """Return what importing a table would do, with every error in it; nothing is stored.

    Raises TableImportError for a file that is no table of the catalogue at all.
    """
    known = {each.external_id: each for each in store.courses(session)}
    table = _table(content, known.values(), zone=zone)
    tabular_reader.require_columns(table, NEEDED, allowed=(*HEADER, *FURTHER))
    setting = ReadOptions(zone=zone, now=now, columns=frozenset(table.columns))
    return replace(read_courses(table.rows, setting=setting, known=known), notices=table.notices)


def import_courses(
    session: Session, content: bytes, *, zone: tzinfo, now: datetime, by: AccountId | None = None
) -> CheckedCatalogue:
    """Import a table, all of it or nothing; raises TableImportError with every fault."""
    checked = check_import(session, content, zone=zone, now=now)
    raise_if_errors(checked)
    moved = {*checked.added, *checked.changed}
    store.upsert_courses_and_replace_offerings(session, (each for each in checked.courses if each.external_id in moved))
    audit.add(session, AuditEntry(now, by, AuditEvent.CATALOGUE_IMPORTED, f"courses:{len(moved)}"))
    return checked


def save_course(
    session: Session, cells: Mapping[str, str], *, zone: tzinfo, now: datetime, by: AccountId | None, is_new: bool
) -> Course:
    """Store what a form says of a course; its offerings stay. Raises TableImportError with every fault.

    Raises ConcurrentChange for a course that was removed since the form was opened: to store it would bring it back
    without its offerings.
    """
    external_id = cells.get("external_id", "")
    known = store.find_course(session, external_id)
    if is_new and known is not None:
        raise TableImportError([TableError(0, "external_id", TableErrorCode.REPEATED, known.external_id)])
    if not is_new and known is None:
        raise ConcurrentChange(external_id)
    rows = _rows_of(known, zone) or [{}]
    return _save(session, [{**row, **cells} for row in rows], zone=zone, now=now, by=by)


def save_offering(
    session: Session,
    course_id: str,
    cells: Mapping[str, str],
    sessions: Sequence[tuple[str, str]],
    *,
    zone: tzinfo,
    now: datetime,
    by: AccountId | None,
    is_new: bool,
) -> Course:
    """Store what a form says of one offering, with its sessions; raises TableImportError with every fault.

    Raises ConcurrentChange where the course, or the offering that the form changes, was removed since.
    """
    known = store.find_course(session, course_id)
    if known is None:
        raise ConcurrentChange(course_id)
    _require_offering(known, cells["offering_id"], is_new=is_new)
    rest = replace(
        known, offerings=tuple(offering for offering in known.offerings if offering.external_id != cells["offering_id"])
    )
    other_rows = [row for row in _rows_of(rest, zone) if row.get("offering_id")]
    shared = {column: cell for column, cell in _rows_of(rest, zone)[0].items() if column not in OFFERING_COLUMNS}
    spoken = [{**shared, **cells, "start": start, "end": end} for start, end in sessions or [("", "")]]
    return _save(session, [*spoken, *other_rows], zone=zone, now=now, by=by)


def _require_offering(known: Course, offering_id: str, *, is_new: bool) -> None:
    """Let a form neither replace an offering that it did not show nor bring back one that was removed."""
    offering = known.find_offering(offering_id)
    if is_new and offering is not None:
        raise TableImportError([TableError(0, "offering_id", TableErrorCode.REPEATED, offering_id)])
    if not is_new and offering is None:
        raise ConcurrentChange(offering_id)


def course_form_cells(known: Course | None, *, zone: tzinfo) -> dict[str, str]:
    """Return the cells of a course as a form shows them; none for a new course."""
    rows = _rows_of(known, zone)
    return {column: unescape_formula(cell) for column, cell in rows[0].items()} if rows else {}


def offering_form_cells(known: Course, offering_id: str, *, zone: tzinfo) -> dict[str, str]:
    """Return the cells of an offering as a form shows them, its sessions one a line."""
    rows = [row for row in _rows_of(known, zone) if row["offering_id"] == offering_id and offering_id]
    if not rows:
        return {}
    lines = [f"{row['start']} {row['end']}" for row in rows if row["start"]]
    return {column: unescape_formula(cell) for column, cell in rows[0].items()} | {"sessions": "\n".join(lines)}


def remove_offering(session: Session, course_id: str, offering_id: str, *, by: AccountId | None, now: datetime) -> None:
    """Remove one offering; the course stays."""
    known = store.find_course(session, course_id)
    if known is not None:
        rest = tuple(offering for offering in known.offerings if offering.external_id != offering_id)
        store.upsert_courses_and_replace_offerings(
            session, [replace(known, offerings=rest, updated_at=max(now, known.updated_at))]
        )
        audit.add(session, AuditEntry(now, by, AuditEvent.CATALOGUE_EDITED, f"course:{course_id}"))


def _rows_of(known: Course | None, zone: tzinfo) -> list[dict[str, str]]:
    if known is None:
        return []
    header, *lines = courses_to_rows([known], zone=zone)
    return [dict(zip(header, line, strict=True)) for line in lines]


def _save(
    session: Session, rows: Sequence[Mapping[str, str]], *, zone: tzinfo, now: datetime, by: AccountId | None
) -> Course:
    external_id = rows[0].get("external_id", "")
    others = {each.external_id: each for each in store.courses(session) if each.external_id != external_id}
    table_rows = [TableRow(1, {**row, "updated_at": ""}) for row in rows]
    checked = read_courses(table_rows, setting=ReadOptions(zone=zone, now=now), known=others)
    raise_if_errors(checked)
    store.upsert_courses_and_replace_offerings(session, checked.courses)
    audit.add(session, AuditEntry(now, by, AuditEvent.CATALOGUE_EDITED, f"course:{external_id}"))
    return checked.courses[0]


def remove_course(session: Session, external_id: str, *, by: AccountId | None, now: datetime) -> None:
    """Remove a course with its offerings."""
    store.remove(session, external_id)
    audit.add(session, AuditEntry(now, by, AuditEvent.CATALOGUE_EDITED, f"course:{external_id}"))


def export_csv_or_xlsx(session: Session, *, zone: tzinfo, kind: str) -> bytes:
    """Return the whole catalogue as `csv` or `xlsx`; importing it changes nothing."""
    header, *rows = courses_to_rows(store.courses(session), zone=zone)
    numbers = [place for place, column in enumerate(header) if column in NUMBERS]
    table: list[Sequence[Value]] = [header]
    for row in rows:
        values: list[Value] = list(row)
        for place in numbers:
            values[place] = _number(row[place])
        table.append(values)
    return table_file(kind, "catalogue", table)


def _number(cell: str) -> Value:
    """Return a number as a number, so that it is written as the reader's spreadsheet writes it."""
    if not cell:
        return None
    return int(cell) if cell.isdecimal() else float(cell)


def export_json_ld(session: Session, *, zone: tzinfo, address: Address) -> bytes:
    """Return the whole catalogue as schema.org JSON-LD; importing it changes nothing."""
    found_courses = store.courses(session)
    return json_ld.json_ld_bytes(
        json_ld.courses_json_ld(found_courses, address=address, table=courses_to_rows(found_courses, zone=zone))
    )


def export(session: Session, kind: str, *, zone: tzinfo, address: Address) -> bytes:
    """Return the whole catalogue as `csv`, `xlsx` or `jsonld`; `address` gives the public page of a course."""
    if kind == "jsonld":
        return export_json_ld(session, zone=zone, address=address)
    return export_csv_or_xlsx(session, zone=zone, kind=kind)


def template_csv() -> bytes:
    """Return the empty table: its header alone."""
    return table_file("csv", "catalogue", TEMPLATE)


def template_xlsx(language: Language) -> bytes:
    """Return the empty table with a second sheet that explains each column."""
    return xlsx_bytes([("catalogue", [TEMPLATE[0]]), ("guide", column_guide(language))])


def _table(content: bytes, known: Iterable[Course], *, zone: tzinfo) -> InputTable:
    if content.removeprefix(codecs.BOM_UTF8).lstrip()[:1] not in {b"{", b"["}:
        further = {column: (column,) for column in FURTHER}
        return tabular_reader.read_table(content, rename=column_name_resolver(COURSES, further))
    return json_ld_reader.course_table_from_json_ld(
        content, {each_course.external_id: course_form_cells(each_course, zone=zone) for each_course in known}
    )
