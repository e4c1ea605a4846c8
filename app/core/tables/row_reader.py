"""Read a table row cell by cell, and collect all its errors.

A reader never stops at the first fault: it notes it, returns something harmless and goes on, so that
a person sees all of them at once. What was read from a row with faults is thrown away.
"""

import math
import re
from collections.abc import Iterable
from datetime import date, datetime, time, tzinfo
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from app.core.tables.cells import CellMark, TableRow
from app.core.tables.errors import TableError, TableErrorCode
from app.core.tables.headers import SPOKEN
from app.core.text import bad_characters_with_positions, normal_line, normal_text

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DAY_FIRST = re.compile(
    r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?:,? (?:klo\.? |kl\.? )?([0-9]{1,2})[.:]([0-9]{2})(?:[.:][0-9]{2})?)?"
)
PAIR = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*:\s*(\d{1,6})\s*")
Word = TypeVar("Word", bound=StrEnum)
_REFUSED_MARKS = {CellMark.FORMULA: TableErrorCode.FORMULA, CellMark.ERROR: TableErrorCode.CELL_ERROR}
_SPOILT_IDENTIFIERS = {
    CellMark.DATE: TableErrorCode.IDENTIFIER_IS_DATE,
    CellMark.INEXACT: TableErrorCode.IDENTIFIER_IS_INEXACT,
}


