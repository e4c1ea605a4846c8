"""Read back the tables that the product writes, as a person's spreadsheet shows them."""

import csv
import io
import re

from app.render.tabular_files import csv_bytes

MARK = "\ufeff"
_DECIMAL = re.compile(r"-?[0-9]+,[0-9]+")


def records(written):
    """The rows of a CSV file, or of a table that becomes one, by column; numbers with a decimal point."""
    content = csv_bytes(written) if isinstance(written, (list, tuple)) else written
    text = content.decode("utf-8") if isinstance(content, bytes) else content
    assert text.startswith(MARK), "without the mark a spreadsheet takes UTF-8 for something else"
    lines = csv.DictReader(io.StringIO(text.removeprefix(MARK), newline=""), delimiter=";", strict=True)
    return [{column: _plain(cell) for column, cell in line.items()} for line in lines]


def _plain(cell):
    return cell.replace(",", ".") if _DECIMAL.fullmatch(cell) else cell
