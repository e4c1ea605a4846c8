"""Colours and sizes of all charts and documents.

The five steps were chosen by computation: neighbouring steps are distinguishable with every common colour vision
deficiency, and black or white text on each has a contrast of at least 4.5 (tests/render).
"""

from enum import IntEnum

NEGATIVE_STRONG = "#b35806"
NEGATIVE = "#f1a340"
NEUTRAL = "#d9d9d9"
POSITIVE = "#92c5de"
POSITIVE_STRONG = "#2166ac"
STEPS = (NEGATIVE_STRONG, NEGATIVE, NEUTRAL, POSITIVE, POSITIVE_STRONG)

INK = "#16232e"
MUTED = "#55616c"
LINE = "#c3cbd2"
OTHERS = "#7d8a96"
BAND = "#dfe5ea"
CARD = "#ffffff"
STRAIN = "#f7efe6"
FUNNEL = "#eef2f5"
OWN = "#12466e"
INTERVAL = "#5f8fb4"

# Dark counterpart of each colour. Light and dark are swapped, so that text
# in white on a deep colour becomes dark text on its counterpart.
DARK_COLOURS = {
    NEGATIVE_STRONG: "#f0913c",
    NEGATIVE: "#a85c17",
    NEUTRAL: "#55656d",
    POSITIVE: "#2f6ea6",
    POSITIVE_STRONG: "#7dbcf0",
    INK: "#e7edee",
    MUTED: "#abb9be",
    LINE: "#46565d",
    OTHERS: "#7f9199",
    BAND: "#3a4b53",
    CARD: "#1a2428",
    STRAIN: "#33291f",
    FUNNEL: "#27343a",
    OWN: "#a9dcf5",
    INTERVAL: "#4d8fbd",
}

FONTS = ("system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "DejaVu Sans", "sans-serif")
TEXT = 14.0
SMALL = 12.0
GAP = 2.0


class Width(IntEnum):
    """Width of a chart in pixels, for desktop and phone."""

    WIDE = 720
    NARROW = 320


def readable_text_colour(colour: str) -> str:
    """Return black or white, whichever is easier to read on `colour`.

    >>> readable_text_colour(NEUTRAL) == INK, readable_text_colour(POSITIVE_STRONG)
    (True, '#ffffff')
    """
    return max((INK, CARD), key=lambda ink: contrast(ink, colour))


def contrast(item: str, other: str) -> float:
    """Return the contrast of two colours, 1-21 (WCAG 2.2, relative luminance).

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    darker, lighter = sorted((_luminance(item), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
