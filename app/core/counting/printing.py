"""The precision of print: rounding, caps and bands, the same everywhere.

All functions work on whole arrays; what they return is what a reader sees.
"""

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from app.core.publication import Capped, Measure

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

TINY = 1e-9  # a sum of decimals may miss its whole number by this much
LEAST_SHARE, MOST_SHARE = 10, 90
MOST_SPREAD = 0.85  # of the largest possible; found by trying every set of answers, see docs/decisions


def printed_mean(mean: float, measure: Measure) -> tuple[float, Capped | None]:
    """Round a mean to the precision of print; near the ends say the cap only.

    >>> from app.core.instruments import Polarity
    >>> from app.core.publication import MeasureKind
    >>> percent = Measure("control", MeasureKind.SCALE, "control", Polarity.HIGH_IS_GOOD, 0, 100, 0, 12, 88, 25)
    >>> printed_mean(61.4, percent), printed_mean(3.0, percent)
    ((61.0, None), (12, <Capped.LOW: 'low'>))
    """
    rounded = round(mean, measure.decimals) + 0.0
    if rounded <= measure.cap_low:
        return measure.cap_low, Capped.LOW
    if rounded >= measure.cap_high:
        return measure.cap_high, Capped.HIGH
    return rounded, None


def outwards(low: float, high: float, measure: Measure) -> tuple[float, float]:
    """Round an interval away from its middle, and keep it inside the range of the measure."""
    unit = 10.0**measure.decimals
    down = floor(low * unit + TINY) / unit
    up = ceil(high * unit - TINY) / unit
    return max(measure.low, down), min(measure.high, up)


def spread_in_print(sd: Floats, mean: Floats, n: Counts, measure: Measure, items: int) -> Floats:
    """Return the spread that intervals are made of: the answers' own, but not outside two limits.

    Where everybody answered alike, an interval of no width would give every answer away; where all
    stand at the two ends, the widest possible one would. Outside the limits the limit is used, so
    that every member keeps at least three possible answers. The lower limit is the least spread at
    which a mean halfway between two options leaves a third one open, sqrt((n + 8) / (4 (n - 1)))
    steps, divided by the square root of the number of items; the upper one is MOST_SPREAD of the
    largest spread that the mean allows, sqrt((mean - low) (high - mean)).
    """
    least = measure.step * np.sqrt((n + 8) / (4 * np.maximum(n - 1, 1))) / np.sqrt(items)
    ends = np.maximum((mean - measure.low) * (measure.high - mean), 0.0)
    most = MOST_SPREAD * np.sqrt(ends)
    return np.clip(sd, least, np.maximum(least, most))


def half_widths(sd: Floats, n: Counts) -> Floats:
    """Return t(n - 1) * s / sqrt(n) at 95 per cent; source: Cochran (1977), ch. 2."""
    degrees = np.maximum(n - 1, 1)
    quantiles = stats.t.ppf(0.975, np.unique(degrees))
    chosen = quantiles[np.searchsorted(np.unique(degrees), degrees)]
    return np.asarray(chosen * sd / np.sqrt(np.maximum(n, 1)), dtype=np.float64)


def share_in_print(count: int, n: int) -> int:
    """Round a share to 5 per cent; 10 means at most 10 and 90 at least 90.

    >>> share_in_print(6, 20), share_in_print(0, 20), share_in_print(20, 20)
    (30, 10, 90)
    """
    rounded = round(20 * count / n) * 5
    return min(max(rounded, LEAST_SHARE), MOST_SHARE)


def answers_band(n: int) -> str:
    """Return the band of five that a number of answers lies in.

    >>> answers_band(22)
    '20-24'
    """
    return f"{n // 5 * 5}-{n // 5 * 5 + 4}"


def middle_of_band(n: int) -> int:
    """Return the middle of the band that `n` lies in, the only size that later figures may use."""
    return n // 5 * 5 + 2


def response_band(n: int, invited: int) -> str:
    """Return the response in tens of per cent, "100" only when everybody answered.

    >>> response_band(22, 30), response_band(30, 30)
    ('70-79', '100')
    """
    tens = response_floor(n, invited)
    return "100" if tens == 100 else f"{tens}-{tens + 9}"


def response_floor(n: int, invited: int) -> int:
    """Return the lower end of the response band, in per cent."""
    return min(10 * n // invited * 10, 100)
