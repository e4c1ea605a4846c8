"""Explain "no clear difference" where the published interval excludes the region's mean."""

from flask_babel import gettext as _

from app.core.publication import RegionComparisonOutcome
from app.reports.number_format import format_interval
from app.reports.unit_report import ReportRow


def no_difference_despite_interval(row: ReportRow) -> str:
    """Return why no difference is reported although the printed interval excludes the region's mean.

    Empty if it contains it.

    The printed interval is that of the current staff. The comparison asks whether working conditions differ: it rests
    on the wider interval without finite population correction, and the scales of one cell are tested together.
    """
    printed = row.figure.interval
    if row.comparison is not RegionComparisonOutcome.NO_DIFFERENCE or printed is None:
        return ""
    if row.region is None or row.region.mean is None or _contains(printed, row.region.mean):
        return ""
    conditions = row.figure.interval_conditions
    if conditions is not None and _contains(conditions, row.region.mean):
        return str(
            _(
                "The comparison is based on the wider interval for working conditions (%(interval)s), "
                "which includes the mean of the region.",
                interval=format_interval(conditions, row.measure),
            )
        )
    return str(
        _("It lies outside the interval, but not beyond what chance explains when all scales are tested together.")
    )


def _contains(interval: tuple[float, float], value: float) -> bool:
    return interval[0] <= value <= interval[1]
