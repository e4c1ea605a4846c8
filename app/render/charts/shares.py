"""Shares in three classes as bars of 100 %, the neutral class set apart at the right.

The negative class is hatched, so that it is known without colour; each part bears its own number.
"""

from dataclasses import dataclass

from app.render import tokens
from app.render.charts.canvas import Canvas, rows, wrap
from app.render.tokens import Width

ROW = {Width.WIDE: 44.0, Width.NARROW: 60.0}
LABELS = 236.0
MARGIN = 12.0
BAR = 24.0
APART = 14.0
LEAST_PART = 20  # per cent: the least room that each class gets, so that its numbers fit
HATCH = "////"


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One dimension: per cent of answers that are unfavourable, neutral and favourable, with words for each."""

    label: str
    unfavourable: int
    neutral: int
    favourable: int
    words: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ShareChart:
    """What is drawn; `classes` are the words for unfavourable, neutral and favourable."""

    title: str
    description: str
    rows: tuple[ShareRow, ...]
    classes: tuple[str, str, str]


def draw_shares(chart: ShareChart, width: Width) -> str:
    """Draw `chart` as SVG: unfavourable and favourable meet at one line, the neutral part stands apart."""
    top = MARGIN + (26 if width is Width.WIDE else 74)
    canvas = Canvas(width, top + ROW[width] * len(chart.rows) + 8)
    _legend(canvas, chart.classes, width)
    left = LABELS if width is Width.WIDE else MARGIN
    most = _most(chart)
    scale = (width - MARGIN - left - APART) / sum(most)
    middle = left + most[0] * scale
    apart = middle + most[2] * scale + APART
    for index, row in enumerate(chart.rows):
        height = top + ROW[width] * (index + 0.5) + (0 if width is Width.WIDE else 12)
        _label(canvas, row, width, height)
        _part(canvas, (middle - row.unfavourable * scale, height), row.unfavourable * scale - tokens.GAP, 0, row)
        _part(canvas, (middle + tokens.GAP, height), row.favourable * scale - tokens.GAP, 2, row)
        _part(canvas, (apart, height), row.neutral * scale, 1, row)
        canvas.line((middle, height - 16), (middle, height + 16), colour=tokens.INK, width=1)
    return canvas.svg(chart.title, chart.description)


def _most(chart: ShareChart) -> tuple[int, int, int]:
    """Return the largest share of each class: all three are drawn on one scale."""
    parts = [(row.unfavourable, row.neutral, row.favourable) for row in chart.rows]
    unfavourable, neutral, favourable = (max([LEAST_PART, *column]) for column in zip(*parts, strict=True))
    return unfavourable, neutral, favourable


def _part(canvas: Canvas, start: tuple[float, float], length: float, kind: int, row: ShareRow) -> None:
    colour = (tokens.NEGATIVE_STRONG, tokens.NEUTRAL, tokens.POSITIVE_STRONG)[kind]
    words = row.words[kind]
    across, height = start
    canvas.box((across, height - BAR / 2), (max(length, 0), BAR), colour=colour, hatch=HATCH if kind == 0 else "")
    room = len(words) * tokens.SMALL * 0.62 + 8
    if length < room and kind != 1:
        outside = across - 4 if kind == 0 else across + length + 4
        canvas.text((outside, height), words, size=tokens.SMALL, anchor="right" if kind == 0 else "left", bold=True)
        return
    if kind == 0:
        canvas.box((across + length / 2 - room / 2, height - 8), (room, 16), colour=colour)
    place = across + length / 2 if length >= room else across + 4
    anchor = "center" if length >= room else "left"
    canvas.text((place, height), words, size=tokens.SMALL, colour=tokens.text_on(colour), anchor=anchor, bold=True)


def _label(canvas: Canvas, row: ShareRow, width: Width, height: float) -> None:
    if width is Width.NARROW:
        canvas.text((MARGIN, height - 24), wrap(row.label, width - 2 * MARGIN, size=13, lines=1)[0], size=13)
        return
    for off, line in rows(row.label, LABELS - MARGIN - 16, size=tokens.TEXT, lines=2, spacing=17):
        canvas.text((MARGIN, height + off), line)


def _legend(canvas: Canvas, classes: tuple[str, str, str], width: Width) -> None:
    order = ((0, tokens.NEGATIVE_STRONG), (2, tokens.POSITIVE_STRONG), (1, tokens.NEUTRAL))
    across = MARGIN if width is Width.NARROW else LABELS
    for number, (kind, colour) in enumerate(order):
        height = MARGIN + 8 + (number * 22 if width is Width.NARROW else 0)
        canvas.box((across, height - 7), (20, 14), colour=colour, hatch=HATCH if kind == 0 else "")
        canvas.text((across + 28, height), classes[kind], size=tokens.SMALL)
        if width is Width.WIDE:
            across += 28 + len(classes[kind]) * tokens.SMALL * 0.56 + 24
