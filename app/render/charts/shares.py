"""Bar chart of shares in three classes (100 %), with the neutral class apart on the right.

The negative class is hatched, so that it is known without colour; each part bears its own number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.render import design_tokens
from app.render.charts.canvas import Canvas, wrap_text, wrap_text_with_offsets
from app.render.design_tokens import Width

ROW = {Width.WIDE: 44.0, Width.NARROW: 60.0}
LABELS = 236.0
MARGIN = 12.0
BAR = 24.0
APART = 14.0
TOP = {Width.WIDE: MARGIN + 26, Width.NARROW: MARGIN + 74}
SHRINK_FACTOR = 0.97  # how much smaller the scale becomes at a time
HATCH = "////"
COLOURS = (design_tokens.NEGATIVE_STRONG, design_tokens.NEUTRAL, design_tokens.POSITIVE_STRONG)
NEUTRAL = 1
ORDER = (0, 2, NEUTRAL)  # order of the classes in a legend, from left to right


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One dimension: per cent of answers that are unfavourable, neutral and favourable, with words for each."""

    label: str
    unfavourable: int
    neutral: int
    favourable: int
    words: tuple[str, str, str]

    @property
    def parts(self) -> tuple[int, int, int]:
        """The three shares, in the order of `words`."""
        return self.unfavourable, self.neutral, self.favourable


@dataclass(frozen=True, slots=True)
class ShareChart:
    """Data of the shares chart; `classes` are the labels of unfavourable, neutral and favourable."""

    title: str
    description: str
    rows: tuple[ShareRow, ...]
    classes: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class BarLayout:
    """Where unfavourable and favourable meet, where the neutral part begins, and the pixels of one per cent."""

    middle: float
    neutral_start: float
    scale: float


def draw_shares(chart: ShareChart, width: Width) -> str:
    """Draw `chart` as SVG: unfavourable and favourable meet at one line, the neutral part stands apart."""
    top = TOP[width]
    canvas = Canvas(width, shares_height(chart, width))
    _legend(canvas, chart.classes, width)
    left = LABELS if width is Width.WIDE else MARGIN
    frame = bar_layout(chart.rows, left, width - MARGIN)
    for index, row in enumerate(chart.rows):
        height = top + ROW[width] * (index + 0.5) + (0 if width is Width.WIDE else 12)
        _label(canvas, row, width, height)
        draw_bar(canvas, row, frame, height)
    return canvas.svg(chart.title, chart.description)


def shares_height(chart: ShareChart, width: Width) -> float:
    """Return how many pixels high `chart` is drawn, without drawing it."""
    return TOP[width] + ROW[width] * len(chart.rows) + 8


def bar_layout(shown: Sequence[ShareRow], left: float, right: float) -> BarLayout:
    """Return where the bars of all rows stand between `left` and `right`, on one scale for every class.

    The scale is the largest at which every number has its room, beside a part too short to hold it.
    """
    whole = right - left - APART
    scale = whole / sum(max(row.parts[kind] for row in shown) for kind in ORDER)
    while sum(rooms := [max(_room(row, kind, scale) for row in shown) for kind in ORDER]) > whole:
        scale *= SHRINK_FACTOR
    return BarLayout(left + rooms[0], left + rooms[0] + rooms[1] + APART, scale)


def _room(row: ShareRow, kind: int, scale: float) -> float:
    """Return the width that one part needs together with its number."""
    length = row.parts[kind] * scale
    words = _width(row.words[kind])
    if length >= words + design_tokens.GAP:
        return length
    return max(length, words) if kind == NEUTRAL else length + words


def _width(words: str) -> float:
    return len(words) * design_tokens.SMALL * 0.62 + 8


def draw_bar(canvas: Canvas, row: ShareRow, frame: BarLayout, height: float) -> None:
    """Draw the three parts of one row, the negative one hatched."""
    middle = frame.middle
    scale = frame.scale
    _part(canvas, (middle - row.unfavourable * scale, height), row.unfavourable * scale - design_tokens.GAP, 0, row)
    _part(canvas, (middle + design_tokens.GAP, height), row.favourable * scale - design_tokens.GAP, 2, row)
    _part(canvas, (frame.neutral_start, height), row.neutral * scale, 1, row)
    canvas.line((middle, height - 16), (middle, height + 16), colour=design_tokens.INK, width=1)


def draw_class_mark(canvas: Canvas, kind: int, place: tuple[float, float]) -> None:
    """Draw the legend symbol of a class: 0 unfavourable, 1 neutral, 2 favourable; 20 pixels wide."""
    across, height = place
    canvas.box((across, height - 7), (20, 14), colour=COLOURS[kind], hatch=HATCH if kind == 0 else "")


def _part(canvas: Canvas, start: tuple[float, float], length: float, kind: int, row: ShareRow) -> None:
    colour = COLOURS[kind]
    words = row.words[kind]
    across, height = start
    canvas.box((across, height - BAR / 2), (max(length, 0), BAR), colour=colour, hatch=HATCH if kind == 0 else "")
    room = _width(words)
    if length < room and kind != NEUTRAL:
        outside = across - 4 if kind == 0 else across + length + 4
        canvas.text(
            (outside, height), words, size=design_tokens.SMALL, anchor="right" if kind == 0 else "left", bold=True
        )
        return
    if kind == 0:
        canvas.box((across + length / 2 - room / 2, height - 8), (room, 16), colour=colour)
    place = across + length / 2 if length >= room else across + 4
    anchor = "center" if length >= room else "left"
    canvas.text(
        (place, height),
        words,
        size=design_tokens.SMALL,
        colour=design_tokens.readable_text_colour(colour),
        anchor=anchor,
        bold=True,
    )


def _label(canvas: Canvas, row: ShareRow, width: Width, height: float) -> None:
    if width is Width.NARROW:
        canvas.text((MARGIN, height - 24), wrap_text(row.label, width - 2 * MARGIN, size=13, lines=1)[0], size=13)
        return
    for off, line in wrap_text_with_offsets(
        row.label, LABELS - MARGIN - 16, size=design_tokens.TEXT, lines=2, spacing=17
    ):
        canvas.text((MARGIN, height + off), line)


def _legend(canvas: Canvas, classes: tuple[str, str, str], width: Width) -> None:
    across = MARGIN if width is Width.NARROW else LABELS
    for number, kind in enumerate(ORDER):
        height = MARGIN + 8 + (number * 22 if width is Width.NARROW else 0)
        draw_class_mark(canvas, kind, (across, height))
        canvas.text((across + 28, height), classes[kind], size=design_tokens.SMALL)
        if width is Width.WIDE:
            across += 28 + len(classes[kind]) * design_tokens.SMALL * 0.56 + 24
