"""Read a table that a person hands in, CSV or XLSX, within limits and without trusting it."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from app.core.catalogue.row_reader import TableRow
from app.core.catalogue.table_errors import TableError, TableErrorCode, TableImportError

MOST_BYTES = 5_000_000
MOST_UNPACKED = 60_000_000
MOST_ROWS = 10_000
MOST_COLUMNS = 80
BROKEN = (
    BadZipFile,
    InvalidFileException,
    KeyError,
    IndexError,
    TypeError,
    ValueError,
    OSError,
    ParseError,
    zlib.error,
)
XLSX_BEGINS = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell as text, and whether the file holds a formula there."""

    text: str
    formula: bool = False


@dataclass(frozen=True, slots=True)
class InputTable:
    """A table as text: the columns of its header, and its rows numbered as a sheet numbers them."""

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


def read_table(content: bytes) -> InputTable:
    """Read a CSV (UTF-8, `,` or `;`) or an XLSX file; what the file is, its first bytes say.

    Raises TableImportError for what is no table, too big, or holds formulas.
    """
    if len(content) > MOST_BYTES:
        _refuse(TableErrorCode.TOO_BIG, f"{len(content) / 1e6:.1f} MB", f"{MOST_BYTES / 1e6:g} MB")
    return _table(_xlsx_lines(content) if content.startswith(XLSX_BEGINS) else _csv_lines(content))


def _refuse(fault: TableErrorCode, value: str = "", allowed: str = "") -> None:
    raise TableImportError([TableError(0, "", fault, value, allowed)])


def _table(lines: Iterator[Sequence[TableCell]]) -> InputTable:
    header = next(lines, ())
    columns = tuple(cell.text.strip().lower() for cell in header)
    while columns and not columns[-1]:
        columns = columns[:-1]
    if not columns:
        _refuse(TableErrorCode.EMPTY_FILE)
    if len(columns) > MOST_COLUMNS:
        _refuse(TableErrorCode.TOO_MANY_CELLS, str(len(columns)), str(MOST_COLUMNS))
    return InputTable(columns, tuple(_rows(columns, lines)))


def _rows(columns: Sequence[str], lines: Iterator[Sequence[TableCell]]) -> Iterable[TableRow]:
    for number, line in enumerate(lines, start=2):
        if number > MOST_ROWS + 1:
            _refuse(TableErrorCode.TOO_MANY_ROWS, "", str(MOST_ROWS))
        if not any(cell.text.strip() for cell in line):
            continue
        if any(cell.text.strip() for cell in line[len(columns) :]):
            raise TableImportError(
                [TableError(number, "", TableErrorCode.TOO_MANY_CELLS, str(len(line)), str(len(columns)))]
            )
        named = list(zip(columns, line, strict=False))
        formulas = tuple(column for column, cell in named if cell.formula)
        yield TableRow(number, {column: cell.text for column, cell in named}, formulas)


def _csv_lines(content: bytes) -> Iterator[Sequence[TableCell]]:
    text = _decoded(content)
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            yield [TableCell(text) for text in line]
    except csv.Error as error:
        raise TableImportError([TableError(0, "", TableErrorCode.UNREADABLE, str(error))]) from error


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableImportError([TableError(0, "", TableErrorCode.UNREADABLE)]) from error
    if "\0" in text:
        _refuse(TableErrorCode.UNREADABLE)
    return text


def _xlsx_lines(content: bytes) -> Iterator[Sequence[TableCell]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                _refuse(TableErrorCode.TOO_BIG, "", f"{MOST_UNPACKED / 1e6:g} MB")
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        # The rows are unpacked and parsed one by one, so what is broken may show only here.
        for cells in workbook.worksheets[0].iter_rows(max_col=MOST_COLUMNS + 1):
            yield [TableCell(_as_text(cell.value), formula=cell.data_type == "f") for cell in cells]
    except BROKEN as error:
        raise TableImportError([TableError(0, "", TableErrorCode.UNREADABLE)]) from error


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0, 0) else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
