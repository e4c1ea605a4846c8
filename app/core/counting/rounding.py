"""Precision of published values: rounding, caps and bands.

All functions work on whole arrays and return published values.
"""

from functools import lru_cache
from math import ceil, floor, sqrt
from typing import TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from app.core.publication import Capped, Measure
from app.core.scientific import special
from app.core.stats.describe import wilson_interval

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
IntervalEnds = tuple[Floats, Floats]  # the lower and the upper ends of intervals
_Size = TypeVar("_Size", int, Counts)

CAPS = (None, Capped.LOW, Capped.HIGH)
NOISE_DECIMALS = 9  # decimals
BAND = 5  # answers
EPSILON = 1e-9  # a sum of decimals may miss its whole number by this much
MIN_SHARE = 10
MAX_SHARE = 90
MIN_FINE_ANSWERS = 100  # answers of a municipality or the region from which intervals need no outward rounding
ROUNDING_HALF_WIDTH = 1.96 / sqrt(12)  # of a grain: what rounding adds to the half-width of an interval at 95 per cent
# See docs/decisions/0034-coarse-means.md for the rounding steps and 0015-disclosure-rules.md for the spread.
SINGLE_ITEM_GRAIN = 0.3  # of a step: a single question's grain of as much becomes five thirds of it
GRAIN_FACTOR = 3  # each grain is three of the next finer one, so that their borders are the same numbers
WIDE_GRAIN = 0.05  # of the range: means printed as coarsely are capped one step from the ends
MAX_SPREAD = 0.85  # of the largest possible; found by trying every set of answers


def rounding_step(n: int, measure: Measure, items: int) -> float | None:
    """Return the grain to which a mean of `n` answers is rounded; None for the measure's own precision.

    Threat: a reader of two publications assumes that everybody repeated their answers and one person joined
    (or left), and computes that person's score. Two bounds prevent this:

    - a joiner moves the mean by at most (range - step) / (n + 1) between caps of one step; a grain at
      least that wide never skips a class, so the score is only known to lie on one side of a border;
    - with a single question, the widest grains are five thirds as wide, which keeps the best possible guess of
      one answer close to the usual answer.

    The grain is the measure's unit times a power of three (or five thirds of it): classes around the midpoint of
    the range then share their borders for any two numbers of answers. `n` is the lower end of the published band:
    the grain would reveal the exact number.

    >>> from app.core.instruments import Polarity
    >>> from app.core.publication import MeasureKind
    >>> pulse = Measure("control", MeasureKind.SCALE, "control", Polarity.HIGH_IS_GOOD, 0, 100, 0, 12, 88, 25)
    >>> [rounding_step(n, pulse, 5) for n in (10, 24, 25, 74, 75)]
    [9.0, 9.0, 3.0, 3.0, None]
    >>> rounding_step(24, pulse, 1), rounding_step(25, pulse, 1)
    (15.0, 3.0)
    """
    unit = 10.0**-measure.decimals
    fewest = n // BAND * BAND
    wanted = (measure.high - measure.low - measure.step) / (fewest + 1)
    units = 1
    while units * unit < wanted - EPSILON:
        units *= GRAIN_FACTOR
    if items == 1 and units > 1 and units * unit >= SINGLE_ITEM_GRAIN * measure.step - EPSILON:
        units = 5 * units // 3
    return None if units == 1 else round(units * unit, measure.decimals)


def round_and_cap_means(floats: Floats, measure: Measure, grain: float | None) -> tuple[Floats, NDArray[np.int8]]:
    """Round many means; return the means and the index of each cap in `CAPS`.

    Classes of a coarse mean are centred on the midpoint of the range.

    >>> from app.core.instruments import Polarity
    >>> from app.core.publication import MeasureKind
    >>> percent = Measure("control", MeasureKind.SCALE, "control", Polarity.HIGH_IS_GOOD, 0, 100, 0, 12, 88, 25)
    >>> rounded, caps = round_and_cap_means(np.array([61.4, 3.0]), percent, None)
    >>> rounded.tolist(), [CAPS[cap] for cap in caps]
    ([61.0, 12.0], [None, <Capped.LOW: 'low'>])
    >>> rounded, caps = round_and_cap_means(np.array([61.4, 24.0, 90.0]), percent, 9.0)
    >>> rounded.tolist(), [CAPS[cap] for cap in caps]
    ([59.0, 27.0, 73.0], [None, <Capped.LOW: 'low'>, <Capped.HIGH: 'high'>])
    """
    floats = drop_float_noise(floats)
    if grain is not None:
        # Half to even, unlike elsewhere: with ten answers a quarter of the means are halves. With halves away from
        # zero, an attacker guesses a joiner's score half a point better than attack 11 allows.
        middle = _middle(measure)
        floats = middle + np.rint(drop_float_noise((floats - middle) / grain)) * grain
    exact = round_half_away_from_zero(floats, measure.decimals)
    lowest, highest = _caps(measure, grain)
    low = exact <= lowest
    high = exact >= highest
    rounded = np.where(low, lowest, np.where(high, highest, exact))
    return rounded, np.where(low, 1, np.where(high, 2, 0)).astype(np.int8)


