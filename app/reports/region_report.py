"""Coordinator's report: heat table of dimensions by units, and funnel charts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import median

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.instruments import Instrument, Polarity
from app.core.languages import Language
from app.core.organisations import CommunityKind, ReportingUnit
from app.core.publication import (
    Cell,
    DisclosureState,
    Figure,
    Level,
    Measure,
    Participation,
    Placement,
    Publication,
    RegionComparisonOutcome,
    compare_measures_with_region,
    placement_chance,
)
from app.core.text import sort_key
from app.render.charts.axis import Axis
from app.render.charts.funnel import FunnelChart, FunnelPoint, draw_funnel, funnel_height, points_outside
from app.reports import number_format, orientation, placements
from app.reports.chart_specs import ChartSpec
from app.reports.same_kind import kind_title, published_kinds
from app.reports.unit_report import MAX_HIGHLIGHTS, ReportRow

Z = 1.959964
LARGE_DIFFERENCE_PERCENT = 10  # parts of a hundred of the range: from here on a difference is called large
MIN_FUNNEL_UNITS = 5
ROWS_ON_A_PAGE = 100  # of the heat table


class HeatTone(StrEnum):
    """Colour of a cell of the heat table, from its difference to the region."""

    WORSE_MUCH = "worse-much"
    WORSE = "worse"
    EVEN = "even"
    BETTER = "better"
    BETTER_MUCH = "better-much"
    PROBABLY_WORSE = "probably-worse"
    PROBABLY_BETTER = "probably-better"
    NONE = "none"


WEAKER_TONES = (HeatTone.WORSE, HeatTone.WORSE_MUCH)


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A cell of the heat table."""

    text: str
    tone: HeatTone


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A row (unit) of the heat table."""

    unit: ReportingUnit
    municipality: str
    participation: Participation | None
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class KindHeatRow:
    """The means of one kind of community, beside the rows of units."""

    title: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class HeatTable:
    """Dimensions by units, sorted by the shrinkage estimate of one dimension, without ranks.

    `kinds` are the means of the kinds of communities of which five or more are shown. `rows` are those of one page;
    pages are counted from 1.
    """

    columns: tuple[tuple[str, str], ...]
    sorted_by: str
    region: tuple[HeatCell, ...]
    rows: tuple[HeatRow, ...]
    no_differences: bool
    kinds: tuple[KindHeatRow, ...] = ()
    page: int = 1
    pages: int = 1


def heat_table(
    publication: Publication,
    *,
    instrument: Instrument,
    language: Language,
    by: str | None,
    municipalities: Sequence[str],
    page: int = 1,
    size: int | None = None,
) -> HeatTable:
    """Return a page of the heat table of the units in `municipalities`, least favourable in `by` first.

    A page has `size` rows; None for all on one page. Reads the parts of the units of this page only: the header has
    what units are put in order by.
    """
    scales = publication.scales
    measure = next((scale for scale in scales if scale.id == by), scales[0])
    names = {municipality.id: municipality.name for municipality in publication.region.municipalities}
    units = sorted(
        (unit for unit in publication.region.units if unit.municipality in set(municipalities)),
        key=lambda unit: (_order(publication, unit, measure), sort_key(unit.name)),
    )
    titles = orientation.scale_titles(instrument, language)
    quality = publication.quality_of(measure.id)
    size = size or max(1, len(units))
    pages = max(1, -(-len(units) // size))
    page = min(max(1, page), pages)
    units = units[(page - 1) * size : page * size]
    publication.prefetch(Cell(Level.COMMUNITY, unit.id) for unit in units)
    return HeatTable(
        columns=tuple((scale.id, _directed(titles[scale.id], scale, instrument)) for scale in scales),
        sorted_by=measure.id,
        region=tuple(_heat_cell(publication, publication.region_cell, scale, instrument) for scale in scales),
        rows=tuple(_row(publication, unit, names[unit.municipality], instrument) for unit in units),
        no_differences=quality is not None and quality.communities_differ is False,
        kinds=tuple(_kind_row(publication, kind, instrument) for kind in published_kinds(publication)),
        page=page,
        pages=pages,
    )


def _kind_row(publication: Publication, kind: CommunityKind, instrument: Instrument) -> KindHeatRow:
    """Return the means of a kind; never coloured, since the row is a part of the region and not a unit."""
    cells = []
    for scale in publication.scales:
        mean = publication.kind_mean(kind, scale.id)
        stored = None if mean is None else mean.as_figure(publication.region_cell)
        figure = orientation.orient_figure(stored, scale, instrument)
        shown = orientation.orient_measure(scale, instrument)
        text = "–" if figure is None else number_format.format_mean(figure, shown)
        cells.append(HeatCell(text, HeatTone.NONE))
    return KindHeatRow(kind_title(kind), tuple(cells))


def commonly_weaker_dimension_sentences(table: HeatTable) -> list[str]:
    """Return in which dimensions most communities are weaker than the region, at most two; none where none is.

    The table must have all rows on one page.
    """
    counts = [
        (sum(row.cells[place].tone in WEAKER_TONES for row in table.rows), title)
        for place, (_id, title) in enumerate(table.columns)
    ]
    most = sorted((count for count in counts if count[0]), key=lambda count: -count[0])[:MAX_HIGHLIGHTS]
    return [
        ngettext(
            "%(title)s: one of %(all)s communities is worse than the region.",
            "%(title)s: %(num)s of %(all)s communities are worse than the region.",
            count,
            title=title,
            all=len(table.rows),
        )
        for count, title in most
    ]


def _directed(title: str, measure: Measure, instrument: Instrument) -> str:
    """Return the name of a scale; where low is good, the name says so."""
    if orientation.orient_measure(measure, instrument).polarity is Polarity.HIGH_IS_GOOD:
        return title
    return str(_("%(title)s (low is good)", title=title))


def _row(publication: Publication, unit: ReportingUnit, municipality: str, instrument: Instrument) -> HeatRow:
    cell = Cell(Level.COMMUNITY, unit.id)
    comparisons = compare_measures_with_region(publication, cell)
    cells = tuple(
        _heat_cell(publication, cell, scale, instrument, comparisons.get(scale.id, RegionComparisonOutcome.UNKNOWN))
        for scale in publication.scales
    )
    return HeatRow(unit, municipality, publication.participation_of(cell), cells)


def _order(publication: Publication, unit: ReportingUnit, measure: Measure) -> tuple[int, float]:
    estimate = publication.sort_estimate_of(unit.id, measure.id)
    if estimate is None:
        return 1, 0.0
    # A scale that is shown turned has the same order: its numbers and its polarity are turned together.
    return 0, estimate if measure.polarity is Polarity.HIGH_IS_GOOD else -estimate


def _heat_cell(
    publication: Publication,
    cell: Cell,
    measure: Measure,
    instrument: Instrument,
    against: RegionComparisonOutcome = RegionComparisonOutcome.UNKNOWN,
) -> HeatCell:
    stored = publication.figure(cell, measure.id)
    figure = orientation.orient_figure(stored, measure, instrument)
    if stored is None or figure is None or figure.state is DisclosureState.WITHHELD:
        return HeatCell(str(_("withheld")), HeatTone.NONE)
    shown = orientation.orient_measure(measure, instrument)
    if figure.state is DisclosureState.PLACEMENT:
        chance = placement_chance(publication, stored)
        good = shown.polarity is Polarity.HIGH_IS_GOOD
        text = placements.better_or_weaker_label(figure.placement, chance, high_is_good=good)
        return HeatCell(text, _placement_tone(figure, shown, chance))
    region = orientation.orient_figure(publication.figure(publication.region_cell, measure.id), measure, instrument)
    if orientation.is_measure_turned(measure, instrument):
        against = orientation.reflect_comparison(against)
    return HeatCell(number_format.format_mean(figure, shown), heat_tone(figure, region, shown, against))


def placement_tone(row: ReportRow) -> str:
    """Return the tone of a small community's placement in one row."""
    return _placement_tone(row.figure, row.measure, row.placement_chance).value


