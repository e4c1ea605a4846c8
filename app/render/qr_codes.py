"""Squares that a phone's camera reads."""

import io
from typing import TYPE_CHECKING

from app.lazy import lazy_module

if TYPE_CHECKING:
    import segno
else:
    segno = lazy_module("segno")


def qr_svg(text: str) -> str:
    """Return `text` as a QR picture: SVG with presentation attributes only."""
    file = io.BytesIO()
    segno.make(text, error="m", micro=False).save(file, kind="svg", border=2, xmldecl=False, svgclass=None)
    return file.getvalue().decode()


def qr_data_uri(text: str) -> str:
    """Return the same picture as an address that stands in a page, so that nothing is kept or fetched."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(border=2, scale=4))