def drop_float_noise(values: Floats) -> Floats:
    """Round off float noise, which depends on the order of the ballots and must not decide a tie.

    >>> drop_float_noise(np.array([57.5 - 1e-12, 57.4])).tolist()
    [57.5, 57.4]
    """
    return np.round(values, NOISE_DECIMALS)


@overload
def round_half_away_from_zero(values: float, decimals: int) -> float: ...
@overload
def round_half_away_from_zero(values: Floats, decimals: int) -> Floats: ...
def round_half_away_from_zero(values: float | Floats, decimals: int) -> float | Floats:
    """Round a number, or many, to `decimals` decimals, halves away from zero; never returns -0.0.

    Tolerates float noise just below a half.

    >>> round_half_away_from_zero(np.array([0.25, 2.675, 1.005]), 2).tolist()
    [0.25, 2.68, 1.01]
    >>> round_half_away_from_zero(np.array([0.5, 1.5, -0.5]), 0).tolist()
    [1.0, 2.0, -1.0]
    >>> round_half_away_from_zero(-0.4, 0), round_half_away_from_zero(2.45, 1)
    (0.0, 2.5)
    """
    unit = 10.0**decimals
    rounded: Floats = np.copysign(np.floor(np.abs(values) * unit + 0.5 + EPSILON), values) / unit + 0.0
    return float(rounded) if np.ndim(rounded) == 0 else rounded


def _middle(measure: Measure) -> float:
    return round((measure.low + measure.high) / 2, measure.decimals)


def _caps(measure: Measure, grain: float | None) -> tuple[float, float]:
    """Return the caps; for coarse means the outermost class borders that leave enough range beyond them.

    Beyond a border of the widest classes lies one answer step (at most a quarter of the range): a person known
    to have moved the mean over it may have chosen any answer in that range. A border lies half a unit inside the
    cap, like the last mean that is rounded to it.

    >>> from app.core.instruments import Polarity
    >>> from app.core.publication import MeasureKind
    >>> raw = Measure("control", MeasureKind.SCALE, "control", Polarity.HIGH_IS_GOOD, 1, 5, 1, 1.5, 4.5, 1)
    >>> _caps(raw, None), _caps(raw, 0.3)
    ((1.5, 4.5), (2.2, 3.8))
    """
    if grain is None:
        return measure.cap_low, measure.cap_high
    half = 0.5 * 10.0**-measure.decimals
    width = measure.high - measure.low
    middle = _middle(measure)
    least = measure.cap_low + half
    most = measure.cap_high - half
    if grain >= WIDE_GRAIN * width - EPSILON:
        beyond = min(measure.step, width / 4)
        least = max(least, measure.low + beyond)
        most = min(most, measure.high - beyond)
    highest = middle + (floor((most - middle) / grain - 0.5 + EPSILON) + 0.5) * grain
    lowest = middle - (floor((middle - least) / grain - 0.5 + EPSILON) + 0.5) * grain
    return round(lowest - half, measure.decimals), round(highest + half, measure.decimals)


def round_intervals(floats: Floats, halves: Floats, measure: Measure, grain: float | None) -> IntervalEnds:
    """Round intervals outwards; with a grain, centre them on the rounded mean.

    The half-width then includes the rounding error, sqrt(h^2 + (1.96 grain)^2 / 12).
    """
    if grain is None:
        return round_outwards(floats - halves, floats + halves, measure)
    middle = round_and_cap_means(floats, measure, grain)[0]
    wide = np.ceil(np.hypot(halves, ROUNDING_HALF_WIDTH * grain) / grain - EPSILON) * grain
    return round_outwards(middle - wide, middle + wide, measure)


