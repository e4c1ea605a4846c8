"""Small multiples: one little panel for each dimension, over at most four rounds.

The line is broken where the questionnaire changed, since only identical items are compared.
"""

from dataclasses import dataclass
from math import ceil

from app.render import design_tokens
from app.render.charts.axis import PERCENT, Axis
from app.render.charts.canvas import Canvas, balanced_lines, wrap_text
from app.render.design_tokens import Width

COLUMNS = {Width.WIDE: 3, Width.NARROW: 1}
PANEL = {Width.WIDE: 220.0, Width.NARROW: 184.0}
MARGIN = 12.0
MAX_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One round: what it is called, its mean, its interval, and whether it continues the round before."""

    round: str
    mean: float | None
    interval: tuple[float, float] | None = None
    continues: bool = True


@dataclass(frozen=True, slots=True)
class TrendPanel:
    """One dimension through the rounds; `change_text` say what can be said of the change."""

    label: str
    change_text: str
    points: tuple[TrendPoint, ...]
    axis: Axis = PERCENT


@dataclass(frozen=True, slots=True)
class TrendChart:
    """What is drawn."""

    title: str
    description: str
    panels: tuple[TrendPanel, ...]


def draw_trends(chart: TrendChart, width: Width) -> str:
    """Draw `chart` as SVG, three panels in a row, or one on a telephone."""
    columns = COLUMNS[width]
    room = width / columns
    tall = PANEL[width]
    canvas = Canvas(width, trends_height(chart, width))
    for index, panel in enumerate(chart.panels):
        _panel(canvas, panel, (room * (index % columns), tall * (index // columns)), (room, tall))
    return canvas.svg(chart.title, chart.description)


def trends_height(chart: TrendChart, width: Width) -> float:
    """Return how many pixels high `chart` is drawn, without drawing it."""
    return PANEL[width] * ceil(len(chart.panels) / COLUMNS[width]) + MARGIN


def _panel(canvas: Canvas, panel: TrendPanel, corner: tuple[float, float], size: tuple[float, float]) -> None:
    room, tall = size
    left = corner[0] + MARGIN
    top = corner[1] + MARGIN
    canvas.text((left, top + 8), wrap_text(panel.label, room - 2 * MARGIN, size=13, lines=1)[0], size=13, bold=True)
    lines = 3 if tall == PANEL[Width.WIDE] else 2
    words = balanced_lines(panel.change_text, room - 2 * MARGIN, size=12, lines=lines, spacing=16)
    for off, line in words:
        canvas.text((left, top + 28 - words[0][0] + off), line, size=12)
    up = top + 34 + 16 * lines
    down = top + tall - 48
    for part in (0, 0.5, 1):
        height = down - part * (down - up)
        canvas.line((left + 26, height), (corner[0] + room - MARGIN, height), colour=design_tokens.LINE, width=0.8)
        canvas.text(
            (left + 21, height), f"{panel.axis.at(part):g}", size=11, colour=design_tokens.MUTED, anchor="right"
        )
    points = panel.points[-MAX_ROUNDS:]
    step = (room - 2 * MARGIN - 26) / max(len(points), 1)
    places = [left + 26 + step * (index + 0.5) for index in range(len(points))]
    _series(canvas, panel, points, places, (up, down))
    for place, point in zip(places, points, strict=True):
        for number, name in enumerate(wrap_text(point.round, step * 0.9, size=10.5)):
            canvas.text((place, down + 15 + number * 13), name, size=10.5, colour=design_tokens.MUTED, anchor="center")


def _series(
    canvas: Canvas,
    panel: TrendPanel,
    points: tuple[TrendPoint, ...],
    places: list[float],
    span: tuple[float, float],
) -> None:
    before: tuple[float, float] | None = None
    for place, point in zip(places, points, strict=True):
        if point.mean is None:
            before = None
            continue
        here = (place, _height(panel.axis, point.mean, span))
        top = here[1]
        if point.interval is not None:
            low, top = (_height(panel.axis, end, span) for end in point.interval)
            canvas.line((place, low), (place, top), colour=design_tokens.INTERVAL, width=5)
        if before is not None and point.continues:
            canvas.path([before, here], colour=design_tokens.OWN, width=1.6)
        elif before is not None:
            _break(canvas, (before[0] + place) / 2, span)
        last = point is points[-1]
        canvas.dot(here, 4, fill=design_tokens.OWN if last else design_tokens.CARD, edge=design_tokens.OWN)
        canvas.text((place, min(top, here[1] - 4) - 9), f"{point.mean:g}", size=12, anchor="center", bold=last)
        before = here


def _height(axis: Axis, value: float, span: tuple[float, float]) -> float:
    return span[1] - axis.share(value) * (span[1] - span[0])


def _break(canvas: Canvas, place: float, span: tuple[float, float]) -> None:
    canvas.path([(place, span[0]), (place, span[1])], colour=design_tokens.MUTED, width=1.2, dashed=True)
