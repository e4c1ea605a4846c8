"""Read the lines of an XLSX workbook as displayed, as a stream and within limits.

Only values are read: looks, properties and claims of size are passed over, so that a fault in them stops nothing.
The parser refuses every document type declaration (no entity is ever expanded), counts what it unpacks, and stops
at the first row, column or element too many.
"""

import io
import math
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from app.core.tables.cells import (
    CellMark,
    NoticeCode,
    ReadLimits,
    SheetLine,
    SheetLines,
    TableCell,
    TableNotice,
)
from app.core.tables.errors import TableErrorCode, TableImportError, raise_table_error
from app.core.tables.number_formats import (
    BUILT_IN,
    SpreadsheetNumberFormat,
    fits_spreadsheet_precision,
    format_cell_number,
    parse_number_format,
)

ZIP_BEGINS = b"PK"
GUIDE = "guide"  # the sheet of our own templates that explains the columns
_CHUNK = 1 << 18
_FREE = 10_000_000  # bytes that are unpacked whatever the file's own size
_MOST_RATIO = 200  # honest sheets shrink to a tenth or a twentieth
_OTHER_KINDS = ("mimetype", "xl/workbook.bin", "content.xml", "index/document.iwa", "word/document.xml")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)
_ESCAPES = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")
_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
# Cells and rows without a value: they are taken out before the parser sees them, many times faster than it could.
_EMPTY_CELLS = re.compile(rb'<c r="[A-Z]{1,3}\d{1,7}"(?: [a-z]+="[^"<>&]*")*\s*/>')
_EMPTY_ROWS = re.compile(rb'<row r="\d{1,7}"(?: [\w:]+="[^"<>&]*")*\s*(?:/>|>\s*</row>)')
_ONLY_EMPTY = re.compile(rb"(?:<c(?: [^<>]*)?/>)+")
_NOT_PLAIN = (b"<![CDATA[", b"<!--")
MOST_ELEMENTS = 8  # elements of XML for each cell that is kept
MOST_PLACES = 16_384  # columns of a sheet, filled or not
_TRUE = frozenset({"1", "true"})


