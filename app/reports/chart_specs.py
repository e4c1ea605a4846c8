"""Charts of a report; the digest of a chart is its file name in the cache."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.publication import Cell, DisclosureState, Level
from app.render.charts.axis import Axis
from app.render.charts.intervals import IntervalChart, IntervalRow, draw_intervals, intervals_height
from app.render.charts.plane import PlaneChart, PlanePoint, draw_plane, plane_height
from app.render.charts.questions import QuestionChart, QuestionRow, draw_questions, questions_height
from app.render.charts.shares import ShareChart, ShareRow, draw_shares, shares_height
from app.render.charts.trends import TrendChart, TrendPanel, TrendPoint, draw_trends, trends_height
from app.render.design_tokens import Width
from app.reports import question_sentences, sentences, summaries
from app.reports.number_format import format_mean_and_interval, format_month, format_share, oriented_shares
from app.reports.questions import QuestionGroup
from app.reports.unit_report import CellReport, ReportRow


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """A chart with its drawing and height functions; `name` is part of its URL."""

    name: str
    chart: Any
    draw: Callable[[Any, Width], str]
    height: Callable[[Any, Width], float]

    @property
    def title(self) -> str:
        """The chart's title sentence."""
        return str(self.chart.title)

    @property
    def description(self) -> str:
        """The text alternative of the chart."""
        return str(self.chart.description)

    @property
    def wide(self) -> tuple[int, int]:
        """Width and height for a page, in pixels."""
        return self._size(Width.WIDE)

    @property
    def narrow(self) -> tuple[int, int]:
        """Width and height for a phone, in pixels."""
        return self._size(Width.NARROW)

    def _size(self, width: Width) -> tuple[int, int]:
        return int(width), round(self.height(self.chart, width))


def chart_specs(report: CellReport) -> tuple[ChartSpec, ...]:
    """Return the charts of a report with numbers, in reading order; charts without figures are left out."""
    result = (_intervals(report), _shares(report), _trends(report), _plane(report))
    return tuple(chart for chart in result if chart is not None)


def _axis(row: ReportRow) -> Axis:
    return Axis(row.measure.low, row.measure.high)


def _intervals(report: CellReport) -> ChartSpec | None:
    if not report.shown:
        return None
    is_region = report.cell.level is Level.REGION
    chart = IntervalChart(
        title=summaries.intervals_title(report),
        description=" ".join(sentences.scale_sentence(row) for row in report.shown),
        rows=tuple(map(_interval_row, report.shown)),
        own=sentences.own_label(report),
        region="" if is_region else str(_("Region")),
        last=_last(report, report.shown),
    )
    return ChartSpec("dimensions", chart, draw_intervals, intervals_height)


def _interval_row(row: ReportRow) -> IntervalRow:
    return IntervalRow(
        label=row.title,
        value=format_mean_and_interval(row.figure, row.measure),
        axis=_axis(row),
        note=sentences.direction_sentence(row),
        mean=row.figure.mean,
        interval=row.figure.interval,
        region=row.region.mean if row.region else None,
        region_interval=row.region.interval if row.region else None,
        last=row.last.mean if row.last else None,
    )


def _last(report: CellReport, rows: tuple[ReportRow, ...]) -> str:
    """Return the legend of the previous round; empty if no row has a number of it."""
    return format_month(report.last_at) if report.last_at and any(row.last for row in rows) else ""


def question_chart(group: QuestionGroup, report: CellReport) -> ChartSpec | None:
    """Return the chart of the questions of one scale; None without numbers."""
    if not group.shown:
        return None
    rows = tuple(QuestionRow(_interval_row(row), _share_row(row)) for row in group.shown)
    chart = QuestionChart(
        title=question_sentences.group_title(group, report),
        description=" ".join(map(question_sentences.question_text, group.shown)),
        rows=rows,
        classes=_classes(),
        own=sentences.own_label(report),
        region="" if report.cell.level is Level.REGION else str(_("Region")),
        last=_last(report, group.shown),
    )
    return ChartSpec(group.slug, chart, draw_questions, questions_height)


