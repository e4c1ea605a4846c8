"""Surveys by others: dates by municipality and the crosswalk of scales, both imported atomically."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.catalogue import DIMENSIONS
from app.core.other_surveys import (
    HEADER,
    LONGEST_NAME,
    NEEDED,
    CheckedCrosswalk,
    OtherSurvey,
    ScaleMatch,
    check_crosswalk_rows,
    crosswalk_table,
)
from app.core.tables.errors import TableImportError
from app.core.tables.row_reader import escape_formula
from app.core.text import bad_characters_with_positions, match_key, normal_line
from app.render.tabular_files import table_file
from app.store import audit, organisations, tabular_reader
from app.store import other_surveys as store

MOST_BYTES = tabular_reader.MOST_BYTES
UPLOAD_KIND = "crosswalk"
_SHEET = "crosswalk"


class OtherSurveyError(Exception):
    """The days of a survey of others cannot be stored."""


class UnknownMunicipality(OtherSurveyError):
    """There is no municipality of that id."""


class ChangedMeanwhile(OtherSurveyError):
    """Somebody else changed or deleted the survey after it was read."""


def other_surveys(session: Session, municipalities: Collection[str] | None = None) -> tuple[OtherSurvey, ...]:
    """Return the surveys of others, oldest first; of some municipalities, or of all."""
    return store.other_surveys(session, municipalities)


def find_other_survey(session: Session, number: int) -> OtherSurvey | None:
    """Return one survey of others; None if there is none of that number."""
    return store.find_other_survey(session, number)


def add_other_survey(session: Session, survey: OtherSurvey, *, by: AccountId | None, now: datetime) -> int:
    """Store a new survey of others (its `id` is 0) and return its number.

    Raises UnknownMunicipality, and ValueError for a title or days that cannot be stored.
    """
    if survey.municipality not in {place.id for place in organisations.municipalities(session)}:
        raise UnknownMunicipality(survey.municipality)
    number = store.add(session, _valid(survey), by=by, now=now)
    _record(session, number, survey, by=by, now=now)
    return number


def update_other_survey(
    session: Session, seen: OtherSurvey, changed: OtherSurvey, *, by: AccountId | None, now: datetime
) -> None:
    """Change title and days of a survey; raises ChangedMeanwhile if it is no longer as `seen`, and ValueError."""
    if not store.replace_if_unchanged(session, seen, _valid(changed), by=by, now=now):
        raise ChangedMeanwhile(str(seen.id))
    _record(session, seen.id, changed, by=by, now=now)


def delete_other_survey(session: Session, seen: OtherSurvey, *, by: AccountId | None, now: datetime) -> None:
    """Delete a survey; raises ChangedMeanwhile if it is no longer as `seen`."""
    if not store.remove_if_unchanged(session, seen):
        raise ChangedMeanwhile(str(seen.id))
    entry = AuditEntry(now, by, AuditEvent.ORGANISATIONS_IMPORTED, f"other survey:{seen.id} deleted")
    audit.add(session, entry)


def _valid(survey: OtherSurvey) -> OtherSurvey:
    title = normal_line(survey.title)
    if not title or len(title) > LONGEST_NAME or bad_characters_with_positions(title):
        message = f"the title needs 1-{LONGEST_NAME} printable characters"
        raise ValueError(message)
    if survey.last < survey.first:
        message = "the last day is before the first"
        raise ValueError(message)
    return replace(survey, title=title)


def _record(session: Session, number: int, survey: OtherSurvey, *, by: AccountId | None, now: datetime) -> None:
    subject = f"other survey:{number} {survey.municipality} {survey.first}–{survey.last}"
    audit.add(session, AuditEntry(now, by, AuditEvent.ORGANISATIONS_IMPORTED, subject))


def load_crosswalk(session: Session) -> tuple[ScaleMatch, ...]:
    """Return the whole crosswalk."""
    return store.load_crosswalk(session)


def crosswalk_of_municipalities(session: Session, municipalities: Collection[str]) -> tuple[ScaleMatch, ...]:
    """Return the crosswalk of the surveys in which any of these municipalities takes part."""
    titles = {match_key(survey.title) for survey in store.other_surveys(session, municipalities)}
    if not titles:
        return ()
    return tuple(match for match in store.load_crosswalk(session) if is_of_survey(match, titles))


def is_of_survey(match: ScaleMatch, titles: Collection[str]) -> bool:
    """Tell whether a row belongs to one of these surveys; "Kunta10" covers "Kunta10 2026" too."""
    name = match_key(match.survey)
    return any(title == name or title.startswith(f"{name} ") for title in titles)


def check_crosswalk(session: Session, content: bytes) -> CheckedCrosswalk:
    """Tell what importing a crosswalk table would do, and every fault of it; nothing is stored.

    Raises TableImportError for a file that is no such table at all.
    """
    table = tabular_reader.read_table(content)
    tabular_reader.require_columns(table, NEEDED, allowed=HEADER)
    return check_crosswalk_rows(
        table.rows, dimensions=tuple(DIMENSIONS), known=store.load_crosswalk(session), notices=table.notices
    )


def require_no_problems(checked: CheckedCrosswalk) -> CheckedCrosswalk:
    """Return what was checked, or raise TableImportError with every fault of it."""
    if checked.problems:
        raise TableImportError(checked.problems)
    return checked


def import_crosswalk(session: Session, content: bytes, *, by: AccountId | None, now: datetime) -> CheckedCrosswalk:
    """Import a crosswalk table, all of it or nothing; raises TableImportError with every fault."""
    checked = require_no_problems(check_crosswalk(session, content))
    keys = {match.key for match in checked.changed}
    before = tuple(match for match in store.load_crosswalk(session) if match.key in keys)
    store.remove_and_add_matches(session, (*checked.removed, *before), (*checked.added, *checked.changed))
    subject = f"crosswalk:{len(checked.matches)}"
    audit.add(session, AuditEntry(now, by, AuditEvent.ORGANISATIONS_IMPORTED, subject))
    return checked


def export_crosswalk(session: Session, *, kind: str = "xlsx") -> bytes:
    """Return the crosswalk as the table that imports it, `xlsx` or `csv`; importing it changes nothing."""
    rows = [list(map(escape_formula, row)) for row in crosswalk_table(store.load_crosswalk(session))]
    return table_file(kind, _SHEET, rows)


def empty_crosswalk_file(*, kind: str = "xlsx") -> bytes:
    """Return the empty table."""
    return table_file(kind, _SHEET, [HEADER])
