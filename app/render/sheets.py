"""Tables as files: CSV and XLSX. Nothing in them is a formula."""

import csv
import io
from collections.abc import Sequence

import xlsxwriter

WIDEST = 60


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as CSV, UTF-8 with a mark at the beginning so that a spreadsheet reads it rightly."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(sheets: Sequence[tuple[str, Sequence[Sequence[str | float]]]]) -> bytes:
    """Return named sheets as one XLSX file: a bold header that stays, columns as wide as their texts."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    for name, rows in sheets:
        sheet = book.add_worksheet(name[:31])
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value, plain if number else bold)
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(_widths(rows)):
            sheet.set_column(column, column, width)
    book.close()
    return file.getvalue()


def _widths(rows: Sequence[Sequence[str | float]]) -> list[int]:
    columns = max((len(row) for row in rows), default=0)
    lengths = [[len(str(row[column])) for row in rows if column < len(row)] for column in range(columns)]
    return [min(WIDEST, max(each, default=0) + 2) for each in lengths]
