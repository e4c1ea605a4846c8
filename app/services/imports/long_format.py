"""The long form of answers: one row for each answer of each respondent."""

from collections.abc import Iterator

from flask_babel import gettext as _

from app.core.instruments import Instrument
from app.services.imports.answers import COMMUNITY, GROUP
from app.services.imports.csv_reader import AnswerImportError, CellError, CsvRow, CsvTable, require_columns

RESPONDENT = "respondent"
ITEM = "item"
VALUE = "value"


def is_long(csv_table: CsvTable) -> bool:
    """Tell whether a sheet has one row for each answer, by its columns."""
    return {RESPONDENT, ITEM, VALUE} <= set(csv_table.columns)


def widen(csv_table: CsvTable, instrument: Instrument) -> CsvTable:
    """Turn `respondent,community,group,item,value` into one row for each respondent, in the order met.

    AnswersRefused names unknown items and values, items given twice, and respondents in two places.
    A row with an empty item stands for somebody who answered nothing.
    """
    require_columns(csv_table, (RESPONDENT, COMMUNITY, ITEM, VALUE), allowed=(GROUP,))
    allowed = {item.id: [str(option.value) for option in item.options] for item in instrument.items}
    people: dict[str, dict[str, str]] = {}
    first: dict[str, int] = {}
    faults: list[CellError] = []
    for line in csv_table.lines:
        person = line.cells[RESPONDENT]
        home = {COMMUNITY: line.cells[COMMUNITY], GROUP: line.cells.get(GROUP, "")}
        known = people.setdefault(person, {**home, **dict.fromkeys(allowed, "")})
        first.setdefault(person, line.number)
        errors = list(_faults(csv_table, line, known, allowed))
        faults += errors
        if not errors and line.cells[ITEM]:
            known[line.cells[ITEM]] = line.cells[VALUE]
    if faults:
        raise AnswerImportError(faults)
    lines = tuple(CsvRow(first[person], cells) for person, cells in people.items())
    return CsvTable(csv_table.name, (COMMUNITY, GROUP, *allowed), lines)


def _faults(
    csv_table: CsvTable, line: CsvRow, known: dict[str, str], allowed: dict[str, list[str]]
) -> Iterator[CellError]:
    person, item, value = (line.cells[column] for column in (RESPONDENT, ITEM, VALUE))
    if not person:
        yield CellError(
            csv_table.name, line.number, RESPONDENT, _("a respondent needs a number or a word of their own")
        )
    for column in (COMMUNITY, GROUP):
        if line.cells.get(column, "") != known[column]:
            reason = _(
                "respondent “%(person)s” was in “%(before)s” before; one respondent has one %(column)s",
                person=person,
                before=known[column],
                column=column,
            )
            yield CellError(csv_table.name, line.number, column, reason)
    if item and item not in allowed:
        yield CellError(csv_table.name, line.number, ITEM, _("the questionnaire has no item “%(item)s”", item=item))
    elif item and known[item]:
        yield CellError(
            csv_table.name,
            line.number,
            ITEM,
            _("respondent “%(person)s” has answered “%(item)s” already", person=person, item=item),
        )
    elif item and value and value not in allowed[item]:
        reason = _(
            "“%(value)s” is no option of “%(item)s”; use %(options)s or leave it empty",
            value=value,
            item=item,
            options=", ".join(allowed[item]),
        )
        yield CellError(csv_table.name, line.number, VALUE, reason)
