"""Read uploaded CSV and XLSX tables within limits; all imports use it.

What the file says of itself (its size, its name, its kind) is not believed: the first bytes tell CSV from XLSX, and
rows count as they are filled in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.core.tables.cells import (
    InputTable,
    NoticeCode,
    ReadLimits,
    Rename,
    SheetLine,
    SheetLines,
    TableNotice,
    TableRow,
)
from app.core.tables.errors import TableError, TableErrorCode, TableImportError, raise_table_error
from app.core.text import normal_line
from app.store.csv_lines import read_csv_lines
from app.store.xlsx_lines import ZIP_BEGINS, xlsx_lines

LIMITS = ReadLimits()
MOST_BYTES = LIMITS.size
MOST_ROWS = LIMITS.rows
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # .xls, and XLSX with a password
_OTHER_KINDS = (_OLD_OFFICE, b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml")
_MOST_NAMED = 10


def normalise_header(header: str) -> str:
    """Return a column name in which letter case and blanks are normalised."""
    return normal_line(header).lower()


def read_table(
    content: bytes, *, name: str = "", rename: Rename = normalise_header, limits: ReadLimits = LIMITS
) -> InputTable:
    """Read a table; `name` is what the file is called in errors, `rename` turns its header into names of columns.

    Raises TableImportError for what is no table or too big, and for rows that do not fit the header.
    """
    try:
        return _table(_lines(content, limits), name=name, rename=rename, limits=limits)
    except TableImportError as refused:
        raise TableImportError([problem.with_file_name(name) for problem in refused.problems]) from refused


def _lines(content: bytes, limits: ReadLimits) -> SheetLines:
    if len(content) > limits.size:
        raise_table_error(TableErrorCode.TOO_BIG, f"{len(content) / 1e6:.1f} MB", f"{limits.size / 1e6:g} MB")
    if content.startswith(ZIP_BEGINS):
        return xlsx_lines(content, limits)
    if content.startswith(_OTHER_KINDS) or content[:200].lstrip().lower().startswith(_MARKUP):
        raise_table_error(TableErrorCode.OTHER_KIND)
    return read_csv_lines(content)


def _table(sheet: SheetLines, *, name: str, rename: Rename, limits: ReadLimits) -> InputTable:
    lines = iter(sheet.lines)
    header = next(lines, None)
    if header is None:
        raise_table_error(TableErrorCode.EMPTY_FILE)
    columns = {place: rename(cell.text) for place, cell in sorted(header.cells.items())}
    columns = {place: column for place, column in columns.items() if column}
    if not columns or any("\0" in column for column in columns.values()):
        raise_table_error(TableErrorCode.EMPTY_FILE if not columns else TableErrorCode.UNREADABLE, row=header.number)
    if len(columns) > limits.columns:
        raise_table_error(TableErrorCode.TOO_MANY_COLUMNS, str(len(columns)), str(limits.columns), row=header.number)
    hidden: list[int] = []
    rows = tuple(_rows(columns, lines, limits=limits, hidden=hidden))
    notices = [*sheet.notices, *_hidden(hidden)]
    return InputTable(tuple(columns.values()), rows, name, tuple(notices))


def _rows(
    columns: Mapping[int, str], lines: Iterable[SheetLine], *, limits: ReadLimits, hidden: list[int]
) -> Iterator[TableRow]:
    last = max(columns)
    for count, line in enumerate(lines, start=1):
        if count > limits.rows:
            raise_table_error(TableErrorCode.TOO_MANY_ROWS, "", str(limits.rows))
        if not columns.keys() >= line.cells.keys():
            _refuse_stray(line, columns, last)
        if line.hidden:
            hidden.append(line.number)
        cells = dict.fromkeys(columns.values(), "")
        marks = {}
        for place, cell in line.cells.items():
            cells[columns[place]] = cell.text
            if cell.mark is not None:
                marks[columns[place]] = cell.mark
        yield TableRow(line.number, cells, marks)


def _refuse_stray(line: SheetLine, columns: Mapping[int, str], last: int) -> None:
    place = next(place for place in sorted(line.cells) if place not in columns)
    if place > last:
        raise_table_error(TableErrorCode.TOO_MANY_CELLS, str(max(line.cells) + 1), str(last + 1), row=line.number)
    raise_table_error(TableErrorCode.UNNAMED_COLUMN, line.cells[place].text, _letters(place), row=line.number)


def _letters(place: int) -> str:
    """Return what a spreadsheet calls a column.

    >>> _letters(0), _letters(26)
    ('A', 'AA')
    """
    result = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        result = chr(ord("A") + rest) + result
    return result


def _hidden(rows: Sequence[int]) -> list[TableNotice]:
    if not rows:
        return []
    named = ", ".join(map(str, rows[:_MOST_NAMED])) + (" …" if len(rows) > _MOST_NAMED else "")
    return [TableNotice(NoticeCode.HIDDEN_ROWS, named)]


def column_errors(table: InputTable, *, needed: Iterable[str], allowed: Iterable[str] = ()) -> list[TableError]:
    """Return the errors of a header: missing, unknown and duplicate columns."""
    wanted = tuple(needed)
    known = (*wanted, *(column for column in allowed if column not in wanted))
    problems = [
        TableError(1, column, TableErrorCode.MISSING_COLUMN, file=table.name)
        for column in wanted
        if column not in table.columns
    ]
    for column in dict.fromkeys(table.columns):
        if column not in known:
            choices = ", ".join(known)
            problems.append(TableError(1, column, TableErrorCode.UNKNOWN_COLUMN, column, choices, file=table.name))
        if table.columns.count(column) > 1:
            problems.append(TableError(1, column, TableErrorCode.REPEATED_COLUMN, file=table.name))
    return problems


def require_columns(table: InputTable, needed: Iterable[str], *, allowed: Iterable[str] = ()) -> None:
    """Raise TableImportError if a table lacks a column, or has one that would be silently ignored."""
    problems = column_errors(table, needed=needed, allowed=allowed)
    if problems:
        raise TableImportError(problems)
