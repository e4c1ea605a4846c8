"""Demand-control chart: the community as a cross of intervals, other units as unnamed dots.

Both axes rise towards the good end where the questionnaire allows it. Each axis shows the part of its range in which
something lies, and names itself where it ends.
"""

from dataclasses import dataclass

from app.render import design_tokens
from app.render.charts.axis import PERCENT, Axis
from app.render.charts.canvas import Canvas, wrap_text
from app.render.design_tokens import Width

TALL = {Width.WIDE: 360.0, Width.NARROW: 250.0}
LEFT = 46.0
RIGHT = 14.0
MARGIN = 12.0
LEGEND = 22.0
NAME = 30.0  # the line of the upward axis' name
BELOW = 56.0  # ticks, and the name of the axis to the right


@dataclass(frozen=True, slots=True)
class DemandControlPoint:
    """A mean of the workload scale and a mean of control, with intervals where they are known."""

    load: float
    control: float
    load_interval: tuple[float, float] | None = None
    control_interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class DemandControlChart:
    """What is drawn. `corners` are words for upper left, upper right, lower left and lower right.

    `load` and `control` name the axes, `load_axis` and `control_axis` are the parts of their ranges that are shown,
    `cuts` the fixed cuts of both. `is_strain_left`: high strain is in the lower left corner, since a high number on
    the load axis is good; else in the lower right.
    """

    title: str
    description: str
    load: str
    control: str
    corners: tuple[str, str, str, str]
    own: DemandControlPoint
    own_name: str
    others: tuple[DemandControlPoint, ...]
    others_name: str
    load_axis: Axis = PERCENT
    control_axis: Axis = PERCENT
    cuts: tuple[float, float] = (50.0, 50.0)
    is_strain_left: bool = True


def draw_demand_control(chart: DemandControlChart, width: Width) -> str:
    """Draw `chart` as SVG: workload to the right, control upwards, the fixed cuts as two lines."""
    canvas = Canvas(width, demand_control_height(chart, width))
    _legend(canvas, chart, width)
    plane = _Plane(canvas, chart, _top(width), width - LEFT - RIGHT, TALL[width])
    plane.ground()
    for other in chart.others:
        canvas.dot(plane.at(other.load, other.control), 4.5, fill=design_tokens.OTHERS)
    plane.cross(chart.own)
    return canvas.svg(chart.title, chart.description)


def demand_control_height(_chart: DemandControlChart, width: Width) -> float:
    """Return how many pixels high a chart is drawn; on this one it depends on the width alone."""
    return _top(width) + TALL[width] + BELOW


def _top(width: Width) -> float:
    return MARGIN + LEGEND * (1 if width is Width.WIDE else 2) + NAME


@dataclass(frozen=True, slots=True)
class _Plane:
    canvas: Canvas
    chart: DemandControlChart
    top: float
    wide: float
    tall: float

    def at(self, load: float, control: float) -> tuple[float, float]:
        """Return where two means lie, in pixels."""
        across = LEFT + self.chart.load_axis.share(load) * self.wide
        return across, self.top + (1 - self.chart.control_axis.share(control)) * self.tall

    def ground(self) -> None:
        """Draw the corner of high strain, frame, cuts, ticks, and the names of axes and corners."""
        left = self.chart.load_axis.low
        right = self.chart.load_axis.high
        low = self.chart.control_axis.low
        high = self.chart.control_axis.high
        load_cut, control_cut = self.chart.cuts
        corner = self.at(left if self.chart.is_strain_left else load_cut, control_cut)
        opposite = self.at(load_cut if self.chart.is_strain_left else right, low)
        self.canvas.box(corner, (opposite[0] - corner[0], opposite[1] - corner[1]), colour=design_tokens.STRAIN)
        for value in sorted({left, load_cut, right}):
            self.canvas.line(self.at(value, low), self.at(value, high), colour=design_tokens.LINE)
            across, down = self.at(value, low)
            self.canvas.text(
                (across, down + 14),
                self.chart.load_axis.format_value(value),
                size=12,
                colour=design_tokens.MUTED,
                anchor="center",
            )
        for value in sorted({low, control_cut, high}):
            self.canvas.line(self.at(left, value), self.at(right, value), colour=design_tokens.LINE)
            across, down = self.at(left, value)
            self.canvas.text(
                (across - 8, down),
                self.chart.control_axis.format_value(value),
                size=12,
                colour=design_tokens.MUTED,
                anchor="right",
            )
        self._names()

    def _names(self) -> None:
        near = LEFT + 8
        far = LEFT + self.wide - 8
        bottom = self.top + self.tall
        places = (
            (near, self.top + 14, "left"),
            (far, self.top + 14, "right"),
            (near, bottom - 14, "left"),
            (far, bottom - 14, "right"),
        )
        for words, (across, down, anchor) in zip(self.chart.corners, places, strict=True):
            line = wrap_text(words, self.wide / 2 - 12, size=12, lines=1)[0]
            self.canvas.text((across, down), line, size=12, colour=design_tokens.MUTED, anchor=anchor)
        self.canvas.text((MARGIN, self.top - NAME / 2), f"↑ {self.chart.control}", size=13, bold=True)
        self.canvas.text((LEFT + self.wide, bottom + 38), f"{self.chart.load} →", size=13, anchor="right", bold=True)

    def cross(self, own: DemandControlPoint) -> None:
        """Draw the community: a dot, and an interval along each axis."""
        if own.load_interval is not None:
            low, high = (self.at(end, own.control) for end in own.load_interval)
            self.canvas.line(low, high, colour=design_tokens.INTERVAL, width=5)
        if own.control_interval is not None:
            low, high = (self.at(own.load, end) for end in own.control_interval)
            self.canvas.line(low, high, colour=design_tokens.INTERVAL, width=5)
        self.canvas.dot(self.at(own.load, own.control), 7, fill=design_tokens.OWN)


def _legend(canvas: Canvas, chart: DemandControlChart, width: Width) -> None:
    height = MARGIN + LEGEND / 2
    room = (width - 2 * MARGIN) / (2 if width is Width.WIDE else 1) - 24
    canvas.dot((MARGIN + 7, height), 7, fill=design_tokens.OWN)
    canvas.text((MARGIN + 24, height), wrap_text(chart.own_name, room, size=13, lines=1)[0], size=13, bold=True)
    across = width / 2 if width is Width.WIDE else MARGIN
    below = height if width is Width.WIDE else height + LEGEND
    canvas.dot((across + 7, below), 4.5, fill=design_tokens.OTHERS)
    canvas.text((across + 24, below), wrap_text(chart.others_name, room, size=12, lines=1)[0], size=12)
