"""A CSV file as rows with numbers, and faults that say where and what to do."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class CellError:
    """One thing that is wrong in a file; `row` is 1 for the header, 0 for the file as a whole."""

    file: str
    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        """Say it in one line."""
        row = _("row %(row)s", row=self.row)
        column = _("column %(column)s", column=self.column)
        place = [row] * bool(self.row) + [column] * bool(self.column)
        return f"{self.file}{', ' if place else ''}{', '.join(place)}: {self.reason}"


class AnswerImportError(Exception):
    """The files cannot be used as they are; nothing was stored. `faults` holds every reason."""

    def __init__(self, faults: Iterable[CellError]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row of a file: its number as an editor or a spreadsheet shows it, and its cells by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A file as it was read."""

    name: str
    columns: tuple[str, ...]
    lines: tuple[CsvRow, ...]


def read_csv(content: bytes, *, name: str) -> CsvTable:
    """Read CSV in UTF-8, with commas, semicolons or tabs; AnswersRefused if it is no such table."""
    text = _decoded(content, name)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = list(_numbered(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)))
    except csv.Error as error:
        raise AnswerImportError(
            [CellError(name, 0, "", _("it cannot be read as CSV (%(error)s)", error=error))]
        ) from error
    if not rows:
        raise AnswerImportError([CellError(name, 0, "", _("it is empty; the first row must name the columns"))])
    columns = tuple(cell.strip() for cell in rows[0][1])
    faults = [*_faulty_columns(name, columns), *_faulty_lengths(name, columns, rows[1:])]
    if faults:
        raise AnswerImportError(faults)
    lines = (CsvRow(number, dict(zip(columns, row, strict=True))) for number, row in rows[1:])
    return CsvTable(name, columns, tuple(lines))


def require_columns(csv_table: CsvTable, needed: Iterable[str], *, allowed: Iterable[str] = ()) -> None:
    """Refuse a sheet that lacks a column, or has one that would be passed over in silence."""
    wanted = tuple(needed)
    known = {*wanted, *allowed}
    faults = [
        CellError(csv_table.name, 1, column, _("this column is missing; add it"))
        for column in wanted
        if column not in csv_table.columns
    ]
    faults += [
        CellError(csv_table.name, 1, column, _("no such column is expected; remove it or correct its name"))
        for column in csv_table.columns
        if column not in known
    ]
    if faults:
        raise AnswerImportError(faults)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise AnswerImportError([CellError(name, row, "", _("not UTF-8; save the file in that encoding"))]) from error


def _numbered(reader: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(reader, start=1):
        if any(cell.strip() for cell in row):
            yield number, [cell.strip() for cell in row]


def _faulty_columns(name: str, columns: tuple[str, ...]) -> Iterator[CellError]:
    for place, column in enumerate(columns, start=1):
        if not column:
            yield CellError(name, 1, str(place), _("this column has no name"))
        elif column in columns[: place - 1]:
            yield CellError(name, 1, column, _("this column stands twice"))


def _faulty_lengths(name: str, columns: tuple[str, ...], rows: list[tuple[int, list[str]]]) -> Iterator[CellError]:
    for number, row in rows:
        if len(row) != len(columns):
            yield CellError(
                name,
                number,
                "",
                _("%(cells)s cells where the header has %(columns)s", cells=len(row), columns=len(columns)),
            )
