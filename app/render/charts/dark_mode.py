"""Dark mode: replace each colour of an SVG by its dark counterpart."""

import re

from app.render.design_tokens import DARK_COLOURS

_COLOUR = re.compile(r'((?:fill|stroke)=")(#[0-9a-f]{6})(?=")')


def dark_svg(picture: str) -> str:
    """Return an SVG in dark colours; KeyError for a colour that is not a design token."""
    return _COLOUR.sub(lambda result: result[1] + DARK_COLOURS[result[2]], picture)
