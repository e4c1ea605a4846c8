"""The coordinator's readings: dimensions by units, the funnel, and how good the figures are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import median

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.instruments import Instrument, Polarity
from app.core.languages import Language
from app.core.organisations import ReportingUnit
from app.core.publication import (
    Cell,
    DisclosureState,
    Figure,
    Level,
    Measure,
    Participation,
    Publication,
    RegionComparison,
    compare_with_region,
    placement_chance,
)
from app.core.text import sort_key
from app.render.charts.axis import Axis
from app.render.charts.funnel import FunnelChart, FunnelPoint, draw_funnel, funnel_height, points_outside
from app.services.results import number_format, placements
from app.services.results.chart_specs import ChartSpec

Z = 1.959964
STRONG = 10  # parts of a hundred of the range: from here on a difference is called large
FEWEST_FOR_FUNNEL = 5


class HeatTone(StrEnum):
    """How a cell of the heat table is coloured: only what its interval tells from the region."""

    WORSE_MUCH = "worse-much"
    WORSE = "worse"
    EVEN = "even"
    BETTER = "better"
    BETTER_MUCH = "better-much"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One cell of the heat table: the words in it, and its tone."""

    words: str
    tone: HeatTone


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One unit of the heat table."""

    unit: ReportingUnit
    municipality: str
    participation: Participation | None
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class HeatTable:
    """Dimensions by units, sorted by the shrunken estimate of one dimension; there are no ranks."""

    columns: tuple[tuple[str, str], ...]
    by: str
    region: tuple[HeatCell, ...]
    rows: tuple[HeatRow, ...]
    alike: bool


def heat_table(
    publication: Publication,
    *,
    instrument: Instrument,
    language: Language,
    by: str | None,
    municipalities: Sequence[str],
) -> HeatTable:
    """Return the heat table of the units in `municipalities`, those that stand worst by `by` first."""
    scales = publication.scales
    measure = next((scale for scale in scales if scale.id == by), scales[0])
    names = {municipality.id: municipality.name for municipality in publication.region.municipalities}
    units = sorted(
        (unit for unit in publication.region.units if unit.municipality in set(municipalities)),
        key=lambda unit: (_order(publication, unit, measure), sort_key(unit.name)),
    )
    titles = {scale.id: scale.title.read(language) for scale in instrument.scales}
    quality = publication.quality_of(measure.id)
    return HeatTable(
        columns=tuple((scale.id, titles[scale.id]) for scale in scales),
        by=measure.id,
        region=tuple(_heat(publication, publication.region_cell, scale) for scale in scales),
        rows=tuple(_row(publication, unit, names[unit.municipality]) for unit in units),
        alike=quality is not None and quality.communities_differ is False,
    )


def _row(publication: Publication, unit: ReportingUnit, municipality: str) -> HeatRow:
    cell = Cell(Level.COMMUNITY, unit.id)
    beside = compare_with_region(publication, cell)
    cells = tuple(
        _heat(publication, cell, scale, beside.get(scale.id, RegionComparison.UNKNOWN)) for scale in publication.scales
    )
    return HeatRow(unit, municipality, publication.participation_of(cell), cells)


def _order(publication: Publication, unit: ReportingUnit, measure: Measure) -> tuple[int, float]:
    figure = publication.figure(Cell(Level.COMMUNITY, unit.id), measure.id)
    if figure is None or figure.state is not DisclosureState.SHOWN:
        return 1, 0.0
    estimate = figure.shrunken if figure.shrunken is not None else figure.mean
    if estimate is None:
        return 1, 0.0
    return 0, estimate if measure.polarity is Polarity.HIGH_IS_GOOD else -estimate


def _heat(
    publication: Publication, cell: Cell, measure: Measure, against: RegionComparison = RegionComparison.UNKNOWN
) -> HeatCell:
    figure = publication.figure(cell, measure.id)
    if figure is None or figure.state is DisclosureState.WITHHELD:
        return HeatCell(str(_("withheld")), HeatTone.NONE)
    if figure.state is DisclosureState.PLACEMENT:
        return HeatCell(placements.short(figure.placement, placement_chance(publication, figure)), HeatTone.NONE)
    region = publication.figure(publication.region_cell, measure.id)
    return HeatCell(number_format.format_mean(figure, measure), _tone(figure, region, measure, against))


def _tone(figure: Figure, region: Figure | None, measure: Measure, against: RegionComparison) -> HeatTone:
    """Colour only what the community's own page calls a difference."""
    if against in (RegionComparison.UNKNOWN, RegionComparison.NO_DIFFERENCE) or region is None or figure.mean is None:
        return HeatTone.EVEN
    if region.mean is None:
        return HeatTone.EVEN
    better = (against is RegionComparison.HIGHER) == (measure.polarity is Polarity.HIGH_IS_GOOD)
    much = abs(figure.mean - region.mean) >= STRONG * (measure.high - measure.low) / 100
    if better:
        return HeatTone.BETTER_MUCH if much else HeatTone.BETTER
    return HeatTone.WORSE_MUCH if much else HeatTone.WORSE


