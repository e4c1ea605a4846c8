"""A drawing in the colours of a dark page: nothing is drawn anew, each colour gives way to its counterpart."""

import re

from app.render.design_tokens import DARK_COLOURS

_COLOUR = re.compile(r'((?:fill|stroke)=")(#[0-9a-f]{6})(?=")')


def dark_svg(picture: str) -> str:
    """Return an SVG text as it is shown on a dark page; a colour that no token names raises KeyError."""
    return _COLOUR.sub(lambda result: result[1] + DARK_COLOURS[result[2]], picture)