def _placement_tone(figure: Figure, measure: Measure, chance: float | None) -> HeatTone:
    """Return the pale tone of a small community: a placement says on which side it probably is, and no more."""
    side = placements.treat_even_chance_as_same(figure.placement, chance)
    if side in (None, Placement.SAME):
        return HeatTone.NONE
    better = (side is Placement.ABOVE) == (measure.polarity is Polarity.HIGH_IS_GOOD)
    return HeatTone.PROBABLY_BETTER if better else HeatTone.PROBABLY_WORSE


def heat_tone(figure: Figure, region: Figure | None, measure: Measure, against: RegionComparisonOutcome) -> HeatTone:
    """Return the tone; coloured only if the unit's own page reports a difference."""
    if (
        against in (RegionComparisonOutcome.UNKNOWN, RegionComparisonOutcome.NO_DIFFERENCE)
        or region is None
        or figure.mean is None
    ):
        return HeatTone.EVEN
    if region.mean is None:
        return HeatTone.EVEN
    better = (against is RegionComparisonOutcome.HIGHER) == (measure.polarity is Polarity.HIGH_IS_GOOD)
    much = abs(figure.mean - region.mean) >= LARGE_DIFFERENCE_PERCENT * (measure.high - measure.low) / 100
    if better:
        return HeatTone.BETTER_MUCH if much else HeatTone.BETTER
    return HeatTone.WORSE_MUCH if much else HeatTone.WORSE


