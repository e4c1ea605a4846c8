"""Documents as PDF: a Typst file for the looks, JSON for what is in it, so that no text is ever markup."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from app.lazy import lazy_module

if TYPE_CHECKING:
    import matplotlib
    import typst
else:
    matplotlib = lazy_module("matplotlib")
    typst = lazy_module("typst")


HERE = Path(__file__).resolve().parent
STANDARD: Literal["ua-1"] = "ua-1"  # PDF/UA: refuses a document without title, language or a picture's words


def render_pdf(name: str, *, sheet: Mapping[str, Any], at: datetime) -> bytes:
    """Return the document `name`.typ filled with `sheet`, as PDF/UA; the same input gives the same bytes."""
    return typst.compile(
        HERE / f"{name}.typ",
        root=HERE,
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"sheet": json.dumps(sheet)},
        pdf_standards=STANDARD,
        timestamp=at.replace(microsecond=0),
    )


@cache
def _fonts() -> "typst.Fonts":
    # The fonts that come with matplotlib: no host needs fonts of its own, and every host prints alike.
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return typst.Fonts(include_system_fonts=False, font_paths=[str(fonts)])
