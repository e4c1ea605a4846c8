"""Write tables as CSV and XLSX; the only module that does. No cell can act as a formula.

A spreadsheet takes a text that begins with `=`, `+`, `-` or `@` for a formula, at once in CSV and after an edit in
XLSX. Titles, names and notes are written by people, so every text gets an apostrophe before such a sign, in
headers too; numbers stay numbers.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from app.config import VERSION
from app.core.tables.row_reader import DANGEROUS
from app.lazy import lazy_module
from app.render.freed_memory import free_memory_after

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = lazy_module("xlsxwriter")

WIDEST = 60
UPRIGHT_WIDTH = 100  # characters in the width of an upright page
MOST_WIDTH = 220  # characters in the width of a landscape page; more would be too small to read
REPEATED_COLUMNS = 4
_A4 = 9  # paper size in OOXML
_LINE = 15  # points
_HIGHEST = 400  # points; a row cannot be higher than 409
LONGEST_NAME = 31
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SHARED_UNDERSCORE = re.compile(r"(?<=_x[0-9A-Fa-f]{4})(?=_x[0-9A-Fa-f]{4}_)")
_WITHIN_ESCAPE = re.compile(r"(?<=_x)(?=[0-9A-Fa-f]{4}_)")
_NO_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")

Value = str | float | None


def csv_bytes(rows: Iterable[Sequence[Value]]) -> bytes:
    """Return rows as a CSV file that opens by a double click in a Finnish or Swedish spreadsheet.

    Such a spreadsheet takes semicolons between cells and a comma in a number, and reads UTF-8 only with a mark at the
    beginning. A value that is None leaves its cell empty.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([_decimal(value) if isinstance(value, float) else escape_formula_cell(value) for value in row])
    return file.getvalue().encode("utf-8-sig")


def table_file(kind: str, name: str, rows: Sequence[Sequence[Value]]) -> bytes:
    """Return one table as a file, `csv` or `xlsx`; `name` is that of the sheet."""
    return xlsx_bytes([(name, rows)]) if kind == "xlsx" else csv_bytes(rows)


def _decimal(number: float) -> str:
    """Return a number with a decimal comma and every digit that a spreadsheet keeps.

    >>> _decimal(0.1), _decimal(12345.67), _decimal(-3.0)
    ('0,1', '12345,67', '-3')
    """
    return f"{number:.15g}".replace(".", ",")