def funnel_chart_spec(
    publication: Publication, *, instrument: Instrument, language: Language, by: str
) -> ChartSpec | None:
    """Return the funnel chart of one dimension over all units with numbers; None for fewer than five.

    Numbers of answers are published in bands, so each unit is drawn at the midpoint of its band; the spread of single
    answers is the median implied by the published intervals.
    """
    stored = publication.measure(by)
    measure = orientation.orient_measure(stored, instrument)
    region = orientation.orient_figure(publication.figure(publication.region_cell, by), stored, instrument)
    shown = tuple(
        (unit, orientation.reflect_figure(figure, stored), answers)
        if orientation.is_measure_turned(stored, instrument)
        else (unit, figure, answers)
        for unit, figure, answers in _shown(publication, by)
    )
    if len(shown) < MIN_FUNNEL_UNITS or region is None or region.mean is None:
        return None
    points = tuple(FunnelPoint(answers, figure.mean or 0.0, unit.name) for unit, figure, answers in shown)
    spreads = [_spread(figure, answers) for _unit, figure, answers in shown]
    title = _directed(orientation.scale_title(instrument.scale(by), instrument, language), stored, instrument)
    known_spreads = [spread for spread in spreads if spread is not None]
    if not known_spreads:
        return None
    chart = FunnelChart(
        title="",
        description="",
        points=points,
        mean=region.mean,
        deviation=median(known_spreads),
        answers=str(_("Answers")),
        score=title,
        axis=_axis_around(measure, [point.mean for point in points]),
    )
    named = [point.name for point in points_outside(chart)]
    return ChartSpec("funnel", _with_texts(chart, named, len(points)), draw_funnel, funnel_height)


def _with_texts(chart: FunnelChart, named: Sequence[str], count: int) -> FunnelChart:
    values = {"title": chart.score, "count": count}
    title = (
        ngettext(
            "%(title)s: one of %(count)s communities lies outside the funnel",
            "%(title)s: %(num)s of %(count)s communities lie outside the funnel",
            len(named),
            **values,
        )
        if named
        else _("%(title)s: no community lies outside the funnel", **values)
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


def _axis_around(measure: Measure, means: Sequence[float]) -> Axis:
    """Return a part of the range with all means and a margin: a funnel compares units."""
    step = (measure.high - measure.low) / 20
    low = max(measure.low, (min(means) - 2 * step) // (2 * step) * 2 * step)
    quarters = -(-(max(means) + 2 * step - low) // (4 * step))
    high = min(measure.high, low + quarters * 4 * step)
    return Axis(low, high, number_format.decimal_mark())
