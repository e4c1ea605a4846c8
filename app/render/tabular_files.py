"""Tables as files: CSV and XLSX, written here and nowhere else. Nothing in them is a formula.

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
from app.render.freed_memory import releases_memory

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = lazy_module("xlsxwriter")

WIDEST = 60
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
        writer.writerow([_decimal(value) if isinstance(value, float) else literal(value) for value in row])
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


def literal(value: Value) -> Value:
    """Put an apostrophe before a text that a spreadsheet would take for a formula; leave all else as it is.

    >>> literal("=1+1"), literal("Rest"), literal(-3)
    ("'=1+1", 'Rest', -3)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


def sheet_names(names: Iterable[str]) -> list[str]:
    """Return names that a workbook may bear: no sign that is forbidden or begins a formula, short, no two equal.

    >>> sheet_names(["=Autumn", "autumn", "a/b", ""])
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


@releases_memory
def xlsx_bytes(sheets: Sequence[tuple[str, Sequence[Sequence[Value]]]]) -> bytes:
    """Return named sheets as one XLSX file with frozen bold headers and fitted column widths."""
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"comments": f"Voimavara {VERSION}"})
    bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    plain = workbook.add_format({"text_wrap": True, "valign": "top"})
    for name, (_asked, rows) in zip(sheet_names(name for name, _rows in sheets), sheets, strict=True):
        worksheet = workbook.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                form = plain if number else bold
                if value == "":
                    worksheet.write_blank(number, column, None, form)
                elif isinstance(value, str):
                    _write_text(worksheet, number, column, str(literal(value)), form)
                else:
                    worksheet.write(number, column, value, form)
        worksheet.freeze_panes(1, 0)
        for column, width in enumerate(_widths(rows)):
            worksheet.set_column(column, column, width)
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


def _widths(rows: Sequence[Sequence[Value]]) -> list[int]:
    columns = max((len(row) for row in rows), default=0)
    lengths = [[len(str(row[column])) for row in rows if column < len(row)] for column in range(columns)]
    return [min(WIDEST, max(length, default=0) + 2) for length in lengths]
