"""Reference values for a result besides the current region: published norms and the first survey."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.instruments import Instrument, Norm
from app.core.languages import PartlyTranslatedText
from app.core.publication import DisclosureState, Figure, Measure, Publication
from app.reports import orientation
from app.reports.unit_report import CellReport, ReportRow

CERTAIN = 1.959964  # the normal quantile of a 95 per cent interval


class ReferenceSide(StrEnum):
    """How a mean compares with a reference value; only beyond the uncertainty of both."""

    HIGHER = "higher"
    LOWER = "lower"
    NO_DIFFERENCE = "no_difference"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FirstSurveyRegionMean:
    """The mean of the region in its first survey that asked the same."""

    title: PartlyTranslatedText
    figure: Figure


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """One scale with what it may be read beside; at least one of `norm` and `baseline` is there."""

    row: ReportRow
    norm: Norm | None
    side: ReferenceSide
    baseline: FirstSurveyRegionMean | None


def reference_rows(
    report: CellReport, instrument: Instrument, earlier: Sequence[Publication]
) -> tuple[ReferenceRow, ...]:
    """Return the scales of a cell that have a reference value or a first survey; none where nothing has."""
    rows = []
    for row in report.rows_with_numbers:
        norm = instrument.find_norm(row.measure.id)
        baseline = _baseline(row.measure, earlier)
        if row.is_turned:
            norm = None if norm is None else orientation.reflect_norm(norm, row.measure)
            baseline = None if baseline is None else _turned_baseline(baseline, row.measure)
        if norm is not None or baseline is not None:
            rows.append(ReferenceRow(row, norm, _side(row.figure, norm), baseline))
    return tuple(rows)


def _baseline(measure: Measure, earlier: Sequence[Publication]) -> FirstSurveyRegionMean | None:
    """Return the oldest survey that asked the very same of the region, with its figure."""
    for publication in earlier:
        same = next((each for each in publication.measures if each.comparison_key == measure.comparison_key), None)
        figure = None if same is None else publication.figure(publication.region_cell, same.id)
        if figure is not None and figure.state is DisclosureState.SHOWN and figure.mean is not None:
            return FirstSurveyRegionMean(publication.translated_title, figure)
    return None


def _turned_baseline(baseline: FirstSurveyRegionMean, measure: Measure) -> FirstSurveyRegionMean:
    return FirstSurveyRegionMean(baseline.title, orientation.reflect_figure(baseline.figure, measure))


def _side(figure: Figure, norm: Norm | None) -> ReferenceSide:
    """Compare a mean with a reference value.

    Formula: |mean - reference| > 1.96 sqrt(s1^2 + s2^2 / n), s1 from the printed interval for working conditions,
    s2 and n the deviation and the number of persons of the reference. A capped mean is a bound: UNKNOWN.
    """
    interval = figure.interval_conditions or figure.interval
    if norm is None or figure.mean is None or figure.capped is not None or interval is None:
        return ReferenceSide.UNKNOWN
    own = (interval[1] - interval[0]) / 2 / CERTAIN
    allowed = CERTAIN * math.hypot(own, norm.deviation / math.sqrt(norm.n))
    gap = figure.mean - norm.mean
    if abs(gap) <= allowed:
        return ReferenceSide.NO_DIFFERENCE
    return ReferenceSide.HIGHER if gap > 0 else ReferenceSide.LOWER
