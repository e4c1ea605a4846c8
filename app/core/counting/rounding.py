"""The precision of print: rounding, caps and bands, the same everywhere.

All functions work on whole arrays; what they return is what a reader sees.
"""

from functools import cache
from math import ceil, floor, sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from app.core.publication import Capped, Measure
from app.core.stats.describe import wilson

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Ends = tuple[Floats, Floats]  # the lower and the upper ends of intervals
_Size = TypeVar("_Size", int, Counts)

CAPS = (None, Capped.LOW, Capped.HIGH)
NOISE_DECIMALS = 9  # decimals
BAND = 5  # answers
TINY = 1e-9  # a sum of decimals may miss its whole number by this much
LEAST_SHARE = 10
MOST_SHARE = 90
FINE_FROM = 100  # answers of a municipality or the region from which intervals need no outward rounding
ROUNDING = 1.96 / sqrt(12)  # of a grain: what rounding adds to the half-width of an interval at 95 per cent
# See docs/decisions/0034-coarse-means.md for the rounding steps and 0015-disclosure-rules.md for the spread.
SINGLE = 0.3  # of a step: a single question's grain of as much becomes five thirds of it
TRIPLE = 3  # each grain is three of the next finer one, so that their borders are the same numbers
WIDE = 0.05  # of the range: means printed as coarsely are capped one step from the ends
MOST_SPREAD = 0.85  # of the largest possible; found by trying every set of answers


def rounding_step(n: int, measure: Measure, items: int) -> float | None:
    """Return how coarsely a mean of `n` answers is printed, or None for the measure's own precision.

    Somebody who reads two publications and supposes that everybody repeated their answers and one person
    joined (or left) must not learn that person's score. Two bounds:

    - a joiner moves the mean by at most (range - step) / (n + 1) between caps of one step; a grain at
      least that wide never skips a class, so the score is only known to lie on one side of a border;
    - the widest grains are five thirds as wide where one question is all there is, which keeps the best
      possible guess of one answer to it near the usual answer.

    The grain is the measure's unit times a power of three (or five thirds of it): classes about the middle
    of the range then share their borders, whatever the two numbers of answers were. `n` is the lowest number
    of the printed band: by the exact number the grain would tell it.

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
    while units * unit < wanted - TINY:
        units *= TRIPLE
    if items == 1 and units > 1 and units * unit >= SINGLE * measure.step - TINY:
        units = 5 * units // 3
    return None if units == 1 else round(units * unit, measure.decimals)


def round_mean(mean: float, measure: Measure, grain: float | None = None) -> tuple[float, Capped | None]:
    """Round a mean to the precision of print, or to a coarser grain; near the ends say the cap only.

    >>> from app.core.instruments import Polarity
    >>> from app.core.publication import MeasureKind
    >>> percent = Measure("control", MeasureKind.SCALE, "control", Polarity.HIGH_IS_GOOD, 0, 100, 0, 12, 88, 25)
    >>> round_mean(61.4, percent), round_mean(3.0, percent)
    ((61.0, None), (12.0, <Capped.LOW: 'low'>))
    >>> round_mean(61.4, percent, 9.0), round_mean(24.0, percent, 9.0), round_mean(90.0, percent, 9.0)
    ((59.0, None), (27.0, <Capped.LOW: 'low'>), (73.0, <Capped.HIGH: 'high'>))
    """
    printed, cap = round_means(np.array([mean]), measure, grain)
    return float(printed[0]), CAPS[int(cap[0])]


def round_means(floats: Floats, measure: Measure, grain: float | None) -> tuple[Floats, NDArray[np.int8]]:
    """Do the same with many means at once; the caps are places in `CAPS`.

    Classes of a coarse mean lie about the middle of the range.
    """
    floats = drop_float_noise(floats)
    if grain is not None:
        # Halves to the even one, unlike elsewhere: of ten answers a quarter of the means lie halfway, and with halves
        # away from zero one who joins is guessed half a point better than attack 11 allows.
        middle = _middle(measure)
        floats = middle + np.rint(drop_float_noise((floats - middle) / grain)) * grain
    exact = round_half_even(floats, measure.decimals) + 0.0
    lowest, highest = _caps(measure, grain)
    low = exact <= lowest
    high = exact >= highest
    printed = np.where(low, lowest, np.where(high, highest, exact))
    return printed, np.where(low, 1, np.where(high, 2, 0)).astype(np.int8)


def drop_float_noise(values: Floats) -> Floats:
    """Leave out the last bits, which depend on the order of the ballots: they shall not decide a tie.

    >>> drop_float_noise(np.array([57.5 - 1e-12, 57.4])).tolist()
    [57.5, 57.4]
    """
    return np.round(values, NOISE_DECIMALS)


def round_half_even(values: Floats, decimals: int) -> Floats:
    """Round to decimals, halves away from zero; a half that last bits hide is a half.

    >>> round_half_even(np.array([0.25, 2.675, 1.005]), 2).tolist()
    [0.25, 2.68, 1.01]
    >>> round_half_even(np.array([0.5, 1.5, -0.5]), 0).tolist()
    [1.0, 2.0, -1.0]
    """
    unit = 10.0**decimals
    whole: Floats = np.copysign(np.floor(np.abs(values) * unit + 0.5 + TINY), values) / unit
    return whole


def rounded_once(value: float, decimals: int) -> float:
    """Do the same with one number, and give no zero a sign.

    >>> rounded_once(-0.4, 0), rounded_once(2.45, 1)
    (0.0, 2.5)
    """
    return float(round_half_even(np.array([value]), decimals)[0]) + 0.0


def _middle(measure: Measure) -> float:
    return round((measure.low + measure.high) / 2, measure.decimals)


def _caps(measure: Measure, grain: float | None) -> tuple[float, float]:
    """Return the caps: of coarse means the outermost borders between classes that still leave enough beyond them.

    Beyond a border of the widest classes lies one step of the scale (a quarter of the range at the most):
    whoever is known to have pushed the mean over it has all of that to answer in. A border lies half a unit
    inside the cap, as the last mean that is rounded to it does.

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
    if grain >= WIDE * width - TINY:
        beyond = min(measure.step, width / 4)
        least = max(least, measure.low + beyond)
        most = min(most, measure.high - beyond)
    highest = middle + (floor((most - middle) / grain - 0.5 + TINY) + 0.5) * grain
    lowest = middle - (floor((middle - least) / grain - 0.5 + TINY) + 0.5) * grain
    return round(lowest - half, measure.decimals), round(highest + half, measure.decimals)