def _shares(report: CellReport) -> ChartSpec | None:
    rows = tuple(row for row in report.shown if row.figure.distribution is not None)
    if not rows:
        return None
    classes = _classes()
    drawn = tuple(share_row for share_row in map(_share_row, rows) if share_row is not None)
    descriptions = [
        f"{row.label}: " + ", ".join(f"{name} {text}" for name, text in _named(classes, row)) for row in drawn
    ]
    title = summaries.shares_title(rows)
    return ChartSpec("shares", ShareChart(title, ". ".join(descriptions), drawn, classes), draw_shares, shares_height)


def _classes() -> tuple[str, str, str]:
    return str(_("Unfavourable")), str(_("Neutral")), str(_("Favourable"))


def _named(classes: tuple[str, str, str], row: ShareRow) -> list[tuple[str, str]]:
    return [(name.lower(), text) for name, text in zip(classes, row.words, strict=True)]


def _share_row(row: ReportRow) -> ShareRow | None:
    if row.figure.distribution is None:
        return None
    parts = oriented_shares(row.figure.distribution, high_is_good=row.high_is_good)
    unfavourable, neutral, favourable = parts
    texts = format_share(unfavourable), format_share(neutral), format_share(favourable)
    return ShareRow(row.title, unfavourable, neutral, favourable, texts)


def _trends(report: CellReport) -> ChartSpec | None:
    rows = tuple(row for row in report.shown if any(previous.figure for previous in row.earlier_rounds))
    if not rows:
        return None
    panels = tuple(
        TrendPanel(row.title, sentences.trend_sentence(row), _points(report, row), _axis(row)) for row in rows
    )
    message = " ".join(f"{panel.label}: {panel.change_text}" for panel in panels)
    return ChartSpec("trends", TrendChart(summaries.trends_title(report), message, panels), draw_trends, trends_height)


def _points(report: CellReport, row: ReportRow) -> tuple[TrendPoint, ...]:
    points = []
    continues = True
    for previous in row.earlier_rounds:
        figure = previous.figure
        points.append(
            TrendPoint(
                format_month(previous.at),
                figure.mean if figure else None,
                figure.interval_conditions if figure else None,
                continues=continues,
            )
        )
        continues = previous.continued
    newest = format_month(report.publication.asked_at)
    own = TrendPoint(newest, row.figure.mean, row.figure.interval_conditions, continues=continues)
    return (*points, own)


def _plane(report: CellReport) -> ChartSpec | None:
    publication = report.publication
    own = _plane_point(report, report.cell)
    if own is None or publication.demands is None or publication.control is None:
        return None
    titles = {row.measure.id: row for row in report.rows}
    demands = titles[publication.demands]
    control = titles[publication.control]
    others = tuple(
        point
        for unit in publication.region.units
        if unit.id != report.cell.unit
        for point in [_plane_point(report, Cell(Level.COMMUNITY, unit.id))]
        if point is not None
    )
    chart = PlaneChart(
        title=summaries.plane_title(report),
        description=f"{sentences.scale_sentence(demands)} {sentences.scale_sentence(control)}",
        demands=demands.title,
        control=control.title,
        corners=(str(_("High strain")), str(_("Active work")), str(_("Passive work")), str(_("Low strain"))),
        own=own,
        own_name=report.name,
        # Ordered by position, so that the order does not identify units.
        others=tuple(sorted((PlanePoint(other.demands, other.control) for other in others), key=_point_order)),
        others_name=_others_name(report),
        axis=_axis(demands),
        cut=publication.cuts[0] if publication.cuts else 50.0,
    )
    return ChartSpec("plane", chart, draw_plane, plane_height)


def _others_name(report: CellReport) -> str:
    if report.cell.level is Level.COMMUNITY:
        return str(_("The region's other communities, unnamed"))
    return str(_("The region's communities, unnamed"))


def _point_order(point: PlanePoint) -> tuple[float, float]:
    return point.demands, point.control


def _plane_point(report: CellReport, cell: Cell) -> PlanePoint | None:
    publication = report.publication
    if publication.demands is None or publication.control is None:
        return None
    demands = publication.figure(cell, publication.demands)
    control = publication.figure(cell, publication.control)
    if (
        demands is None
        or control is None
        or demands.state is not DisclosureState.SHOWN
        or control.state is not DisclosureState.SHOWN
    ):
        return None
    if demands.mean is None or control.mean is None:
        return None
    return PlanePoint(demands.mean, control.mean, demands.interval, control.interval)
