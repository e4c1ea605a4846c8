"""A LimeSurvey response export (CSV, headings as question codes) as one row for each respondent."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.instruments import Instrument
from app.services.imports.answers import COMMUNITY, GROUP
from app.services.imports.csv_reader import AnswerImportError, CellError, CsvRow, CsvTable
from app.services.imports.limesurvey_questionnaire import group_id, item_id, option_by_label
from app.services.imports.limesurvey_structure import LimeQuestion, LimeSurvey

SUBMITTED = "submitdate"
NOTHING = frozenset({"", "N/A", "{question_not_shown}"})
_PARTS = re.compile(r"^([^\[._]+)(?:\[([^\]]+)\]|[._](.+))?$")


@dataclass(frozen=True, slots=True)
class LimeColumns:
    """Which questions say where a respondent works, and in which staff group."""

    community: str
    group: str | None = None


def respondent_rows(
    csv_table: CsvTable, survey: LimeSurvey, instrument: Instrument, *, columns: LimeColumns
) -> CsvTable:
    """Turn responses into `community,group,<item ids>`; those that were never submitted are left out.

    Answers may be exported as codes or in full. AnswersRefused names missing columns and bad cells.
    """
    result = {item_id(*_split(column)): column for column in csv_table.columns}
    missing = [item for item in instrument.item_ids if item not in result]
    reason = _("no column holds this item; export with question codes as headings")
    faults = [CellError(csv_table.name, 1, item, reason) for item in missing]
    for code in (columns.community, columns.group):
        if code is not None and code not in csv_table.columns:
            faults.append(CellError(csv_table.name, 1, code, _("there is no such column")))
    if faults:
        raise AnswerImportError(faults)
    asked = {item: _question(survey, result[item]) for item in instrument.item_ids}
    lines = []
    for line in csv_table.lines:
        if line.cells.get(SUBMITTED, "submitted") in NOTHING:
            continue
        cells, wrong = _cells(csv_table, line, survey, result, asked, columns)
        faults += wrong
        lines.append(CsvRow(line.number, cells))
    if faults:
        raise AnswerImportError(faults)
    return CsvTable(csv_table.name, (COMMUNITY, GROUP, *instrument.item_ids), tuple(lines))


def _split(column: str) -> tuple[str, str]:
    parts = _PARTS.match(column)
    return (column, "") if parts is None else (parts[1], parts[2] or parts[3] or "")


def _question(survey: LimeSurvey, column: str) -> LimeQuestion | None:
    return survey.question(column) or survey.question(_split(column)[0])


def _cells(
    csv_table: CsvTable,
    line: CsvRow,
    survey: LimeSurvey,
    result: Mapping[str, str],
    asked: Mapping[str, LimeQuestion | None],
    columns: LimeColumns,
) -> tuple[dict[str, str], list[CellError]]:
    """Return a respondent's cells in this house's terms, and what could not be understood."""
    cells = {COMMUNITY: _label(survey.question(columns.community), line.cells[columns.community]), GROUP: ""}
    faults: list[CellError] = []
    if columns.group is not None:
        cells[GROUP] = _group(survey.question(columns.group), line.cells[columns.group])
    for item, question in asked.items():
        value = line.cells[result[item]]
        number = _number(question, value)
        if number is None:
            faults += _unknown(csv_table, line, result[item], question, value)
        cells[item] = number or ""
    return cells, faults


def _label(question: LimeQuestion | None, value: str) -> str:
    """Return what a community is called: the label of a list's answer, or the very text."""
    option = option_by_label(question).get(value) if question is not None else None
    return value if option is None else next(iter(option.labels.values()), option.code)


def _group(question: LimeQuestion | None, value: str) -> str:
    if value in NOTHING:
        return ""
    option = option_by_label(question).get(value) if question is not None else None
    return value if option is None else group_id(option)


def _number(question: LimeQuestion | None, value: str) -> str | None:
    """Return an answer's number, counted from 1 in the order of the options; None if it is none of them."""
    if value in NOTHING:
        return ""
    option = option_by_label(question).get(value) if question is not None else None
    if question is None or option is None:
        return None
    return str(question.options.index(option) + 1)


def _unknown(
    csv_table: CsvTable, line: CsvRow, column: str, question: LimeQuestion | None, value: str
) -> Iterator[CellError]:
    codes = (
        ", ".join(option.code for option in question.options) if question is not None else _("none: no such question")
    )
    yield CellError(
        csv_table.name,
        line.number,
        column,
        _("“%(value)s” is no answer of this question; it has %(codes)s", value=value, codes=codes),
    )
