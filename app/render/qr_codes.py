"""QR codes."""

import io
from typing import TYPE_CHECKING

from app.lazy import lazy_module

if TYPE_CHECKING:
    import segno
else:
    segno = lazy_module("segno")


def qr_svg(text: str) -> str:
    """Return the QR code of `text` as SVG with presentation attributes only."""
    file = io.BytesIO()
    segno.make(text, error="m", micro=False).save(file, kind="svg", border=2, xmldecl=False, svgclass=None)
    return file.getvalue().decode()


def qr_data_uri(text: str) -> str:
    """Return the QR code of `text` as a data URI."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(border=2, scale=4))
