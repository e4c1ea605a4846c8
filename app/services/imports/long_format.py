"""Long format of answers: one row for each answer of each respondent."""

from collections.abc import Iterator

from app.core.instruments import Instrument
from app.core.tables.cells import InputTable, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.row_reader import errors_of_marked_cells
from app.core.text import normal_line
from app.services.imports.answers import COMMUNITY, GROUP
from app.store.tabular_reader import require_columns

RESPONDENT = "respondent"
ITEM = "item"
VALUE = "value"


def is_long(table: InputTable) -> bool:
    """Tell whether a table has one row for each answer, by its columns."""
    return {RESPONDENT, ITEM, VALUE} <= set(table.columns)


def pivot_to_wide(table: InputTable, instrument: Instrument) -> InputTable:
    """Turn `respondent,community,group,item,value` into one row for each respondent, in the order met.

    TableImportError names unknown items and values, items given twice, and respondents in two places.
    A row with an empty item stands for somebody who answered nothing.
    """
    require_columns(table, (RESPONDENT, COMMUNITY, ITEM, VALUE), allowed=(GROUP,))
    allowed = {item.id: [str(option.value) for option in item.options] for item in instrument.items}
    people: dict[str, dict[str, str]] = {}
    first: dict[str, int] = {}
    faults: list[TableError] = []
    for row in table.rows:
        cells = {column: normal_line(text) for column, text in row.cells.items()}
        person = cells[RESPONDENT]
        home = {COMMUNITY: cells[COMMUNITY], GROUP: cells.get(GROUP, "")}
        known = people.setdefault(person, {**home, **dict.fromkeys(allowed, "")})
        first.setdefault(person, row.number)
        errors = [*errors_of_marked_cells(row), *_faults(row.number, cells, known, allowed)]
        faults += errors
        if not errors and cells[ITEM]:
            known[cells[ITEM]] = cells[VALUE]
    if faults:
        raise TableImportError(fault.with_file_name(table.name) for fault in faults)
    rows = tuple(TableRow(first[person], cells) for person, cells in people.items())
    return InputTable((COMMUNITY, GROUP, *allowed), rows, table.name, table.notices)


def _faults(
    number: int, cells: dict[str, str], known: dict[str, str], allowed: dict[str, list[str]]
) -> Iterator[TableError]:
    person = cells[RESPONDENT]
    if not person:
        yield TableError(number, RESPONDENT, TableErrorCode.NO_RESPONDENT)
    for column in (COMMUNITY, GROUP):
        if cells.get(column, "") != known[column]:
            yield TableError(number, column, TableErrorCode.RESPONDENT_MOVED, person, known[column], column)
    yield from _answer_faults(number, cells, known, allowed)


def _answer_faults(
    number: int, cells: dict[str, str], known: dict[str, str], allowed: dict[str, list[str]]
) -> Iterator[TableError]:
    item = cells[ITEM]
    value = cells[VALUE]
    if item and item not in allowed:
        yield TableError(number, ITEM, TableErrorCode.NO_ITEM, item)
    elif item and known[item]:
        yield TableError(number, ITEM, TableErrorCode.ANSWERED_TWICE, cells[RESPONDENT], item)
    elif item and value and value not in allowed[item]:
        options = ", ".join(allowed[item])
        yield TableError(number, VALUE, TableErrorCode.NO_OPTION_OF_ITEM, value, options, item)
