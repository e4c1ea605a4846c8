"""Tables as files: CSV and XLSX, written here and nowhere else. Nothing in them is a formula.

A spreadsheet takes a text that begins with `=`, `+`, `-` or `@` for a formula, at once in CSV and after an edit in
XLSX. Titles, names and notes are written by people, so every text gets an apostrophe before such a sign, in
headers too; numbers stay numbers.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

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
_NO_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")

Value = str | float | None


def csv_text(rows: Iterable[Sequence[Value]], *, line_end: str = "\n") -> str:
    """Return rows as the text of a CSV file; a value that is None leaves its cell empty."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator=line_end)
    for row in rows:
        writer.writerow([f"{value:g}" if isinstance(value, float) else literal(value) for value in row])
    return file.getvalue()


def csv_bytes(rows: Sequence[Sequence[Value]]) -> bytes:
    """Return rows as CSV, UTF-8 with a mark at the beginning so that a spreadsheet reads it rightly."""
    return csv_text(rows, line_end="\r\n").encode("utf-8-sig")


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
        bare = _NO_NAME.sub(" ", name).strip("".join(DANGEROUS) + "' ")
        plain = _cut(bare, LONGEST_NAME).rstrip("' ") or "Sheet"
        chosen = plain
        number = 1
        while chosen.lower() in taken:
            number += 1
            chosen = f"{_cut(plain, LONGEST_NAME - len(str(number)) - 1)} {number}"
        taken.add(chosen.lower())
        result.append(chosen)
    return result


def _cut(text: str, most: int) -> str:
    """Cut a text to a length in UTF-16 units, which is how Excel counts."""
    return text.encode("utf-16-le", "ignore")[: 2 * most].decode("utf-16-le", "ignore")


@releases_memory
def xlsx_bytes(sheets: Sequence[tuple[str, Sequence[Sequence[Value]]]]) -> bytes:
    """Return named sheets as one XLSX file: a bold header that stays, columns as wide as their texts."""
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
                    worksheet.write_string(number, column, str(literal(value)), form)
                else:
                    worksheet.write(number, column, value, form)
        worksheet.freeze_panes(1, 0)
        for column, width in enumerate(_widths(rows)):
            worksheet.set_column(column, column, width)
    workbook.close()
    return file.getvalue()


def _widths(rows: Sequence[Sequence[Value]]) -> list[int]:
    columns = max((len(row) for row in rows), default=0)
    lengths = [[len(str(row[column])) for row in rows if column < len(row)] for column in range(columns)]
    return [min(WIDEST, max(length, default=0) + 2) for length in lengths]