def round_outwards(low: Floats, high: Floats, measure: Measure) -> IntervalEnds:
    """Round intervals outwards, within the range of the measure."""
    unit = 10.0**measure.decimals
    down = np.floor(low * unit + EPSILON) / unit + 0.0  # no zero with a sign
    up = np.ceil(high * unit - EPSILON) / unit + 0.0
    return np.maximum(measure.low, down), np.minimum(measure.high, up)


def round_intervals_to_nearest(low: Floats, high: Floats, measure: Measure) -> IntervalEnds:
    """Round interval ends half away from zero, within the range of the measure.

    An interval that would have no width is rounded outwards: no mean is known that precisely.
    """
    down = round_half_away_from_zero(low, measure.decimals)
    up = round_half_away_from_zero(high, measure.decimals)
    lower, upper = round_outwards(low, high, measure)
    is_flat = down == up
    return np.maximum(measure.low, np.where(is_flat, lower, down)), np.minimum(
        measure.high, np.where(is_flat, upper, up)
    )


def half_width_without_rounding(
    mean: float, interval: tuple[float, float], measure: Measure, *, grain: float | None = None
) -> float:
    """Return the half-width of a published interval, less half a unit or grain for the outward rounding."""
    return max(max(mean - interval[0], interval[1] - mean) - 0.5 * (grain or 10.0**-measure.decimals), EPSILON)


def half_widths_without_rounding(floats: Floats, ends: IntervalEnds, measure: Measure, grain: float | None) -> Floats:
    """Return the half-widths of many published intervals, like `half_width_without_rounding`."""
    widest = np.maximum(floats - ends[0], ends[1] - floats)
    halves: Floats = np.maximum(widest - 0.5 * (grain or 10.0**-measure.decimals), EPSILON)
    return halves


def bounded_standard_deviations(sd: Floats, mean: Floats, n: Counts, measure: Measure, items: int) -> Floats:
    """Return the standard deviations used for intervals: those of the answers, within two limits.

    If everybody answered alike, an interval without width would reveal every answer; if all answers are at the
    two ends, the widest possible one would. Outside the limits the limit is used, so that at least three answers
    remain possible for every person. The lower limit is the smallest spread at which a mean halfway between two
    options leaves a third one possible, sqrt((n + 8) / (4 (n - 1))) steps, divided by the square root of the
    number of items; the upper limit is MAX_SPREAD of the largest spread that the mean allows,
    sqrt((mean - low) (high - mean)).
    """
    least = measure.step * np.sqrt((n + 8) / (4 * np.maximum(n - 1, 1))) / np.sqrt(items)
    ends = np.maximum((mean - measure.low) * (measure.high - mean), 0.0)
    most = MAX_SPREAD * np.sqrt(ends)
    return np.clip(sd, least, np.maximum(least, most))


def half_widths(sd: Floats, n: Counts) -> Floats:
    """Return t(n - 1) * s / sqrt(n) at 95 per cent; source: Cochran (1977), ch. 2."""
    degrees = np.maximum(n - 1, 1)
    distinct, degree_index = np.unique(degrees, return_inverse=True)
    chosen = special.stdtrit(distinct, 0.975)[degree_index]
    return np.asarray(chosen * sd / np.sqrt(np.maximum(n, 1)), dtype=np.float64)


def round_and_cap_shares(counts: Counts, n: Counts) -> Counts:
    """Round shares to 5 per cent; 10 means at most 10 and 90 means at least 90.

    >>> round_and_cap_shares(np.array([6, 0, 20]), np.array([20, 20, 20])).tolist()
    [30, 10, 90]
    """
    rounded = np.rint(20 * counts / n).astype(np.int64) * 5
    return np.clip(rounded, MIN_SHARE, MAX_SHARE)


@lru_cache(maxsize=32768)
def printed_share_interval(share: int, answers: int) -> tuple[int, int]:
    """Return Wilson's interval of a published share, in per cent, rounded outwards.

    `answers` is the midpoint of a band. The lower end of "at most 10" is 0, the upper end of "at least 90" is 100.
    The interval is computed from published values and reveals nothing more.

    >>> printed_share_interval(35, 22), printed_share_interval(10, 22), printed_share_interval(90, 22)
    ((19, 58), (0, 28), (72, 100))
    """
    low, high = wilson_interval(round(share * answers / 100), answers) or (0.0, 1.0)
    down = floor(100 * low + EPSILON)
    up = ceil(100 * high - EPSILON)
    return (0 if share <= MIN_SHARE else down), (100 if share >= MAX_SHARE else up)


def midpoint_of_band_of_five(n: _Size) -> _Size:
    """Return the midpoint of the band of five that contains `n`."""
    return n // BAND * BAND + 2
