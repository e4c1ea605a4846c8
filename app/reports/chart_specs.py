"""Chart data of a report; the digest of a chart is its file name in the cache."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from app.core.publication import Cell, DisclosureState, Figure, Level, Publication
from app.render.charts.axis import Axis, axis_around
from app.render.charts.intervals import IntervalChart, IntervalRow, draw_intervals, intervals_height
from app.render.charts.plane import DemandControlChart, DemandControlPoint, demand_control_height, draw_demand_control
from app.render.charts.questions import QuestionChart, QuestionRow, draw_questions, questions_height
from app.render.charts.shares import ShareChart, ShareRow, draw_shares, shares_height
from app.render.charts.trends import TrendChart, TrendPanel, TrendPoint, draw_trends, trends_height
from app.render.design_tokens import Width
from app.reports import orientation, question_sentences, sentences, summaries
from app.reports.number_format import (
    decimal_mark,
    format_capped_share,
    format_mean_and_interval,
    format_month,
    shares_by_favourability,
)
from app.reports.questions import QuestionGroup
from app.reports.unit_report import CellReport, ReportRow

TREND_WINDOW = 0.4  # the least part of a scale's range that a trend panel shows
PLANE_WINDOW = 0.4  # the least part of a scale's range that an axis of the plane shows


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
    def wide_size(self) -> tuple[int, int]:
        """Width and height of the chart for a wide page, in pixels."""
        return self._size(Width.WIDE)

    @property
    def narrow_size(self) -> tuple[int, int]:
        """Width and height for a phone, in pixels."""
        return self._size(Width.NARROW)

    def _size(self, width: Width) -> tuple[int, int]:
        return int(width), round(self.height(self.chart, width))


def chart_specs(report: CellReport) -> tuple[ChartSpec, ...]:
    """Return the charts of a report with numbers, in reading order; charts without figures are left out."""
    result = (chart_spec(report, name) for name in CHARTS)
    return tuple(chart for chart in result if chart is not None)


def chart_spec(report: CellReport, name: str) -> ChartSpec | None:
    """Return one chart of a report by its name, without making the others; None without figures."""
    return CHARTS[name](report)


def dimension_chart_spec(report: CellReport, name: str, measure: str) -> ChartSpec | None:
    """Return the shares or the trend of one scale; None without figures. KeyError for another name."""
    alone = replace(report, rows=tuple(row for row in report.rows if row.measure.id == measure))
    return DIMENSION_CHARTS[name](alone)


def _axis(row: ReportRow) -> Axis:
    return Axis(row.measure.low, row.measure.high, decimal_mark())


def _intervals(report: CellReport) -> ChartSpec | None:
    rows = report.by_gap
    if not rows:
        return None
    is_region = report.cell.level is Level.REGION
    chart = IntervalChart(
        title=summaries.intervals_title(report),
        description=" ".join(sentences.scale_result_sentence(row) for row in rows),
        rows=_grouped_rows(rows),
        own=sentences.cell_legend_label(report),
        region="" if is_region else str(_("Region")),
        earlier=_earlier_label(rows),
    )
    return ChartSpec("dimensions", chart, draw_intervals, intervals_height)


def _grouped_rows(rows: Sequence[ReportRow]) -> tuple[IntervalRow, ...]:
    """Return the rows of the chart; those where low is good are a group with a heading of its own."""
    drawn = [_interval_row(row) for row in rows]
    first = next((place for place, row in enumerate(rows) if not row.high_is_good), None)
    if first is not None:
        drawn[first] = replace(drawn[first], heading=sentences.lower_better_heading())
    return tuple(drawn)


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
        earlier=_earlier_means(row),
        difference=sentences.difference_label(row),
        tone="better" if row.is_better else "worse" if row.is_worse else "",
    )


def _earlier_means(row: ReportRow) -> tuple[float, ...]:
    """Return the means of the earlier rounds that the newest continues without a break, oldest first."""
    means: list[float] = []
    for previous in reversed(row.earlier_rounds):
        if not previous.is_continued or previous.figure is None or previous.figure.mean is None:
            break
        means.insert(0, previous.figure.mean)
    return tuple(means)


def _earlier_label(rows: Sequence[ReportRow]) -> str:
    """Return the legend of the earlier rounds; empty if no row has a number of one."""
    oldest = min((row.earlier_rounds[-len(means)].at for row in rows if (means := _earlier_means(row))), default=None)
    return "" if oldest is None else str(_("Rounds since %(since)s", since=format_month(oldest)))


def question_group_chart_spec(group: QuestionGroup, report: CellReport) -> ChartSpec | None:
    """Return the chart of the questions of one scale; None without numbers."""
    if not group.shown_rows:
        return None
    rows = tuple(QuestionRow(_question_mean(row), _share_row(row)) for row in group.shown_rows)
    chart = QuestionChart(
        title=question_sentences.question_group_title(group, report),
        description=" ".join(map(question_sentences.question_chart_alt_text, group.shown_rows)),
        rows=rows,
        classes=_classes(),
        region="" if report.cell.level is Level.REGION else str(_("Region")),
    )
    return ChartSpec(group.slug, chart, draw_questions, questions_height)


def _question_mean(row: ReportRow) -> IntervalRow:
    """Return the row of a question: its difference stands beside its direction, and the table has earlier rounds."""
    drawn = _interval_row(row)
    note = " · ".join(text for text in (drawn.note, drawn.difference) if text)
    return replace(drawn, note=note, difference="", earlier=())


def _shares(report: CellReport) -> ChartSpec | None:
    rows = tuple(row for row in report.rows_with_numbers if row.figure.distribution is not None)
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
    parts = shares_by_favourability(row.figure.distribution, high_is_good=row.high_is_good)
    unfavourable, neutral, favourable = parts
    texts = format_capped_share(unfavourable), format_capped_share(neutral), format_capped_share(favourable)
    return ShareRow(row.title, unfavourable, neutral, favourable, texts)


def _trends(report: CellReport) -> ChartSpec | None:
    rows = tuple(row for row in report.rows_with_numbers if any(previous.figure for previous in row.earlier_rounds))
    if not rows:
        return None
    panels = tuple(
        TrendPanel(sentences.directed_title(row), sentences.trend_sentence(row), points, _trend_axis(row, points))
        for row, points in ((row, _points(report, row)) for row in rows)
    )
    message = " ".join(f"{panel.label}: {panel.change_text}" for panel in panels)
    return ChartSpec("trends", TrendChart(summaries.trends_title(report), message, panels), draw_trends, trends_height)


def _trend_axis(row: ReportRow, points: Sequence[TrendPoint]) -> Axis:
    """Return the window of a panel: at least 40 per cent of the range, around all means and intervals."""
    values = [value for point in points for value in (point.mean, *(point.interval or ())) if value is not None]
    return axis_around(_axis(row), values, least=TREND_WINDOW)


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
        continues = previous.is_continued
    newest = format_month(report.publication.round_opened_at)
    own = TrendPoint(newest, row.figure.mean, row.figure.interval_conditions, continues=continues)
    return (*points, own)


def _plane(report: CellReport) -> ChartSpec | None:
    publication = report.publication
    rows = {row.measure.id: row for row in report.rows}
    demands = rows.get(publication.demands or "")
    control = rows.get(publication.control or "")
    if demands is None or control is None:
        return None
    own = _plane_point(publication, report.cell, demands)
    if own is None:
        return None
    others = tuple(
        point
        for unit in publication.region.units
        if unit.id != report.cell.unit
        for point in [_plane_point_of_unit(publication, unit.id, demands)]
        if point is not None
    )
    cuts = _shown_cuts(publication, demands)
    chart = DemandControlChart(
        title=summaries.demand_control_chart_title(report),
        description=f"{sentences.scale_result_sentence(demands)} {sentences.scale_result_sentence(control)}",
        load=sentences.directed_title(demands),
        control=sentences.directed_title(control),
        corners=_corners(demands.high_is_good),
        own=own,
        own_name=report.name,
        # Ordered by position, so that the order does not identify units.
        others=tuple(sorted((DemandControlPoint(other.load, other.control) for other in others), key=_point_order)),
        others_name=_others_name(report),
        load_axis=_axis_of([cuts[0], own.load, *(own.load_interval or ()), *(one.load for one in others)], demands),
        control_axis=_axis_of(
            [cuts[1], own.control, *(own.control_interval or ()), *(one.control for one in others)], control
        ),
        cuts=cuts,
        is_strain_left=demands.high_is_good,
    )
    return ChartSpec("plane", chart, draw_demand_control, demand_control_height)


def _corners(load_is_good: bool) -> tuple[str, str, str, str]:
    """Return the words of the corners: upper left, upper right, lower left, lower right."""
    active = str(_("Active work"))
    low_strain = str(_("Low strain"))
    high_strain = str(_("High strain"))
    passive = str(_("Passive work"))
    if load_is_good:
        return active, low_strain, high_strain, passive
    return low_strain, active, passive, high_strain


def _shown_cuts(publication: Publication, demands: ReportRow) -> tuple[float, float]:
    load, control = publication.cuts if publication.cuts else (50.0, 50.0)
    return (orientation.reflect_number(load, demands.measure) if demands.is_turned else load), control


def _axis_of(values: Sequence[float], row: ReportRow) -> Axis:
    return axis_around(_axis(row), values, least=PLANE_WINDOW)


def _others_name(report: CellReport) -> str:
    if report.cell.level is Level.COMMUNITY:
        return str(_("The region's other communities, unnamed"))
    return str(_("The region's communities, unnamed"))


def _point_order(point: DemandControlPoint) -> tuple[float, float]:
    return point.load, point.control


def _plane_point(publication: Publication, cell: Cell, demands_row: ReportRow) -> DemandControlPoint | None:
    demands = _shown_mean(publication, cell, publication.demands)
    control = _shown_mean(publication, cell, publication.control)
    if demands is None or control is None:
        return None
    if demands_row.is_turned:
        demands = orientation.reflect_figure(demands, demands_row.measure)
    if demands.mean is None or control.mean is None:
        return None
    return DemandControlPoint(demands.mean, control.mean, demands.interval, control.interval)


def _plane_point_of_unit(publication: Publication, unit: str, demands_row: ReportRow) -> DemandControlPoint | None:
    """Return the point of another community; its means are in the header, so no part of it is read."""
    load = publication.mean_of(unit, demands_row.measure.id)
    control = publication.mean_of(unit, publication.control or "")
    if load is None or control is None:
        return None
    return DemandControlPoint(
        orientation.reflect_number(load, demands_row.measure) if demands_row.is_turned else load, control
    )


def _shown_mean(publication: Publication, cell: Cell, measure: str | None) -> Figure | None:
    figure = None if measure is None else publication.figure(cell, measure)
    return figure if figure is not None and figure.state is DisclosureState.SHOWN else None


CHARTS: dict[str, Callable[[CellReport], ChartSpec | None]] = {
    "dimensions": _intervals,
    "shares": _shares,
    "trends": _trends,
    "plane": _plane,
}
DIMENSION_CHARTS = {name: CHARTS[name] for name in ("shares", "trends")}