def xlsx_lines(content: bytes, limits: ReadLimits) -> SheetLines:
    """Return the filled lines of the first visible sheet that holds any; raises TableImportError with the reason."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _Workbook(packed, len(content), limits).read()
    except TableImportError:
        raise
    except _BROKEN as error:
        raise_table_error(TableErrorCode.UNREADABLE, str(error)[:200])


@dataclass(slots=True)
class _Sheet:
    """One worksheet as the workbook lists it."""

    name: str
    part: str


class _Workbook:
    """A workbook that is being read."""

    def __init__(self, packed: zipfile.ZipFile, size: int, limits: ReadLimits):
        self.packed = packed
        self.size = size
        self.limits = limits
        self.parts = {_part_name(info.filename): info for info in packed.infolist()}
        self.unpacked = 0

    def read(self) -> SheetLines:
        """Return the lines of the first visible sheet that holds any."""
        main = self._main_part()
        listing = _Listing()
        self._parse(main, listing.start)
        targets = self._targets(main)
        sheets = [_Sheet(name, targets.get(key, "")) for name, key, state in listing.sheets if state == "visible"]
        sheets = [sheet for sheet in sheets if sheet.part in self.parts and "chartsheet" not in sheet.part]
        formats = self._formats(targets)
        for sheet in sheets:
            lines = self._lines(sheet.part, formats, targets, from_1904=listing.from_1904)
            if lines:
                return SheetLines(iter(lines), _others(sheet, sheets))
        return SheetLines(iter(()))

    def _main_part(self) -> str:
        listed = [target for target in self._targets("").values() if "workbook" in target and target.endswith(".xml")]
        main = next((target for target in (*listed, "xl/workbook.xml") if target in self.parts), None)
        if main is None:
            is_other = any(kind in self.parts for kind in _OTHER_KINDS)
            raise_table_error(TableErrorCode.OTHER_KIND if is_other else TableErrorCode.UNREADABLE)
        return main

    def _targets(self, part: str) -> dict[str, str]:
        """Return the parts that a part refers to, by the key of the reference."""
        folder, name = posixpath.split(part)
        relations: dict[str, str] = {}

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            if tag == "Relationship":
                target = attributes.get("Target", "").replace("\\", "/")
                whole = target if target.startswith("/") else posixpath.join(folder, target)
                relations[attributes.get("Id", "")] = _part_name(posixpath.normpath(whole))

        listing = posixpath.join(folder, "_rels", f"{name}.rels").lower()
        if listing in self.parts:
            self._parse(listing, start)
        return relations

    def _formats(self, targets: Mapping[str, str]) -> list[SpreadsheetNumberFormat]:
        """Return the number format of each cell style; broken styles are looks and stop nothing."""
        styles = _Styles()
        part = next((target for target in targets.values() if target.endswith("styles.xml")), "")
        if part not in self.parts:
            return []
        try:
            self._parse(part, styles.start, styles.end)
        except (*_BROKEN, TableImportError):
            return styles.formats()
        return styles.formats()

    def _lines(
        self, part: str, formats: list[SpreadsheetNumberFormat], targets: Mapping[str, str], *, from_1904: bool
    ) -> list[SheetLine]:
        cells = _CellParser(self.limits, formats, from_1904=from_1904)
        useful = cells.filled
        self._parse(part, cells.start, cells.end, cells.characters, useful=useful, skip_empty=True)
        shared = self._shared(cells.wanted, targets)
        return [line for line in (_resolved(raw, shared) for raw in cells.lines()) if line.cells]

    def _shared(self, wanted: set[int], targets: Mapping[str, str]) -> dict[int, str]:
        """Return the shared texts that the sheet refers to."""
        if not wanted:
            return {}
        part = next((target for target in targets.values() if target.endswith("sharedstrings.xml")), "")
        if part not in self.parts:
            raise_table_error(TableErrorCode.UNREADABLE, "sharedStrings.xml")
        strings = _SharedStrings(wanted)
        self._parse(part, strings.start, strings.end, strings.characters, useful=lambda: len(strings.texts))
        if len(strings.texts) < len(wanted):
            raise_table_error(TableErrorCode.UNREADABLE, "sharedStrings.xml")
        return strings.texts

    def _parse(
        self,
        part: str,
        start: Callable[[str, Mapping[str, str]], None],
        end: Callable[[str], None] | None = None,
        characters: Callable[[str], None] | None = None,
        *,
        useful: Callable[[], int] = lambda: 0,
        skip_empty: bool = False,
    ) -> None:
        """Parse a part; `useful` counts what was kept of it, and far more elements than that are too many."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_document_type
        count = 0

        def count_and_start(tag: str, attributes: Mapping[str, str]) -> None:
            nonlocal count
            count += 1
            # Strict and transitional workbooks differ in the prefix of the namespace only.
            start(tag.rpartition(":")[2] if ":" in tag else tag, attributes)

        parser.StartElementHandler = count_and_start
        if end is not None:
            finish = end
            parser.EndElementHandler = lambda tag: finish(tag.rpartition(":")[2] if ":" in tag else tag)
        if characters is not None:
            parser.CharacterDataHandler = characters
        for chunk in self._chunks(part, skip_empty=skip_empty):
            parser.Parse(chunk, False)
            if count > self.limits.elements + MOST_ELEMENTS * useful():
                raise_table_error(TableErrorCode.TOO_MANY_PARTS, "", str(self.limits.elements))
        parser.Parse(b"", True)

    def _chunks(self, part: str, *, skip_empty: bool) -> Iterator[bytes]:
        with self.packed.open(self.parts[part]) as file:
            before = b""
            while chunk := file.read(_CHUNK):
                self.unpacked += len(chunk)
                allowed = min(self.limits.unpacked, max(_FREE, _MOST_RATIO * self.size))
                if self.unpacked > allowed:
                    raise_table_error(TableErrorCode.TOO_BIG, "", f"{allowed / 1e6:g} MB")
                skip_empty = skip_empty and not any(sign in before + chunk for sign in _NOT_PLAIN)
                before = chunk[-len(_NOT_PLAIN[0]) :]
                yield strip_empty_cells_from_xml(chunk) if skip_empty else chunk


@dataclass(slots=True)
class _Listing:
    """The sheets of a workbook, and from which year its dates count."""

    sheets: list[tuple[str, str, str]] = field(default_factory=list)
    from_1904: bool = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "sheet":
            local = {name.rpartition(":")[2]: value for name, value in attributes.items()}
            self.sheets.append((local.get("name", ""), local.get("id", ""), local.get("state", "visible")))
        elif tag == "workbookPr":
            self.from_1904 = attributes.get("date1904", "").lower() in _TRUE