def escape_formula_cell(value: Value) -> Value:
    """Put an apostrophe before a text that a spreadsheet would take for a formula; leave all else as it is.

    >>> escape_formula_cell("=1+1"), escape_formula_cell("Rest"), escape_formula_cell(-3)
    ("'=1+1", 'Rest', -3)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


def valid_sheet_names(names: Iterable[str]) -> list[str]:
    """Return valid and unique sheet names: without forbidden characters or a formula at the start, and short enough.

    >>> valid_sheet_names(["=Autumn", "autumn", "a/b", ""])
    ['Autumn', 'autumn 2', 'a b', 'Sheet']
    """
    result: list[str] = []
    taken = {"history"}  # Excel keeps this name for itself
    for name in names:
        stripped = _NO_NAME.sub(" ", name).strip("".join(DANGEROUS) + "' ")
        plain = _cut(stripped, LONGEST_NAME).rstrip("' ") or "Sheet"
        chosen = plain
        number = 1
        while chosen.lower() in taken:
            number += 1
            chosen = f"{_cut(plain, LONGEST_NAME - len(str(number)) - 1)} {number}"
        taken.add(chosen.lower())
        result.append(chosen)
    return result


def _cut(text: str, most: int) -> str:
    """Cut a text to a length in UTF-16 units, as Excel counts."""
    return text.encode("utf-16-le", "ignore")[: 2 * most].decode("utf-16-le", "ignore")


@free_memory_after
def xlsx_bytes(sheets: Sequence[tuple[str, Sequence[Sequence[Value]]]]) -> bytes:
    """Return named sheets as one XLSX file, laid out for reading and for printing.

    Headers are bold, frozen and repeated on every printed page; columns are as wide as their values and wrap long
    texts; a sheet prints on A4 paper, with its name above and page numbers below.
    """
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    names = valid_sheet_names(name for name, _rows in sheets)
    workbook.set_properties({"title": " · ".join(names), "comments": f"Voimavara {VERSION}"})
    bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    plain = workbook.add_format({"text_wrap": True, "valign": "top"})
    for name, (_asked, rows) in zip(names, sheets, strict=True):
        worksheet = workbook.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                form = plain if number else bold
                if value == "":
                    worksheet.write_blank(number, column, None, form)
                elif isinstance(value, str):
                    _write_text(worksheet, number, column, str(escape_formula_cell(value)), form)
                else:
                    worksheet.write(number, column, value, form)
        worksheet.freeze_panes(1, 0)
        widths = _widths(rows)
        for column, width in enumerate(widths):
            worksheet.set_column(column, column, width)
        _set_heights(worksheet, rows, widths)
        _set_printing(worksheet, total_width=sum(widths))
    workbook.close()
    return file.getvalue()


def _write_text(worksheet: Any, row: int, column: int, text: str, form: Any) -> None:
    """Write a text; the library escapes `_x000D_` that was typed, but not two such that share an underscore.

    Those are taken apart into runs, none of which looks like an escape.
    """
    if _SHARED_UNDERSCORE.search(text):
        pieces = _WITHIN_ESCAPE.split(text)
        worksheet.write_rich_string(row, column, form, *pieces, form)
    else:
        worksheet.write_string(row, column, text, form)


def _set_heights(worksheet: Any, rows: Sequence[Sequence[Value]], widths: Sequence[int]) -> None:
    """Make each row as high as its longest wrapped text needs; not every program does so when it opens a file."""
    for number, row in enumerate(rows):
        pairs = zip(row, widths, strict=False)
        lines = max((_wrapped(value, width) for value, width in pairs if isinstance(value, str)), default=1)
        if lines > 1:
            worksheet.set_row(number, min(_HIGHEST, _LINE * lines))


def _wrapped(text: str, width: int) -> int:
    """Return on how many lines a text stands in a column; words leave a tenth of a line empty.

    >>> _wrapped("short", 10), _wrapped("a\\nb", 10), _wrapped("a long text of words", 10)
    (1, 2, 3)
    """
    if len(text) < width and "\n" not in text:
        return 1
    return sum(max(1, -(-len(line) * 10 // (width * 9))) for line in text.split("\n"))


def _set_printing(worksheet: Any, *, total_width: int) -> None:
    """Let a sheet print on as few pages as stay readable, with its header on every page.

    A narrow table stands upright. One that would be unreadable on the width of one page is divided among several, and
    its first columns, which say what a row is about, are on each of them.
    """
    pages = -(-total_width // MOST_WIDTH) or 1
    if total_width > UPRIGHT_WIDTH:
        worksheet.set_landscape()
    if pages > 1:
        worksheet.repeat_columns(0, REPEATED_COLUMNS - 1)
    worksheet.set_paper(_A4)
    worksheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    worksheet.fit_to_pages(pages, 0)
    worksheet.repeat_rows(0)
    worksheet.hide_gridlines(0)  # lines between cells are printed too
    worksheet.set_header("&L&A")
    worksheet.set_footer("&R&P / &N")


def _widths(rows: Sequence[Sequence[Value]]) -> list[int]:
    """Return the width of each column in characters: that of its values, and of the longest word of its header."""
    columns = max((len(row) for row in rows), default=0)
    result = []
    for column in range(columns):
        cells = [str(row[column]) for row in rows if column < len(row) and row[column] is not None]
        words = (rows[0][column] if rows and column < len(rows[0]) else "") or ""
        body = cells[1:] if str(words) in cells[:1] else cells
        lengths = [*map(len, body), *map(len, str(words).split())]
        result.append(min(WIDEST, max(lengths, default=0) + 2))
    return result