def escape_formula(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula.

    >>> escape_formula("=1+1"), escape_formula("Rest"), escape_formula("'=1+1")
    ("'=1+1", 'Rest', "''=1+1")
    """
    return f"'{text}" if text.startswith((*DANGEROUS, "'")) else text


def unescape_formula(text: str) -> str:
    """Take the apostrophe away again that `escape_formula` put there.

    >>> unescape_formula("'=1+1"), unescape_formula("'tis"), unescape_formula(escape_formula("'=1+1"))
    ('=1+1', "'tis", "'=1+1")
    """
    return text[1:] if text.startswith("'") and text[1:2] in {*DANGEROUS, "'"} else text


def errors_of_marked_cells(row: TableRow) -> list[TableError]:
    """Return the cells of a row whose text is not what a person wrote: formulas, and errors of a spreadsheet."""
    return [
        TableError(row.number, column, _REFUSED_MARKS[mark], row.cells.get(column, "")[:80])
        for column, mark in row.marks.items()
        if mark in _REFUSED_MARKS
    ]


class RowReader:
    """Read the cells of one row; faults go to `problems`."""

    def __init__(self, row: TableRow, *, zone: tzinfo, problems: list[TableError]):
        self.row = row
        self.zone = zone
        self.problems = problems
        problems += errors_of_marked_cells(row)

    def add_error(self, column: str, fault: TableErrorCode, value: str = "", allowed: str = "") -> None:
        """Note a fault of this row."""
        self.problems.append(TableError(self.row.number, column, fault, value[:80], allowed))

    def stripped_cell(self, column: str) -> str:
        """Return a cell without the blanks around it, "" where there is none."""
        return unescape_formula(self.row.cells.get(column, "").strip())

    def read_one_line_text(self, column: str, *, longest: int = 300, required: bool = False) -> str:
        """Read a name or another text of one line, in its normal form."""
        return self._checked(column, normal_line(self.stripped_cell(column)), longest=longest, required=required)

    def read_text(self, column: str, *, longest: int = 300, required: bool = False) -> str:
        """Read a text of at most `longest` characters, of one line or several, in its normal form."""
        return self._checked(column, normal_text(self.stripped_cell(column)), longest=longest, required=required)

    def _checked(self, column: str, value: str, *, longest: int, required: bool) -> str:
        if required and not value:
            self.add_error(column, TableErrorCode.MISSING)
        if len(value) > longest:
            self.add_error(column, TableErrorCode.TOO_LONG, value, str(longest))
        for place, character in bad_characters_with_positions(value)[:1]:
            self.add_error(column, TableErrorCode.UNPRINTABLE, character, str(place))
        return value

    def read_identifier(self, column: str, *, required: bool = True) -> str:
        """Read an identifier: letters, digits, dot, hyphen and underscore."""
        value = self.read_one_line_text(column, longest=80, required=required)
        mark = self.row.marks.get(column)
        if mark in _SPOILT_IDENTIFIERS:
            self.add_error(column, _SPOILT_IDENTIFIERS[mark], value)
        elif value and not NAME.fullmatch(value):
            self.add_error(column, TableErrorCode.NOT_A_NAME, value)
        return value

    def read_choice(self, column: str, words: type[Word], *, default: Word | None = None) -> Word:
        """Read one of a closed set of words; hyphens and capitals do not matter."""
        value = self.stripped_cell(column)
        by_word = {word.value.lower(): word for word in words}
        if not value and default is not None:
            return default
        spoken = normal_line(value).lower().replace("-", "_").replace(" ", "_")
        result = by_word.get(spoken) or by_word.get(SPOKEN.get(spoken, ""))
        if result is None:
            fault = TableErrorCode.UNKNOWN_WORD if value else TableErrorCode.MISSING
            self.add_error(column, fault, value, ", ".join(word.value for word in words))
        return result or next(iter(words))

    def read_choices(self, column: str, allowed: Iterable[str]) -> tuple[str, ...]:
        """Read several of a set of words, with `|` between them."""
        values = tuple(part.strip().lower() for part in self.stripped_cell(column).split("|") if part.strip())
        known = tuple(allowed)
        for value in values:
            if value not in known:
                self.add_error(column, TableErrorCode.UNKNOWN_WORD, value, ", ".join(known))
        if len(set(values)) < len(values):
            self.add_error(column, TableErrorCode.REPEATED, self.stripped_cell(column))
        return values

    def read_number(self, column: str, *, most: float, required: bool = False) -> float | None:
        """Read a number from 0 to `most`; a decimal comma is understood."""
        value = self.stripped_cell(column)
        if not value:
            if required:
                self.add_error(column, TableErrorCode.MISSING)
            return None
        try:
            number = float("".join(value.split()).replace(",", "."))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.add_error(column, TableErrorCode.NOT_A_NUMBER, value)
            return None
        if not 0 <= number <= most:
            self.add_error(column, TableErrorCode.OUT_OF_RANGE, value, f"0–{most:g}")
        return number

    def read_whole_number(self, column: str, *, most: int, required: bool = False) -> int | None:
        """Read a whole number from 0 to `most`."""
        number = self.read_number(column, most=most, required=required)
        if number is not None and number != int(number):
            self.add_error(column, TableErrorCode.NOT_A_NUMBER, self.stripped_cell(column))
        return None if number is None else int(number)

    def read_date(self, column: str) -> date | None:
        """Read a date such as 2027-01-31, or 31.1.2027 as a Finnish spreadsheet writes it."""
        value = self.stripped_cell(column)
        try:
            return date.fromisoformat(_iso(value)[:10]) if value else None
        except ValueError:
            self.add_error(column, TableErrorCode.NOT_A_DATE, value)
            return None

    def read_datetime(self, column: str, *, at: time = time(0, 0)) -> datetime | None:
        """Read a moment such as 2027-01-31T14:00 or 31.1.2027 14.00; without a zone it is the installation's own time.

        A date alone means that day at `at`.
        """
        value = _iso(self.stripped_cell(column))
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value.replace(" ", "T", 1))
        except ValueError:
            self.add_error(column, TableErrorCode.NOT_A_MOMENT, self.stripped_cell(column))
            return None
        if len(value) == len("2027-01-31"):
            moment = datetime.combine(moment.date(), at)
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def read_web_address(self, column: str) -> str:
        """Read a web address; it is kept and shown, never fetched."""
        value = self.read_one_line_text(column, longest=500)
        if value and not is_web_address(value):
            self.add_error(column, TableErrorCode.NOT_AN_ADDRESS, value)
        return value

    def read_numbers_by_name(self, column: str, *, most: int, allowed: Iterable[str] | None = None) -> dict[str, int]:
        """Read pairs such as `control:3|demands:1`."""
        result: dict[str, int] = {}
        known = None if allowed is None else tuple(allowed)
        for part in filter(None, (piece.strip() for piece in self.stripped_cell(column).split("|"))):
            match = PAIR.fullmatch(part)
            if match is None:
                self.add_error(column, TableErrorCode.NOT_PAIRS, part)
                continue
            self._pair(column, result, word=match[1], value=int(match[2]), most=most, known=known)
        return result

    def _pair(
        self, column: str, result: dict[str, int], *, word: str, value: int, most: int, known: tuple[str, ...] | None
    ) -> None:
        if known is not None and word not in known:
            self.add_error(column, TableErrorCode.UNKNOWN_WORD, word, ", ".join(known))
        if value > most:
            self.add_error(column, TableErrorCode.OUT_OF_RANGE, f"{word}:{value}", f"0–{most}")
        if word in result:
            self.add_error(column, TableErrorCode.REPEATED, word)
        result[word] = value


def _iso(value: str) -> str:
    """Return a date or moment in ISO 8601 where it was written day first; what is neither stays as it is.

    >>> _iso("31.1.2027"), _iso("31.1.2027 klo 9.05"), _iso("2027-01-31 14:00")
    ('2027-01-31', '2027-01-31T09:05', '2027-01-31 14:00')
    """
    match = _DAY_FIRST.fullmatch(normal_line(value))
    if match is None:
        return value
    day = f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}"
    return day if match[4] is None else f"{day}T{int(match[4]):02d}:{match[5]}"


def is_web_address(value: str) -> bool:
    """Tell whether a text is a web address that a page may link to.

    >>> is_web_address("https://courses.example/1"), is_web_address("javascript:alert(1)"), is_web_address("https:///x")
    (True, False, False)
    """
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname) and not re.search(r"[\s<>\"]", value)
