"""Read the lines of CSV files from any program: detect separator, encoding and line ends."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from app.core.tables.cells import NoticeCode, SheetLine, SheetLines, TableCell, TableNotice
from app.core.tables.errors import TableErrorCode, raise_table_error

SEPARATORS = ";\t,|"
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Without a mark and not UTF-8: what Windows, old Macintosh and DOS programs write in Finland and Sweden.
GUESSES = {"Windows-1252": "cp1252", "Macintosh": "mac_roman", "DOS 850": "cp850"}
_LIKELY = frozenset("åäöÅÄÖéÉüÜ")
_FIRST_LINE = re.compile(r"\s*sep=(.)[^\r\n]*(?:\r\n|\r|\n|$)", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def read_csv_lines(content: bytes) -> SheetLines:
    """Return the filled lines of a CSV file; raises TableImportError where it cannot be read."""
    text, notices = decode_guessing_encoding(content)
    first = _FIRST_LINE.match(text)
    if first is not None:
        return SheetLines(_lines(text[first.end() :], first[1]), notices)
    return SheetLines(_lines(text, separator_of(text)), notices)


def decode_guessing_encoding(content: bytes) -> tuple[str, tuple[TableNotice, ...]]:
    """Return the text of a file, and a notice where its encoding had to be guessed."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding).removeprefix("\ufeff"), ()
    if _looks_like_utf16(content):
        return _decoded(content, "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"), ()
    try:
        return content.decode("utf-8"), ()
    except UnicodeDecodeError:
        guesses = {name: content.decode(encoding, "replace") for name, encoding in GUESSES.items()}
        best = max(guesses, key=lambda name: _likelihood(guesses[name]))
        return guesses[best], (TableNotice(NoticeCode.ENCODING, best),)


def separator_of(text: str) -> str:
    """Return the separator of a table: the most frequent one in its first filled line, outside quotes."""
    unquoted = _QUOTED.sub("", text[:20_000]).lstrip("\r\n \ufeff")
    first = re.split(r"[\r\n]", unquoted, maxsplit=1)[0]
    best = max(SEPARATORS, key=first.count)
    return best if best in first else SEPARATORS[0]  # one column: its numbers may hold commas


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise_table_error(TableErrorCode.UNREADABLE, row=content[: error.start].count(b"\n") + 1)


def _looks_like_utf16(content: bytes) -> bool:
    """Tell whether every second byte of the beginning is zero, as in Latin letters of UTF-16."""
    start = content[:200]
    evens = start[::2].count(0)
    odds = start[1::2].count(0)
    return len(start) >= 8 and max(evens, odds) > 0.4 * len(start) and min(evens, odds) < 0.1 * len(start)


def _likelihood(text: str) -> int:
    """Return how well a text fits the languages here: their letters speak for it, other signs against."""
    return sum((1 if char in _LIKELY else -1) for char in text[:200_000] if not char.isascii())


def _lines(text: str, separator: str) -> Iterator[SheetLine]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            line = next(reader, None)
        except csv.Error as error:
            raise_table_error(TableErrorCode.UNREADABLE, str(error), row=number)
        if line is None:
            return
        cells = {place: TableCell(cell) for place, cell in enumerate(line) if cell and not cell.isspace()}
        if cells:
            yield SheetLine(number, cells)
