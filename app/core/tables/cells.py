"""A table as it was read: cells as displayed, numbered rows, and notices about the file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class CellMark(StrEnum):
    """Special content of a cell: a formula, an error, a date, or a number that lost digits."""

    FORMULA = "formula"
    ERROR = "error"
    DATE = "date"
    INEXACT = "inexact"  # a number of more digits than a spreadsheet keeps


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell as the text that a person saw."""

    text: str
    mark: CellMark | None = None


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One filled line of a file before the header gives its cells names; `cells` maps places, from 0, to cells."""

    number: int
    cells: Mapping[int, TableCell]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table: its number as a sheet shows it, its cells by column, and the marks of special ones."""

    number: int
    cells: Mapping[str, str]
    marks: Mapping[str, CellMark] = field(default_factory=dict)


class NoticeCode(StrEnum):
    """Remarks to the user about a file that was read nevertheless."""

    HIDDEN_ROWS = "hidden_rows"
    OTHER_SHEETS = "other_sheets"
    ENCODING = "encoding"


@dataclass(frozen=True, slots=True)
class TableNotice:
    """One remark on a file: `value` names rows, sheets or an encoding."""

    code: NoticeCode
    value: str


@dataclass(frozen=True, slots=True)
class InputTable:
    """A table as text: the columns of its header, and its rows numbered as a sheet numbers them."""

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    name: str = ""
    notices: tuple[TableNotice, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetLines:
    """The filled lines of a file, and what to mention about it."""

    lines: Iterator[SheetLine]
    notices: tuple[TableNotice, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Limits on reading a file: bytes packed and unpacked, filled rows, columns, and empty elements."""

    size: int = 5_000_000
    unpacked: int = 200_000_000
    rows: int = 10_000
    columns: int = 80
    elements: int = 400_000  # that bring nothing


Rename = Callable[[str], str]  # from the header of a file to the name of a column
