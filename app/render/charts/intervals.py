"""Interval chart: a row per dimension, the region as a band and earlier rounds as a thin line.

The line of the earlier rounds begins below the dot with the oldest and rises to the newest. A row that differs from
the region beyond chance is coloured and says so in words. A heading begins a group of rows.
"""

from dataclasses import dataclass

from app.render import design_tokens
from app.render.charts.axis import PERCENT, Axis
from app.render.charts.canvas import Canvas, wrap_text, wrap_text_with_offsets
from app.render.design_tokens import Width

ROW = {Width.WIDE: 56.0, Width.NARROW: 90.0}
LABELS = 236.0
VALUES = 172.0
MARGIN = 12.0
LEGEND = 22.0
HEADING = 30.0
EARLIER_STEP = 7.0  # how far each earlier round lies below the next one
EARLIER_FIRST = 15.0  # how far the last round lies below the line, clear of the interval
TONES = {"better": design_tokens.POSITIVE_STRONG, "worse": design_tokens.NEGATIVE_STRONG}
TICKS = ((0.0, "left"), (0.25, "center"), (0.5, "center"), (0.75, "center"), (1.0, "right"))


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One dimension; whatever is None is not drawn.

    `value` is the number in words, `note` its direction. `difference` says in words how it differs from the region,
    `tone` ("better", "worse" or empty) colours it. `earlier` are the means of earlier rounds, oldest first. `heading`
    begins a group of rows. `second` is another number to compare with, a hollow dot.
    """

    label: str
    value: str
    axis: Axis = PERCENT
    note: str = ""
    mean: float | None = None
    interval: tuple[float, float] | None = None
    region: float | None = None
    region_interval: tuple[float, float] | None = None
    earlier: tuple[float, ...] = ()
    difference: str = ""
    tone: str = ""
    heading: str = ""
    second: float | None = None


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """Data of the interval chart and its legend texts; an empty text leaves that symbol out of the legend."""

    title: str
    description: str
    rows: tuple[IntervalRow, ...]
    own: str
    region: str = ""
    earlier: str = ""
    second: str = ""


def draw_intervals(chart: IntervalChart, width: Width) -> str:
    """Draw `chart` as SVG; the narrow one has each label above its row."""
    return _drawn(chart, width).svg(chart.title, chart.description)


def intervals_height(chart: IntervalChart, width: Width) -> float:
    """Return how many pixels high `chart` is drawn, without drawing it."""
    headings = sum(HEADING for row in chart.rows if row.heading)
    return _top(chart, width) + ROW[width] * len(chart.rows) + headings + 34


def _top(chart: IntervalChart, width: Width) -> float:
    return MARGIN + LEGEND * len(_legend_lines(chart, width)) + 14


def _drawn(chart: IntervalChart, width: Width) -> Canvas:
    top = _top(chart, width)
    canvas = Canvas(width, intervals_height(chart, width))
    _draw_legend(canvas, _legend_lines(chart, width))
    left, right = (LABELS, width - VALUES) if width is Width.WIDE else (MARGIN, width - MARGIN)
    _ticks(canvas, chart, (left, right), (top, canvas.height - 28))
    for row in chart.rows:
        if row.heading:
            canvas.text((MARGIN, top + HEADING / 2), row.heading, size=design_tokens.SMALL, bold=True)
            top += HEADING
        middle = top + ROW[width] / 2
        _words(canvas, row, width, middle)
        draw_interval_marks(canvas, row, (left, right), middle - 4 if width is Width.WIDE else middle + 10)
        top += ROW[width]
    return canvas


def _legend_lines(chart: IntervalChart, width: Width) -> list[list[tuple[str, str]]]:
    entries = [
        (kind, words) for kind, words in (("own", chart.own), ("region", chart.region), ("earlier", chart.earlier))
    ]
    shown = [(kind, words) for kind, words in entries if words]
    return [shown] if width is Width.WIDE else [[entry] for entry in shown]


def _draw_legend(canvas: Canvas, lines: list[list[tuple[str, str]]]) -> None:
    for number, line in enumerate(lines):
        height = MARGIN + LEGEND * (number + 0.5)
        across = MARGIN
        for kind, words in line:
            draw_legend_mark(canvas, kind, (across, height))
            canvas.text((across + 34, height), words, size=design_tokens.SMALL)
            across += 34 + len(words) * design_tokens.SMALL * 0.56 + 22


def draw_legend_mark(canvas: Canvas, kind: str, place: tuple[float, float]) -> None:
    """Draw the legend symbol of the cell itself ("own"), the region, the earlier rounds, or a second number.

    26 pixels wide.
    """
    across, height = place
    if kind == "own":
        canvas.line((across, height), (across + 26, height), colour=design_tokens.INTERVAL, width=9)
        canvas.dot((across + 13, height), 5.5, fill=design_tokens.OWN)
    elif kind == "region":
        canvas.box((across, height - 7), (26, 14), colour=design_tokens.BAND)
        canvas.line((across + 13, height - 9), (across + 13, height + 9), colour=design_tokens.INK, width=2)
    elif kind == "second":
        canvas.dot((across + 13, height), 5, fill=design_tokens.CARD, edge=design_tokens.OWN)
    else:
        canvas.path([(across + 2, height + 6), (across + 24, height - 6)], colour=design_tokens.OWN, width=1.4)
        canvas.dot((across + 2, height + 6), 2.5, fill=design_tokens.OWN)


def _ticks(canvas: Canvas, chart: IntervalChart, across: tuple[float, float], down: tuple[float, float]) -> None:
    axes = {row.axis for row in chart.rows}
    for part, anchor in TICKS:
        place = across[0] + part * (across[1] - across[0])
        canvas.line((place, down[0]), (place, down[1]), colour=design_tokens.LINE, width=0.8)
        if len(axes) == 1:
            (axis,) = axes
            canvas.text(
                (place, down[1] + 13),
                axis.format_value(axis.value_at(part)),
                size=design_tokens.SMALL,
                colour=design_tokens.MUTED,
                anchor=anchor,
            )


def _words(canvas: Canvas, row: IntervalRow, width: Width, middle: float) -> None:
    colour = TONES.get(row.tone, design_tokens.INK)
    if width is Width.NARROW:
        canvas.text((MARGIN, middle - 27), wrap_text(row.label, width - 2 * MARGIN, size=13, lines=1)[0], size=13)
        canvas.text((width - MARGIN, middle - 9), row.value, size=13, anchor="right", bold=True)
        note = row.difference or row.note
        note_colour = colour if row.difference else design_tokens.MUTED
        canvas.text((MARGIN, middle - 9), note, size=design_tokens.SMALL, colour=note_colour)
        return
    lift = 9 if row.note else 0
    for off, line in wrap_text_with_offsets(
        row.label, LABELS - MARGIN - 16, size=design_tokens.TEXT, lines=1 if row.note else 2, spacing=17
    ):
        canvas.text((MARGIN, middle + off - lift), line)
    canvas.text((MARGIN, middle + 10), row.note, size=design_tokens.SMALL, colour=design_tokens.MUTED)
    raised = 8 if row.difference else 0
    canvas.text((width - MARGIN, middle - raised), row.value, anchor="right", bold=True)
    canvas.text((width - MARGIN, middle + 10), row.difference, size=design_tokens.SMALL, colour=colour, anchor="right")


def draw_interval_marks(canvas: Canvas, row: IntervalRow, across: tuple[float, float], height: float) -> None:
    """Draw the region, the interval, the earlier rounds and the mean of a row, between the two places `across`."""

    def place(value: float) -> float:
        return across[0] + row.axis.share(value) * (across[1] - across[0])

    if row.region_interval is not None:
        low, high = (place(end) for end in row.region_interval)
        canvas.box((low, height - 12), (max(high - low, 5), 24), colour=design_tokens.BAND)
    if row.region is not None:
        canvas.line(
            (place(row.region), height - 12), (place(row.region), height + 12), colour=design_tokens.INK, width=2
        )
    if row.interval is not None:
        low, high = (place(end) for end in row.interval)
        canvas.line((low, height), (high, height), colour=design_tokens.INTERVAL, width=9)
    if row.second is not None:
        canvas.dot((place(row.second), height), 5, fill=design_tokens.CARD, edge=design_tokens.OWN)
    if row.mean is not None:
        _earlier_line(canvas, [place(mean) for mean in row.earlier], (place(row.mean), height))
        canvas.dot((place(row.mean), height), 5.5, fill=TONES.get(row.tone, design_tokens.OWN))


def _earlier_line(canvas: Canvas, earlier: list[float], newest: tuple[float, float]) -> None:
    """Draw the earlier rounds, oldest first, each a step below the next one, up to the newest."""
    if not earlier:
        return
    depths = [EARLIER_FIRST + EARLIER_STEP * step for step in range(len(earlier))][::-1]
    points = [(across, newest[1] + depth) for across, depth in zip(earlier, depths, strict=True)]
    canvas.path([*points, newest], colour=design_tokens.OWN, width=1.4)
    for point in points:
        canvas.dot(point, 2.5, fill=design_tokens.OWN)
