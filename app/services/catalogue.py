"""The catalogue's verbs: check and import a table, export it, edit one course."""

import codecs
from collections.abc import Sequence
from datetime import datetime, tzinfo

from sqlalchemy.orm import Session

from app.core.catalogue import Course
from app.core.catalogue.cells import Row
from app.core.catalogue.faults import CatalogueRefused, Fault, Problem
from app.core.catalogue.rows import FURTHER, HEADER, Checked, Setting, read_courses, require_clean, write_rows
from app.core.catalogue.template import TEMPLATE, guide
from app.core.languages import Language
from app.render import linked_data
from app.render import sheets as written
from app.store import courses as store
from app.store import linked, sheets


def courses(session: Session) -> tuple[Course, ...]:
    """Return the whole catalogue by title."""
    return store.courses(session)


def course(session: Session, external_id: str) -> Course | None:
    """Return one course, or None where there is none."""
    return store.course(session, external_id)


def check(session: Session, content: bytes, *, zone: tzinfo, now: datetime) -> Checked:
    """Tell what importing a table would do, and every fault of it; nothing is stored.

    Raises CatalogueRefused for a file that is no table of the catalogue at all.
    """
    table = _table(content)
    _require_header(table.columns)
    setting = Setting(zone=zone, now=now, columns=frozenset(table.columns))
    known = {one.external_id: one for one in store.courses(session)}
    return read_courses(table.rows, setting=setting, known=known)


def import_courses(session: Session, content: bytes, *, zone: tzinfo, now: datetime) -> Checked:
    """Import a table, all of it or nothing; raises CatalogueRefused with every fault."""
    checked = check(session, content, zone=zone, now=now)
    require_clean(checked)
    moved = {*checked.added, *checked.changed}
    store.put(session, (one for one in checked.courses if one.external_id in moved))
    return checked


def save(session: Session, rows: Sequence[Row], *, zone: tzinfo, now: datetime) -> Course:
    """Store one course with all its offerings as rows say; raises CatalogueRefused with every fault."""
    others = {one.external_id: one for one in store.courses(session) if one.external_id != rows[0].cells["external_id"]}
    checked = read_courses(rows, setting=Setting(zone=zone, now=now), known=others)
    if checked.problems or not checked.courses:
        raise CatalogueRefused(checked.problems or [Problem(1, "external_id", Fault.MISSING)])
    store.put(session, checked.courses)
    return checked.courses[0]


def remove(session: Session, external_id: str) -> None:
    """Remove a course with its offerings."""
    store.remove(session, external_id)


def export_csv(session: Session, *, zone: tzinfo) -> bytes:
    """Return the whole catalogue as CSV; importing it changes nothing."""
    return written.as_csv(write_rows(store.courses(session), zone=zone))


def export_xlsx(session: Session, *, zone: tzinfo) -> bytes:
    """Return the whole catalogue as XLSX; importing it changes nothing."""
    return written.as_xlsx([("catalogue", write_rows(store.courses(session), zone=zone))])


def export_linked(session: Session, *, zone: tzinfo) -> bytes:
    """Return the whole catalogue as schema.org JSON-LD; importing it changes nothing."""
    found = store.courses(session)
    return linked_data.as_json(linked_data.as_graph(found, table=write_rows(found, zone=zone)))


def template_csv() -> bytes:
    """Return the empty table: its header alone."""
    return written.as_csv([TEMPLATE[0]])


def template_xlsx(language: Language) -> bytes:
    """Return the empty table with a second sheet that explains each column."""
    return written.as_xlsx([("catalogue", [TEMPLATE[0]]), ("guide", guide(language))])


def _table(content: bytes) -> sheets.Table:
    begins_as_json = content.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"["}
    return linked.read_linked(content) if begins_as_json else sheets.read_table(content)


def _require_header(columns: Sequence[str]) -> None:
    problems = [Problem(1, column, Fault.MISSING_COLUMN) for column in HEADER if column not in columns]
    problems += [
        Problem(1, column or "?", Fault.UNKNOWN_COLUMN, column, ", ".join((*HEADER, *FURTHER)))
        for column in dict.fromkeys(columns)
        if column not in {*HEADER, *FURTHER}
    ]
    problems += [Problem(1, one, Fault.REPEATED_COLUMN) for one in dict.fromkeys(columns) if columns.count(one) > 1]
    if problems:
        raise CatalogueRefused(problems)