@dataclass(slots=True)
class _Styles:
    """The number formats of a workbook's cell styles."""

    codes: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    in_cells: bool = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "numFmt":
            self.codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self.in_cells = True
        elif tag == "xf" and self.in_cells:
            self.ids.append(attributes.get("numFmtId", "0"))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self.in_cells = False

    def formats(self) -> list[SpreadsheetNumberFormat]:
        """Return the format of each style, in their order."""
        parsed: dict[str, SpreadsheetNumberFormat] = {}
        for key in self.ids:
            if key not in parsed:
                code = self.codes.get(key) or BUILT_IN.get(int(key) if key.isdecimal() else 0, "General")
                parsed[key] = parse_number_format(code[:255])
        return [parsed[key] for key in self.ids]


class _SharedStrings:
    """The texts that a sheet refers to by number; phonetic readings are no part of them."""

    def __init__(self, wanted: set[int]):
        self.wanted = wanted
        self.texts: dict[int, str] = {}
        self.number = -1
        self.pieces: list[str] = []
        self.run: list[str] = []
        self.in_text = False
        self.in_phonetic = False

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        if tag == "si":
            self.number += 1
            self.pieces = []
        elif tag == "rPh":
            self.in_phonetic = True
        elif tag == "t":
            self.in_text = not self.in_phonetic and self.number in self.wanted

    def end(self, tag: str) -> None:
        if tag == "t":
            self.in_text = False
            self.pieces.append(decode_xlsx_escapes("".join(self.run)))
            self.run = []
        elif tag == "rPh":
            self.in_phonetic = False
        elif tag == "si" and self.number in self.wanted:
            self.texts[self.number] = "".join(self.pieces)

    def characters(self, text: str) -> None:
        if self.in_text:
            self.run.append(text)


@dataclass(slots=True)
class _RawLine:
    """One line; a cell is a text, or the number of a shared text with its mark."""

    number: int
    hidden: bool
    cells: dict[int, "TableCell | tuple[int, CellMark | None]"]


class _CellParser:
    """The cells of a worksheet: takes the events of the parser, keeps lines that hold anything."""

    def __init__(self, limits: ReadLimits, formats: list[SpreadsheetNumberFormat], *, from_1904: bool):
        self.limits = limits
        self.formats = formats
        self.from_1904 = from_1904
        self.wanted: set[int] = set()
        self.read: dict[int, _RawLine] = {}
        self.kept = 0
        self.in_data = False
        self.row = 0
        self.hidden = False
        self.place = -1
        self.line: dict[int, TableCell | tuple[int, CellMark | None]] = {}
        self.kind = ""
        self.style = ""
        self.formula = False
        self.value: list[str] = []
        self.in_value = False
        self.in_phonetic = False

    def filled(self) -> int:
        """Return how many cells were kept."""
        return self.kept

    def lines(self) -> list[_RawLine]:
        """Return the filled lines by their numbers."""
        return [self.read[number] for number in sorted(self.read)]

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "c" and self.in_data:
            self._start_cell(attributes)
        elif tag in ("v", "t"):
            self.in_value = not self.in_phonetic
        elif tag == "f":
            self.formula = True
        elif tag == "row":
            self._start_row(attributes)
        elif tag == "rPh":
            self.in_phonetic = True
        elif tag == "sheetData":
            self.in_data = True

    def end(self, tag: str) -> None:
        if tag == "c" and self.in_data:
            self._end_cell()
        elif tag in ("v", "t"):
            self.in_value = False
        elif tag == "row":
            self._end_row()
        elif tag == "rPh":
            self.in_phonetic = False
        elif tag == "sheetData":
            self.in_data = False

    def characters(self, text: str) -> None:
        if self.in_value:
            self.value.append(text)

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        number = attributes.get("r", "")
        self.row = int(number) if number.isdecimal() and len(number) <= 7 else self.row + 1
        self.hidden = attributes.get("hidden", "").lower() in _TRUE
        self.place = -1
        self.line = {}

    def _end_row(self) -> None:
        if not self.line:
            return
        if self.row in self.read:  # row number occurs twice: merge the cells
            self.read[self.row].cells.update(self.line)
        else:
            self.read[self.row] = _RawLine(self.row, self.hidden, self.line)
        self.line = {}
        if len(self.read) > self.limits.rows + 1:
            raise_table_error(TableErrorCode.TOO_MANY_ROWS, "", str(self.limits.rows))

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        match = _CELL.fullmatch(attributes.get("r", ""))
        self.place = _place(match[1]) if match else self.place + 1
        if self.place >= MOST_PLACES:
            raise_table_error(
                TableErrorCode.TOO_MANY_CELLS, str(self.place + 1), str(self.limits.columns), row=self.row
            )
        self.kind = attributes.get("t", "n")
        self.style = attributes.get("s", "")
        self.formula = False
        self.value = []

    def _end_cell(self) -> None:
        text = "".join(self.value)
        mark = CellMark.FORMULA if self.formula else None
        if not self.formula and (not text or text.isspace()):
            return
        if self.place >= self.limits.columns:
            raise_table_error(
                TableErrorCode.TOO_MANY_CELLS, str(self.place + 1), str(self.limits.columns), row=self.row
            )
        self.kept += 1
        if self.kind == "s" and text.strip().isdecimal():
            number = int(text)
            self.wanted.add(number)
            self.line[self.place] = (number, mark)
        else:
            self.line[self.place] = self._cell(text, mark)

    def _cell(self, text: str, mark: CellMark | None) -> TableCell:
        if self.kind == "e":
            return TableCell(text, mark or CellMark.ERROR)
        if self.kind == "b":
            return TableCell("TRUE" if text.strip().lower() in _TRUE else "FALSE", mark)
        if self.kind in ("inlineStr", "str"):
            return TableCell(decode_xlsx_escapes(text), mark)
        if self.kind == "d":
            return TableCell(text.strip().removesuffix("T00:00:00"), mark or CellMark.DATE)
        return self._number(text.strip(), mark)

    def _number(self, text: str, mark: CellMark | None) -> TableCell:
        try:
            value = float(text)
        except ValueError:
            return TableCell(text, mark)
        if not math.isfinite(value):
            return TableCell(text, mark)
        style = int(self.style) if self.style.isdecimal() and len(self.style) < 7 else -1
        shown = self.formats[style] if 0 <= style < len(self.formats) else SpreadsheetNumberFormat()
        if shown.date or shown.time:
            mark = mark or CellMark.DATE
        elif not fits_spreadsheet_precision(value):
            mark = mark or CellMark.INEXACT
        return TableCell(format_cell_number(value, shown, from_1904=self.from_1904), mark)


