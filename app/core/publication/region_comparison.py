"""A cell's means beside the region's: which differ by more than many comparisons bring by chance."""

from enum import StrEnum

import numpy as np

from app.core.publication.figures import Cell, Figure, MeasureKind
from app.core.publication.publication import Publication
from app.core.stats.change import p_of_interval
from app.core.stats.comparisons import benjamini_hochberg

ALLOWED_FALSE = 0.05


class RegionComparison(StrEnum):
    """How a mean lies against the region's: the interval decides, never the mean alone."""

    HIGHER = "higher"
    LOWER = "lower"
    NO_DIFFERENCE = "no_difference"
    UNKNOWN = "unknown"


def compare_with_region(
    publication: Publication, cell: Cell, kind: MeasureKind = MeasureKind.SCALE
) -> dict[str, RegionComparison]:
    """Say of every scale (or item) in a cell how its mean lies against the region's; the region itself is unknown.

    The scales of one cell are one report, and its items another: a difference is told only if it
    holds among all of them (Benjamini-Hochberg at 5 per cent, p recovered from the printed interval
    without the correction, since whether a place differs is no question of who happened to answer).
    The interval is one of t, so p is one of t too, with the fewest degrees that the printed band of
    answers allows: the normal distribution found a difference in 6.5 per cent of the places of ten
    answers where there was none.
    The region's mean is taken as it stands. What is capped or has no interval is unknown.
    """
    is_item = kind is MeasureKind.ITEM
    figures = publication.items_in(cell) if is_item else publication.figures_in(cell)
    result = dict.fromkeys((figure.measure for figure in figures), RegionComparison.UNKNOWN)
    if cell == publication.region_cell:
        return result
    distances = {
        figure.measure: _distance(figure, _region(publication, figure), _unit(publication, figure))
        for figure in figures
    }
    tested = {measure: item for measure, item in distances.items() if item is not None}
    degrees = {figure.measure: _degrees(publication, figure) for figure in figures}
    chances = benjamini_hochberg(
        np.array([p_of_interval(*item, degrees=degrees[measure]) for measure, item in tested.items()])
    )
    for (measure, (difference, interval)), chance in zip(tested.items(), chances, strict=True):
        apart = (interval[0] > 0 or interval[1] < 0) and chance <= ALLOWED_FALSE
        side = RegionComparison.HIGHER if difference > 0 else RegionComparison.LOWER
        result[measure] = side if apart else RegionComparison.NO_DIFFERENCE
    return result


def _degrees(publication: Publication, figure: Figure) -> int:
    """Return one less than the lower end of the printed band of answers."""
    part = publication.participation_of(figure.cell)
    band = figure.answers_band or (None if part is None else part.answers_band)
    least = publication.placement_from if band is None else int(band.split("-")[0])
    return max(least, 2) - 1


def _unit(publication: Publication, figure: Figure) -> float:
    """Return the precision that a measure is printed with."""
    return float(10.0 ** -publication.measure(figure.measure).decimals)


def _region(publication: Publication, figure: Figure) -> Figure | None:
    return publication.figure(publication.region_cell, figure.measure)


def _distance(figure: Figure, region: Figure | None, unit: float) -> tuple[float, tuple[float, float]] | None:
    """Return the difference from the region's mean with its interval, or None where it is not known."""
    interval = figure.interval_conditions or figure.interval
    if region is None or region.mean is None or region.capped or interval is None or figure.mean is None:
        return None
    difference = figure.mean - region.mean
    if figure.half_width_conditions is not None:
        # Not rounded outwards; each of the two means may lie half a unit from what is printed.
        half = figure.half_width_conditions + unit
        return difference, (difference - half, difference + half)
    return difference, (interval[0] - region.mean, interval[1] - region.mean)
