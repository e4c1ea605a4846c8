"""Demands and control on one plane: the community as a cross of intervals, the region's units unnamed."""

from dataclasses import dataclass

from app.render import design_tokens
from app.render.charts.axis import PERCENT, Axis
from app.render.charts.canvas import Canvas, wrap_text
from app.render.design_tokens import Width

SIDE = {Width.WIDE: 440.0, Width.NARROW: 250.0}
LEFT = 46.0
TOP = 14.0
BELOW = {Width.WIDE: 64.0, Width.NARROW: 126.0}


@dataclass(frozen=True, slots=True)
class PlanePoint:
    """A mean of demands and a mean of control, with intervals where they are known."""

    demands: float
    control: float
    demands_interval: tuple[float, float] | None = None
    control_interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class PlaneChart:
    """What is drawn. `corners` are words for high strain, active, passive and low strain."""

    title: str
    description: str
    demands: str
    control: str
    corners: tuple[str, str, str, str]
    own: PlanePoint
    own_name: str
    others: tuple[PlanePoint, ...]
    others_name: str
    axis: Axis = PERCENT
    cut: float = 50.0


def draw_plane(chart: PlaneChart, width: Width) -> str:
    """Draw `chart` as SVG: demands to the right, control upwards, the fixed cut as two thin lines."""
    side = SIDE[width]
    canvas = Canvas(width, plane_height(chart, width))
    plane = _Plane(canvas, chart, LEFT, TOP, side)
    plane.ground()
    for other in chart.others:
        canvas.dot(plane.at(other.demands, other.control), 4.5, fill=design_tokens.OTHERS)
    plane.cross(chart.own)
    _legend(canvas, chart, width)
    return canvas.svg(chart.title, chart.description)


def plane_height(_chart: PlaneChart, width: Width) -> float:
    """Return how many pixels high a chart is drawn; on this one it depends on the width alone."""
    return SIDE[width] + TOP + BELOW[width]


@dataclass(frozen=True, slots=True)
class _Plane:
    canvas: Canvas
    chart: PlaneChart
    left: float
    top: float
    side: float

    def at(self, demands: float, control: float) -> tuple[float, float]:
        """Return where two means lie, in pixels."""
        axis = self.chart.axis
        return self.left + axis.share(demands) * self.side, self.top + (1 - axis.share(control)) * self.side

    def ground(self) -> None:
        """Draw frame, cut, ticks, names of the axes and of the four corners."""
        axis = self.chart.axis
        cut = self.chart.cut
        strain = self.at(cut, cut)
        self.canvas.box(
            strain, (self.left + self.side - strain[0], self.top + self.side - strain[1]), colour=design_tokens.STRAIN
        )
        for end in (axis.low, cut, axis.high):
            self.canvas.line(self.at(end, axis.low), self.at(end, axis.high), colour=design_tokens.LINE)
            self.canvas.line(self.at(axis.low, end), self.at(axis.high, end), colour=design_tokens.LINE)
            across, down = self.at(end, axis.low)
            self.canvas.text((across, down + 14), f"{end:g}", size=12, colour=design_tokens.MUTED, anchor="center")
            across, down = self.at(axis.low, end)
            self.canvas.text((across - 8, down), f"{end:g}", size=12, colour=design_tokens.MUTED, anchor="right")
        self._names()

    def _names(self) -> None:
        half = self.side / 2
        high_strain, active, passive, low_strain = self.chart.corners
        near = self.left + 8
        far = self.left + self.side - 8
        for words, across, down, anchor in (
            (low_strain, near, self.top + 14, "left"),
            (active, far, self.top + 14, "right"),
            (passive, near, self.top + self.side - 14, "left"),
            (high_strain, far, self.top + self.side - 14, "right"),
        ):
            line = wrap_text(words, half - 12, size=12, lines=1)[0]
            self.canvas.text((across, down), line, size=12, colour=design_tokens.MUTED, anchor=anchor)
        foot = self.top + self.side + 34
        self.canvas.text((self.left + self.side, foot), f"{self.chart.demands} →", size=13, anchor="right")
        lower = 0 if self.side == SIDE[Width.WIDE] else 18  # on a telephone the two would meet
        self.canvas.text((self.left, foot + lower), f"↑ {self.chart.control}", size=13)

    def cross(self, own: PlanePoint) -> None:
        """Draw the community: a dot, and an interval along each axis."""
        if own.demands_interval is not None:
            low, high = (self.at(end, own.control) for end in own.demands_interval)
            self.canvas.line(low, high, colour=design_tokens.INTERVAL, width=5)
        if own.control_interval is not None:
            low, high = (self.at(own.demands, end) for end in own.control_interval)
            self.canvas.line(low, high, colour=design_tokens.INTERVAL, width=5)
        self.canvas.dot(self.at(own.demands, own.control), 7, fill=design_tokens.OWN)


def _legend(canvas: Canvas, chart: PlaneChart, width: Width) -> None:
    wide = width is Width.WIDE
    across = LEFT + SIDE[width] + 28 if wide else LEFT
    height = TOP + 20 if wide else TOP + SIDE[width] + 80
    canvas.dot((across + 6, height), 7, fill=design_tokens.OWN)
    room = width - across - 30
    canvas.text((across + 22, height), wrap_text(chart.own_name, room, size=13, lines=1)[0], size=13, bold=True)
    canvas.dot((across + 6, height + 26), 4.5, fill=design_tokens.OTHERS)
    for number, line in enumerate(wrap_text(chart.others_name, room, size=12, lines=3 if wide else 1)):
        canvas.text((across + 22, height + 26 + number * 16), line, size=12)