def strip_empty_cells_from_xml(chunk: bytes) -> bytes:
    """Return a piece of a worksheet without cells and rows that hold nothing, where their place does not matter.

    >>> rows = b'<row r="2"><c r="A2"/><c><v>1</v></c><c/><c s="1"/></row><row r="3" spans="1:2"></row>'
    >>> strip_empty_cells_from_xml(rows)
    b'<row r="2"><c><v>1</v></c></row>'
    """
    rows = _EMPTY_CELLS.sub(b"", chunk).split(b"</row>")
    rows[:-1] = map(_without_trailing, rows[:-1])
    return _EMPTY_ROWS.sub(b"", b"</row>".join(rows))


def _without_trailing(row: bytes) -> bytes:
    """Return a row without the empty cells after its last filled one; those before it give others their place."""
    start = row.rfind(b"<row")
    filled = row.rfind(b"</c>")
    begin = filled + len(b"</c>") if filled > start else row.find(b">", max(start, 0)) + 1
    return row[:begin] if _ONLY_EMPTY.fullmatch(row, begin) else row


def decode_xlsx_escapes(text: str) -> str:
    """Return a text whose characters other programs wrote as `_xHHHH_` (ECMA-376 part 1, 22.9.2.19).

    >>> decode_xlsx_escapes("One_x000D_"), decode_xlsx_escapes("_x005F_x000D_"), decode_xlsx_escapes("_xD83D__xDE00_")
    ('One\\r', '_x000D_', '😀')
    """
    if "_x" not in text:
        return text
    return _ESCAPES.sub(_characters, text)


def _characters(match: re.Match[str]) -> str:
    units = b"".join(int(code, 16).to_bytes(2, "little") for code in re.findall(r"_x([0-9A-Fa-f]{4})_", match[0]))
    return units.decode("utf-16-le", "replace")


def _resolved(raw: _RawLine, shared: Mapping[int, str]) -> SheetLine:
    cells = {}
    for place, cell in raw.cells.items():
        known = TableCell(shared[cell[0]], cell[1]) if isinstance(cell, tuple) else cell
        if known.mark is not None or (known.text and not known.text.isspace()):
            cells[place] = known
    return SheetLine(raw.number, cells, raw.hidden)


def _others(read: _Sheet, sheets: list[_Sheet]) -> tuple[TableNotice, ...]:
    names = [sheet.name for sheet in sheets if sheet is not read and sheet.name != GUIDE]
    return (TableNotice(NoticeCode.OTHER_SHEETS, ", ".join(names[:5])),) if names else ()


def _place(letters: str) -> int:
    result = 0
    for letter in letters.upper():
        result = result * 26 + ord(letter) - ord("A") + 1
    return result - 1


def _part_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _refuse_document_type(*_arguments: object) -> None:
    message = "a document type is declared"
    raise ValueError(message)
