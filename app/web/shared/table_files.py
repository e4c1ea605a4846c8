"""Table downloads as CSV or XLSX, each with its own header."""

from collections.abc import Sequence

from flask import Response

from app.render.tabular_files import TYPES, Value, table_file


def send_table(rows: Sequence[Sequence[Value]], *, kind: str, name: str, sheet: str) -> Response:
    """Send a table as `csv` or `xlsx`; `name` is that of the file without its ending."""
    return send_table_file(table_file(kind, sheet, rows), kind=kind, name=name)


def send_table_file(content: bytes, *, kind: str, name: str) -> Response:
    """Send the bytes of a table file as a download."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(content, content_type=TYPES[kind], headers=headers)
