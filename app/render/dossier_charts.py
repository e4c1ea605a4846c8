"""Charts of the dossier: the region's results, the seats needed, and the distribution of need."""

from app.core.matching.dossier import DimensionLine
from app.render.charts.axis import Axis
from app.render.charts.intervals import IntervalChart, IntervalRow, draw_intervals
from app.render.design_tokens import Width
from app.render.dossier_tables import HUNDRED, NONE, DossierFormatter

Drawn = tuple[str, str]


def region_means_chart_with_alt_text(dossier_formatter: DossierFormatter) -> Drawn:
    """Return the SVG and the text alternative of the chart of the region's means with their intervals."""
    rows = tuple(
        IntervalRow(
            label=dossier_formatter.dimension_name(line.dimension),
            value=_mean_with_interval(dossier_formatter, line),
            axis=Axis(line.measure.low, line.measure.high),
            note=f"{dossier_formatter('good').lower()}: {dossier_formatter.good_direction(line)}",
            mean=line.figure.mean if line.figure else None,
            interval=line.figure.interval if line.figure else None,
        )
        for line in dossier_formatter.dossier.dimensions
    )
    return _drawn(dossier_formatter, "picture_means", rows, own=dossier_formatter("whole_region"))


def seats_needed_chart_with_alt_text(dossier_formatter: DossierFormatter) -> Drawn:
    """Return the SVG and the text alternative of the chart of seats needed, with an interval, and seats offered."""
    lines = dossier_formatter.dossier.dimensions
    axis = Axis(0.0, _round_up(max([1.0, *(max(line.interval[1], line.offered) for line in lines)])))
    rows = tuple(
        IntervalRow(
            label=dossier_formatter.dimension_name(line.dimension),
            value=f"{dossier_formatter.number(line.forecast)} / {dossier_formatter.number(line.offered)}",
            axis=axis,
            mean=line.forecast,
            interval=line.interval,
            second=float(line.offered),
        )
        for line in lines
    )
    return _drawn(
        dossier_formatter, "picture_seats", rows, own=dossier_formatter("needed"), second=dossier_formatter("offered")
    )


def municipality_greatest_need_chart_with_alt_text(dossier_formatter: DossierFormatter) -> Drawn:
    """Draw the greatest need of each municipality, 100 being the mean of the region."""
    municipalities = dossier_formatter.dossier.municipalities
    axis = Axis(0.0, _round_up(max([HUNDRED, *(HUNDRED * municipality.need for municipality in municipalities)])))
    rows = tuple(
        IntervalRow(
            label=municipality.name,
            value=dossier_formatter.number(HUNDRED * municipality.need) if municipality.staff else NONE,
            axis=axis,
            note=dossier_formatter.dimension_name(municipality.greatest) if municipality.greatest else "",
            mean=HUNDRED * municipality.need if municipality.staff else None,
        )
        for municipality in municipalities
    )
    return _drawn(dossier_formatter, "picture_equity", rows, own=dossier_formatter("need"))


def _drawn(
    dossier_formatter: DossierFormatter, title: str, rows: tuple[IntervalRow, ...], *, own: str, second: str = ""
) -> Drawn:
    described = ". ".join(f"{row.label}: {row.value}" for row in rows)
    chart = IntervalChart(title=dossier_formatter(title), description=described, rows=rows, own=own, second=second)
    return draw_intervals(chart, Width.WIDE), f"{chart.title}. {described}"


def _mean_with_interval(dossier_formatter: DossierFormatter, line: DimensionLine) -> str:
    if line.figure is None or line.figure.mean is None:
        return NONE
    return f"{dossier_formatter.mean(line.figure)} ({dossier_formatter.interval(line.figure.interval)})"


def _round_up(number: float) -> float:
    step = 10 ** max(0, len(str(int(number))) - 1)
    return float(-(-number // step) * step)
