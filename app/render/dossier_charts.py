"""The charts of the dossier: what the region says, what seats it would take, how evenly the need is spread."""

from app.core.matching.dossier import DimensionLine
from app.render.charts.axis import Axis
from app.render.charts.intervals import IntervalChart, IntervalRow, draw_intervals
from app.render.design_tokens import Width
from app.render.dossier_tables import NONE, DossierFormatter

Drawn = tuple[str, str]


def means_chart(tell: DossierFormatter) -> Drawn:
    """Draw the region's means with their intervals."""
    rows = tuple(
        IntervalRow(
            label=tell.name(line.dimension),
            value=_told(tell, line),
            axis=Axis(line.measure.low, line.measure.high),
            note=f"{tell('good').lower()}: {tell.direction(line)}",
            mean=line.figure.mean if line.figure else None,
            interval=line.figure.interval if line.figure else None,
        )
        for line in tell.dossier.dimensions
    )
    return _drawn(tell, "picture_means", rows, own=tell("whole_region"))


def seats_chart(tell: DossierFormatter) -> Drawn:
    """Draw the seats it would take, with an interval, beside those offered."""
    lines = tell.dossier.dimensions
    axis = Axis(0.0, _round_up(max([1.0, *(max(line.interval[1], line.offered) for line in lines)])))
    rows = tuple(
        IntervalRow(
            label=tell.name(line.dimension),
            value=f"{tell.number(line.forecast)} / {tell.number(line.offered)}",
            axis=axis,
            mean=line.forecast,
            interval=line.interval,
            last=float(line.offered),
        )
        for line in lines
    )
    return _drawn(tell, "picture_seats", rows, own=tell("needed"), last=tell("offered"))


def equity_chart(tell: DossierFormatter) -> Drawn:
    """Draw the share of staff in need, municipality by municipality."""
    rows = tuple(
        IntervalRow(
            label=one.name,
            value=f"{tell.number(100 * one.staff_in_need / one.staff)} %" if one.staff else NONE,
            note=tell.name(one.greatest) if one.greatest else "",
            mean=100 * one.staff_in_need / one.staff if one.staff else None,
        )
        for one in tell.dossier.municipalities
    )
    return _drawn(tell, "picture_equity", rows, own=tell("in_need"))


def _drawn(tell: DossierFormatter, title: str, rows: tuple[IntervalRow, ...], *, own: str, last: str = "") -> Drawn:
    described = ". ".join(f"{row.label}: {row.value}" for row in rows)
    chart = IntervalChart(title=tell(title), description=described, rows=rows, own=own, last=last)
    return draw_intervals(chart, Width.WIDE), f"{chart.title}. {described}"


def _told(tell: DossierFormatter, line: DimensionLine) -> str:
    if line.figure is None or line.figure.mean is None:
        return NONE
    return f"{tell.mean(line.figure)} ({tell.span(line.figure.interval)})"


def _round_up(number: float) -> float:
    step = 10 ** max(0, len(str(int(number))) - 1)
    return float(-(-number // step) * step)
