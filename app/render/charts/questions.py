"""Chart of single questions: question text, shares of the answers, and the mean with its interval.

Both halves are those of the other charts: bars of three classes, and dot and interval beside the region.
"""

from dataclasses import dataclass

from app.render import design_tokens
from app.render.charts.axis import Axis
from app.render.charts.canvas import LETTER, Canvas, wrap_text
from app.render.charts.intervals import IntervalRow, draw_interval_marks, draw_legend_mark
from app.render.charts.shares import ShareRow, bar_layout, draw_bar, draw_class_mark
from app.render.design_tokens import Width

MARGIN = 12.0
LINE = 19.0
NOTE = 17.0
STRIP = 42.0  # the height of a bar or of a track
AIR = 16.0
LEGEND = 22.0
MAX_LINES = 6
BARS = {Width.WIDE: (MARGIN, 372.0), Width.NARROW: (MARGIN, Width.NARROW - MARGIN)}
TRACK = {Width.WIDE: (404.0, 596.0), Width.NARROW: (MARGIN, 196.0)}
LEGEND_CLASSES = (0, 2)  # unfavourable and favourable; neutral is shown apart in grey
TICKS = ((0.0, "left"), (0.5, "center"), (1.0, "right"))


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question: its label, value and note stand in `mean`; without shares there is no bar."""

    mean: IntervalRow
    shares: ShareRow | None


@dataclass(frozen=True, slots=True)
class QuestionChart:
    """Data of the question chart and its legend texts; an empty text leaves that symbol out of the legend.

    The legend has three signs at most: the page says in a sentence what the dot and the grey part are.
    """

    title: str
    description: str
    rows: tuple[QuestionRow, ...]
    classes: tuple[str, str, str]
    region: str = ""


@dataclass(frozen=True, slots=True)
class LegendItem:
    """A symbol of the legend, a class by its number or a mark by its name, with its label and position."""

    kind: int | str
    label: str
    across: float
    line: int


def draw_questions(chart: QuestionChart, width: Width) -> str:
    """Draw `chart` as SVG; in the narrow one the bar stands above the interval."""
    top = _top(chart, width)
    canvas = Canvas(width, questions_height(chart, width))
    for entry in _legend(chart, width):
        _draw_entry(canvas, entry)
    for row in chart.rows:
        _draw_row(canvas, chart, row, width, top)
        top += _height(row, width)
    _numbers(canvas, chart, width)
    return canvas.svg(chart.title, chart.description)


def questions_height(chart: QuestionChart, width: Width) -> float:
    """Return how many pixels high `chart` is drawn, without drawing it."""
    return _top(chart, width) + sum(_height(row, width) for row in chart.rows) + 26


def _top(chart: QuestionChart, width: Width) -> float:
    legend = _legend(chart, width)
    lines = legend[-1].line + 1 if legend else 0
    return MARGIN + LEGEND * lines + AIR / 2


def _legend(chart: QuestionChart, width: Width) -> list[LegendItem]:
    """Return the legend; what does not fit on a line goes on a new one."""
    marks: list[tuple[int | str, str]] = []
    if any(row.shares for row in chart.rows):
        marks += [(kind, chart.classes[kind]) for kind in LEGEND_CLASSES]
    marks.append(("region", chart.region))
    placed: list[LegendItem] = []
    across = MARGIN
    line = 0
    for kind, words in marks:
        room = 34 + len(words) * design_tokens.SMALL * LETTER
        if across > MARGIN and across + room > width - MARGIN:
            across = MARGIN
            line = line + 1
        if words:
            placed.append(LegendItem(kind, words, across, line))
            across += room + 20
    return placed


def _draw_entry(canvas: Canvas, entry: LegendItem) -> None:
    place = entry.across, MARGIN + LEGEND * (entry.line + 0.5)
    if isinstance(entry.kind, int):
        draw_class_mark(canvas, entry.kind, place)
    else:
        draw_legend_mark(canvas, entry.kind, place)
    canvas.text((place[0] + 34, place[1]), entry.label, size=design_tokens.SMALL)


def _lines(row: QuestionRow, width: Width) -> list[str]:
    return wrap_text(row.mean.label, width - 2 * MARGIN, size=design_tokens.TEXT, lines=MAX_LINES)


def _height(row: QuestionRow, width: Width) -> float:
    strips = 2 if width is Width.NARROW and row.shares else 1
    return AIR + LINE * len(_lines(row, width)) + NOTE * bool(row.mean.note) + STRIP * strips


def _draw_row(canvas: Canvas, chart: QuestionChart, row: QuestionRow, width: Width, top: float) -> None:
    canvas.line((MARGIN, top), (width - MARGIN, top), colour=design_tokens.LINE, width=0.8)
    height = top + AIR
    for line in _lines(row, width):
        canvas.text((MARGIN, height), line)
        height += LINE
    if row.mean.note:
        canvas.text((MARGIN, height - 1), row.mean.note, size=design_tokens.SMALL, colour=design_tokens.MUTED)
        height += NOTE
    height += STRIP / 2 - AIR / 2
    if row.shares is not None:
        frame = bar_layout([row.shares for row in chart.rows if row.shares], *BARS[width])
        draw_bar(canvas, row.shares, frame, height)
        height += STRIP if width is Width.NARROW else 0
    _draw_mean(canvas, row.mean, width, height)


def _draw_mean(canvas: Canvas, row: IntervalRow, width: Width, height: float) -> None:
    left, right = TRACK[width]
    for share, _anchor in TICKS:
        place = left + share * (right - left)
        canvas.line((place, height - 13), (place, height + 13), colour=design_tokens.LINE, width=0.8)
    draw_interval_marks(canvas, row, (left, right), height)
    canvas.text((width - MARGIN, height), row.value, anchor="right", bold=True)


def _numbers(canvas: Canvas, chart: QuestionChart, width: Width) -> None:
    """Write the ends and the middle of the range below the last row, where all rows have one range."""
    axes: set[Axis] = {row.mean.axis for row in chart.rows}
    if len(axes) != 1:
        return
    (axis,) = axes
    (left, right) = TRACK[width]
    for share, anchor in TICKS:
        place = left + share * (right - left), canvas.height - 16
        canvas.text(
            place,
            axis.format_value(axis.value_at(share)),
            size=design_tokens.SMALL,
            colour=design_tokens.MUTED,
            anchor=anchor,
        )