def round_intervals(floats: Floats, halves: Floats, measure: Measure, grain: float | None) -> Ends:
    """Round intervals outwards; a coarse one lies about the printed mean, so that it says no more of it.

    Its half-width then holds the error of rounding as well, sqrt(h^2 + (1.96 grain)^2 / 12).
    """
    if grain is None:
        return round_outwards(floats - halves, floats + halves, measure)
    middle = round_means(floats, measure, grain)[0]
    wide = np.ceil(np.hypot(halves, ROUNDING * grain) / grain - TINY) * grain
    return round_outwards(middle - wide, middle + wide, measure)


def round_outwards(low: Floats, high: Floats, measure: Measure) -> Ends:
    """Round intervals away from their middle, and keep them inside the range of the measure."""
    unit = 10.0**measure.decimals
    down = np.floor(low * unit + TINY) / unit + 0.0  # no zero with a sign
    up = np.ceil(high * unit - TINY) / unit + 0.0
    return np.maximum(measure.low, down), np.minimum(measure.high, up)


def ends_rounded_once(low: Floats, high: Floats, measure: Measure) -> Ends:
    """Round intervals to the nearest, halves away from zero, and keep them inside the range of the measure.

    An interval that would have no width, as in a country, is rounded outwards: nothing is known that well.
    """
    down = round_half_even(low, measure.decimals) + 0.0
    up = round_half_even(high, measure.decimals) + 0.0
    lower, upper = round_outwards(low, high, measure)
    is_flat = down == up
    return np.maximum(measure.low, np.where(is_flat, lower, down)), np.minimum(
        measure.high, np.where(is_flat, upper, up)
    )


def printed_half_width(
    mean: float, interval: tuple[float, float], measure: Measure, *, grain: float | None = None
) -> float:
    """Recover an interval's half-width from print: rounding outwards adds half a unit or grain on average."""
    return max(max(mean - interval[0], interval[1] - mean) - 0.5 * (grain or 10.0**-measure.decimals), TINY)


def printed_half_widths(floats: Floats, ends: Ends, measure: Measure, grain: float | None) -> Floats:
    """Do the same with many intervals at once."""
    widest = np.maximum(floats - ends[0], ends[1] - floats)
    halves: Floats = np.maximum(widest - 0.5 * (grain or 10.0**-measure.decimals), TINY)
    return halves


def bounded_spread(sd: Floats, mean: Floats, n: Counts, measure: Measure, items: int) -> Floats:
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
    different, place = np.unique(degrees, return_inverse=True)
    chosen = special.stdtrit(different, 0.975)[place]
    return np.asarray(chosen * sd / np.sqrt(np.maximum(n, 1)), dtype=np.float64)


def round_shares(counts: Counts, n: Counts) -> Counts:
    """Round shares to 5 per cent; 10 means at most 10 and 90 at least 90.

    >>> round_shares(np.array([6, 0, 20]), np.array([20, 20, 20])).tolist()
    [30, 10, 90]
    """
    rounded = np.rint(20 * counts / n).astype(np.int64) * 5
    return np.clip(rounded, LEAST_SHARE, MOST_SHARE)


@cache
def printed_share_interval(share: int, people: int) -> tuple[int, int]:
    """Return Wilson's interval of a printed share, in per cent rounded outwards; `people` is the middle of a band.

    Of "at most 10" the lower end is 0, of "at least 90" the upper one is 100. Made of what is printed
    anyway, it tells nothing more.

    >>> printed_share_interval(35, 22), printed_share_interval(10, 22), printed_share_interval(90, 22)
    ((19, 58), (0, 28), (72, 100))
    """
    low, high = wilson(round(share * people / 100), people) or (0.0, 1.0)
    down = floor(100 * low + TINY)
    up = ceil(100 * high - TINY)
    return (0 if share <= LEAST_SHARE else down), (100 if share >= MOST_SHARE else up)


def band_midpoint(n: _Size) -> _Size:
    """Return the middle of the band that `n` lies in, the only size that later figures may use."""
    return n // BAND * BAND + 2
