"""Funnel plot: each unit's mean by number of answers; inside the funnel a difference can be chance."""

from dataclasses import dataclass
from math import sqrt

from app.render import design_tokens
from app.render.charts.axis import PERCENT, Axis
from app.render.charts.canvas import Canvas, wrap_text
from app.render.design_tokens import Width

LEFT = 44.0
RIGHT = 18.0
TOP = 16.0
FOOT = 52.0
HEIGHT = {Width.WIDE: 380.0, Width.NARROW: 320.0}
MIN_ANSWERS = 3.0  # where the funnel begins: it is endlessly wide at none
MAX_NAMES = 8
Z = 1.959964  # 95 of 100 units of the region's own mean lie within


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """One unit: about how many answered, its mean, and its name if it may lie outside."""

    answers: float
    mean: float
    name: str


@dataclass(frozen=True, slots=True)
class FunnelChart:
    """Data of the funnel chart; `deviation` is the standard deviation of single answers."""

    title: str
    description: str
    points: tuple[FunnelPoint, ...]
    mean: float
    deviation: float
    answers: str
    score: str
    axis: Axis = PERCENT


def points_outside(chart: FunnelChart) -> tuple[FunnelPoint, ...]:
    """Return the units that lie outside the funnel, in the chart's order."""
    return tuple(
        point for point in chart.points if abs(point.mean - chart.mean) > funnel_half_width(chart, point.answers)
    )


def funnel_half_width(chart: FunnelChart, answers: float) -> float:
    """Return how far a unit of so many answers may lie from the region's mean by chance alone.

    z · s / √n (Spiegelhalter 2005, 10.1002/sim.1970), without a finite population correction.
    """
    return Z * chart.deviation / sqrt(answers)


def draw_funnel(chart: FunnelChart, width: Width) -> str:
    """Draw `chart` as SVG; only units outside the funnel bear a name."""
    canvas = Canvas(width, funnel_height(chart, width))
    most = max((point.answers for point in chart.points), default=10.0) * 1.08
    right = width - RIGHT
    foot = canvas.height - FOOT

    def place(answers: float, value: float) -> tuple[float, float]:
        return LEFT + answers / most * (right - LEFT), foot - chart.axis.share(value) * (foot - TOP)

    steps = [MIN_ANSWERS + (most - MIN_ANSWERS) * step / 60 for step in range(61)]
    upper = [place(step, chart.mean + funnel_half_width(chart, step)) for step in steps]
    lower = [place(step, chart.mean - funnel_half_width(chart, step)) for step in steps]
    canvas.area([*upper, *reversed(lower)], colour=design_tokens.FUNNEL)
    _ground(canvas, chart, place(0, chart.mean)[1], (right, foot), most)
    named = set(points_outside(chart))
    for point in chart.points:
        colour = design_tokens.NEGATIVE_STRONG if point in named else design_tokens.OWN
        canvas.dot(place(point.answers, point.mean), 5, fill=colour, edge=design_tokens.CARD)
    _names(canvas, [(point.name, place(point.answers, point.mean)) for point in _farthest(chart)], right)
    return canvas.svg(chart.title, chart.description)


def funnel_height(_chart: FunnelChart, width: Width) -> float:
    """Return how many pixels high a chart is drawn; on this one it depends on the width alone."""
    return HEIGHT[width]


def _farthest(chart: FunnelChart) -> list[FunnelPoint]:
    """Return the few units outside that lie farthest off for their size; the rest are in the table."""
    beyond = sorted(
        points_outside(chart), key=lambda point: -abs(point.mean - chart.mean) / funnel_half_width(chart, point.answers)
    )
    return beyond[:MAX_NAMES]


def _ground(canvas: Canvas, chart: FunnelChart, middle: float, corner: tuple[float, float], most: float) -> None:
    right, foot = corner
    canvas.line((LEFT, foot), (right, foot), colour=design_tokens.MUTED)
    canvas.line((LEFT, middle), (right, middle), colour=design_tokens.MUTED, width=1.4)
    for part in (0, 0.25, 0.5, 0.75, 1):
        height = foot - part * (foot - TOP)
        canvas.text(
            (LEFT - 6, height),
            chart.axis.format_value(chart.axis.value_at(part)),
            size=12,
            colour=design_tokens.MUTED,
            anchor="right",
        )
    step = next(step for step in (5, 10, 20, 50, 100, 500, 5000) if most / step <= 8)
    for answers in range(step, int(most) + 1, step):
        across = LEFT + answers / most * (right - LEFT)
        canvas.line((across, foot), (across, foot + 4), colour=design_tokens.MUTED)
        canvas.text((across, foot + 14), str(answers), size=12, colour=design_tokens.MUTED, anchor="center")
    canvas.text((right, foot + 36), f"{chart.answers} →", size=13, anchor="right")
    canvas.text((LEFT, foot + 36), f"↑ {wrap_text(chart.score, 170, size=13, lines=1)[0]}", size=13)


def _names(canvas: Canvas, labels: list[tuple[str, tuple[float, float]]], right: float) -> None:
    used: list[tuple[float, float, float]] = []
    for name, (across, height) in labels:
        line = wrap_text(name, 150, size=12, lines=1)[0]
        length = len(line) * 7
        start = across - 9 - length if across + 9 + length > right else across + 9
        if any(abs(height - other) < 14 and start < end and start + length > begin for begin, end, other in used):
            continue  # overlapping names are unreadable; the table has both
        used.append((start, start + length, height))
        left = start >= across
        canvas.text((start if left else across - 9, height), line, size=12, anchor="left" if left else "right")
