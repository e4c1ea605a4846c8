"""Trend charts as small multiples: one panel per dimension, with at most four rounds.

The line is broken where the questionnaire changed, since only identical items are compared.
"""

from dataclasses import dataclass
from math import ceil

from app.render import design_tokens
from app.render.charts.axis import PERCENT, Axis
from app.render.charts.canvas import Canvas, wrap_text
from app.render.design_tokens import Width

COLUMNS = {Width.WIDE: 3, Width.NARROW: 1}
PLOT = {Width.WIDE: 140.0, Width.NARROW: 130.0}
TITLE_LINE = 17.0
TITLE_LINES = 2
CHANGE_LINE = 16.0
CHANGE_LINES = 3
BELOW = 48.0  # the names of the rounds, in two lines
BOLD = 0.92  # how much of a line bold letters may fill
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
    """Data of the trend chart: one panel for each dimension."""

    title: str
    description: str
    panels: tuple[TrendPanel, ...]


def draw_trends(chart: TrendChart, width: Width) -> str:
    """Draw `chart` as SVG, three panels in a row, or one on a telephone."""
    columns = COLUMNS[width]
    room = width / columns
    words = _words_height(chart, room)
    tall = _panel_height(chart, width)
    canvas = Canvas(width, trends_height(chart, width))
    for index, panel in enumerate(chart.panels):
        corner = room * (index % columns), tall * (index // columns)
        _panel(canvas, panel, _PanelFrame(corner, (room, tall), words))
    return canvas.svg(chart.title, chart.description)


def trends_height(chart: TrendChart, width: Width) -> float:
    """Return how many pixels high `chart` is drawn, without drawing it."""
    return _panel_height(chart, width) * ceil(len(chart.panels) / COLUMNS[width]) + MARGIN


@dataclass(frozen=True, slots=True)
class _PanelFrame:
    """Upper left corner and size of a panel, and the height of the words above its plot."""

    corner: tuple[float, float]
    size: tuple[float, float]
    words: float


def _panel_height(chart: TrendChart, width: Width) -> float:
    return MARGIN + _words_height(chart, width / COLUMNS[width]) + PLOT[width] + BELOW


def _words_height(chart: TrendChart, room: float) -> float:
    """Return the height of title and change of the longest panel, so that all plots of a row begin alike."""
    heights = (
        TITLE_LINE * len(_title_lines(panel, room)) + CHANGE_LINE * len(_change_lines(panel, room))
        for panel in chart.panels
    )
    return max(heights, default=0.0) + 2 * MARGIN


def _title_lines(panel: TrendPanel, room: float) -> list[str]:
    return wrap_text(panel.label, (room - 2 * MARGIN) * BOLD, size=13, lines=TITLE_LINES)


def _change_lines(panel: TrendPanel, room: float) -> list[str]:
    return wrap_text(panel.change_text, room - 2 * MARGIN, size=12, lines=CHANGE_LINES)


def _panel(canvas: Canvas, panel: TrendPanel, frame: _PanelFrame) -> None:
    corner = frame.corner
    room, tall = frame.size
    left = corner[0] + MARGIN
    top = corner[1] + MARGIN
    height = top + TITLE_LINE / 2
    for line in _title_lines(panel, room):
        canvas.text((left, height), line, size=13, bold=True)
        height += TITLE_LINE
    for line in _change_lines(panel, room):
        canvas.text((left, height), line, size=12)
        height += CHANGE_LINE
    up = top + frame.words
    down = corner[1] + tall - BELOW
    for part in (0, 0.5, 1):
        height = down - part * (down - up)
        canvas.line((left + 26, height), (corner[0] + room - MARGIN, height), colour=design_tokens.LINE, width=0.8)
        canvas.text(
            (left + 21, height),
            panel.axis.format_value(panel.axis.value_at(part)),
            size=11,
            colour=design_tokens.MUTED,
            anchor="right",
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
            canvas.line((place, low), (place, top), colour=design_tokens.INTERVAL, width=7)
        if before is not None and point.continues:
            canvas.path([before, here], colour=design_tokens.OWN, width=1.6)
        elif before is not None:
            _break(canvas, (before[0] + place) / 2, span)
        last = point is points[-1]
        canvas.dot(here, 4, fill=design_tokens.OWN if last else design_tokens.CARD, edge=design_tokens.OWN)
        canvas.text(
            (place, min(top, here[1] - 4) - 9), panel.axis.format_value(point.mean), size=12, anchor="center", bold=last
        )
        before = here


def _height(axis: Axis, value: float, span: tuple[float, float]) -> float:
    return span[1] - axis.share(value) * (span[1] - span[0])


def _break(canvas: Canvas, place: float, span: tuple[float, float]) -> None:
    canvas.path([(place, span[0]), (place, span[1])], colour=design_tokens.MUTED, width=1.2, dashed=True)
