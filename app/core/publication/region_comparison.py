"""Compare the means of a cell with the region or its kind, corrected for multiple comparisons."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np

from app.core.organisations import ReportingUnit
from app.core.publication.figures import Cell, DisclosureState, Figure, Level, MeasureKind
from app.core.publication.publication import Publication
from app.core.stats.change import p_of_interval
from app.core.stats.comparisons import benjamini_hochberg

ALLOWED_FALSE = 0.05


class RegionComparisonOutcome(StrEnum):
    """How a mean compares with the region's; the interval decides, never the mean alone."""

    HIGHER = "higher"
    LOWER = "lower"
    NO_DIFFERENCE = "no_difference"
    UNKNOWN = "unknown"


def compare_measures_with_region(
    publication: Publication, cell: Cell, kind: MeasureKind = MeasureKind.SCALE
) -> dict[str, RegionComparisonOutcome]:
    """Compare every scale (or item) in a cell with the region; UNKNOWN for the region itself.

    The scales of one cell are tested together, and so are its items: a difference is reported only if it holds
    among all of them (Benjamini-Hochberg at 5 per cent). p is recovered from the published interval without finite
    population correction, since whether conditions differ does not depend on who happened to answer. It uses the t
    distribution with the lowest degrees of freedom that the answer band allows: the normal distribution reported
    differences in 6.5 per cent of cells with ten answers where there was none. The region's mean is treated as
    exact. Capped means and means without interval are UNKNOWN.
    """
    is_item = kind is MeasureKind.ITEM
    figures = publication.item_figures_in(cell) if is_item else publication.scale_figures_in(cell)
    if cell == publication.region_cell:
        return dict.fromkeys((figure.measure for figure in figures), RegionComparisonOutcome.UNKNOWN)
    return _compare(publication, figures, {figure.measure: _region(publication, figure) for figure in figures})


def compare_scales_with_kind_mean(publication: Publication, unit: ReportingUnit) -> dict[str, RegionComparisonOutcome]:
    """Compare every scale of a unit with the mean of its kind; UNKNOWN where that is not published.

    Tested as `compare_measures_with_region`, with the mean of the kind treated as exact. The unit is a part of that
    mean. With w its share of the answers, unit - kind = (1 - w) (unit - others), and the test divides by the unit's own
    standard error s instead of (1 - w) s / sqrt(1 - w): it reports fewer differences than 5 per cent, never more.
    """
    figures = publication.scale_figures_in(Cell(Level.COMMUNITY, unit.id))
    means = {figure.measure: publication.kind_mean(unit.kind, figure.measure) for figure in figures}
    return _compare(
        publication,
        figures,
        {measure: None if mean is None else mean.as_figure(publication.region_cell) for measure, mean in means.items()},
    )


def _compare(
    publication: Publication, figures: Sequence[Figure], references: Mapping[str, Figure | None]
) -> dict[str, RegionComparisonOutcome]:
    """Compare figures of one cell with a reference each; together, with Benjamini-Hochberg at 5 per cent."""
    result = dict.fromkeys((figure.measure for figure in figures), RegionComparisonOutcome.UNKNOWN)
    distances = {
        figure.measure: _distance(figure, references[figure.measure], _unit(publication, figure)) for figure in figures
    }
    tested = {measure: item for measure, item in distances.items() if item is not None}
    degrees = {figure.measure: _degrees(publication, figure) for figure in figures}
    chances = benjamini_hochberg(
        np.array([p_of_interval(*item, degrees=degrees[measure]) for measure, item in tested.items()])
    )
    for (measure, (difference, interval)), chance in zip(tested.items(), chances, strict=True):
        apart = (interval[0] > 0 or interval[1] < 0) and chance <= ALLOWED_FALSE
        side = RegionComparisonOutcome.HIGHER if difference > 0 else RegionComparisonOutcome.LOWER
        result[measure] = side if apart else RegionComparisonOutcome.NO_DIFFERENCE
    return result


def _degrees(publication: Publication, figure: Figure) -> int:
    """Return the degrees of freedom: the lower end of the published answer band minus one."""
    band = publication.answers_band_of(figure)
    least = publication.placement_from if band is None else int(band.split("-")[0])
    return max(least, 2) - 1


def _unit(publication: Publication, figure: Figure) -> float:
    """Return the precision of a measure's published values."""
    return float(10.0 ** -publication.measure(figure.measure).decimals)


def _region(publication: Publication, figure: Figure) -> Figure | None:
    return publication.figure(publication.region_cell, figure.measure)


def _distance(figure: Figure, region: Figure | None, unit: float) -> tuple[float, tuple[float, float]] | None:
    """Return the difference from the region's mean with its interval, or None if unknown."""
    if figure.state is not DisclosureState.SHOWN or figure.mean is None:
        return None  # whatever a figure without a printed number may hold
    interval = figure.interval_conditions or figure.interval
    if region is None or region.mean is None or region.capped or interval is None:
        return None
    difference = figure.mean - region.mean
    if figure.half_width_conditions is not None:
        # Not rounded outwards; each of the two means may lie half a unit from what is printed.
        half = figure.half_width_conditions + unit
        return difference, (difference - half, difference + half)
    # A reference that is rounded coarsely may lie half a grain from what is printed.
    slack = (region.grain or 0.0) / 2
    return difference, (interval[0] - region.mean - slack, interval[1] - region.mean + slack)