def funnel_chart(publication: Publication, *, instrument: Instrument, language: Language, by: str) -> ChartSpec | None:
    """Return the funnel of one dimension over all units with numbers; None where they are fewer than five.

    Answers are known in bands only, so each unit stands at the middle of its band; the spread of single
    answers is the median of what the units' printed intervals imply.
    """
    measure = publication.measure(by)
    region = publication.figure(publication.region_cell, by)
    shown = tuple(_shown(publication, by))
    if len(shown) < FEWEST_FOR_FUNNEL or region is None or region.mean is None:
        return None
    points = tuple(FunnelPoint(answers, figure.mean or 0.0, unit.name) for unit, figure, answers in shown)
    spreads = [_spread(figure, answers) for _unit, figure, answers in shown]
    title = instrument.scale(by).title.read(language)
    known = [spread for spread in spreads if spread is not None]
    if not known:
        return None
    chart = FunnelChart(
        title="",
        description="",
        points=points,
        mean=region.mean,
        deviation=median(known),
        answers=str(_("Answers")),
        score=title,
        axis=_window(measure, [point.mean for point in points]),
    )
    named = [point.name for point in points_outside(chart)]
    return ChartSpec("funnel", _with_words(chart, named, len(points)), draw_funnel, funnel_height)


def _with_words(chart: FunnelChart, named: Sequence[str], count: int) -> FunnelChart:
    told = {"title": chart.score, "count": count}
    title = (
        ngettext(
            "%(title)s: one of %(count)s communities lies outside the funnel",
            "%(title)s: %(num)s of %(count)s communities lie outside the funnel",
            len(named),
            **told,
        )
        if named
        else _("%(title)s: no community lies outside the funnel", **told)
    )
    description = ", ".join(named) or str(_("All lie within the funnel."))
    return FunnelChart(
        str(title), description, chart.points, chart.mean, chart.deviation, chart.answers, chart.score, chart.axis
    )


def _shown(publication: Publication, by: str) -> Iterable[tuple[ReportingUnit, Figure, float]]:
    for unit in publication.region.units:
        cell = Cell(Level.COMMUNITY, unit.id)
        figure = publication.figure(cell, by)
        part = publication.participation_of(cell)
        if figure is None or figure.state is not DisclosureState.SHOWN or figure.mean is None:
            continue
        if not figure.capped and part and part.answers_band:
            low, _dash, high = part.answers_band.partition("-")
            yield unit, figure, (float(low) + float(high or low)) / 2


def _spread(figure: Figure, answers: float) -> float | None:
    interval = figure.interval_conditions
    return None if interval is None else (interval[1] - interval[0]) / 2 * sqrt(answers) / Z


def _window(measure: Measure, means: Sequence[float]) -> Axis:
    """Return a part of the range that holds every mean with room about it: a funnel compares, it does not measure."""
    step = (measure.high - measure.low) / 20
    low = max(measure.low, (min(means) - 2 * step) // (2 * step) * 2 * step)
    quarters = -(-(max(means) + 2 * step - low) // (4 * step))
    high = min(measure.high, low + quarters * 4 * step)
    return Axis(low, high)
