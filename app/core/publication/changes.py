"""Intervals from which changes between publications are computed."""

from math import hypot, sqrt

from app.core.publication.figures import Figure, Measure

NORMAL = 1.96  # quantile at 97.5 per cent


def interval_for_changes(figure: Figure, measure: Measure) -> tuple[float, float]:
    """Return the interval to compute a change from: the published one, or the finer one of a large cell.

    A published mean is within half a unit of the exact one; for intervals not rounded outwards this is added as
    the variance of uniform rounding, unit^2 / 12. ValueError without a mean and an interval.
    """
    if figure.mean is None or figure.interval_conditions is None:
        message = "a change needs printed means with intervals"
        raise ValueError(message)
    if figure.half_width_conditions is None:
        return figure.interval_conditions
    half = hypot(figure.half_width_conditions, NORMAL * 10.0**-measure.decimals / sqrt(12))
    return figure.mean - half, figure.mean + half
