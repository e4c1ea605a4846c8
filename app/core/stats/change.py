"""Change between two rounds, from printed figures: difference, interval, correction of the effect size, p, label.

Answers are anonymous, so no person is followed: the rounds are compared as two samples. Trends are
claims on working conditions and use no finite population correction.
"""

from enum import StrEnum
from math import erfc, lgamma, sqrt
from statistics import NormalDist

import numpy as np

from app.core.scientific import special
from app.core.stats.describe import Interval

CLEAR_CHANGE = 5.0  # points of 0-100 from which a change is worth calling clear


class ChangeLabel(StrEnum):
    """Classification of a change; publications from before `SMALL` call a small certain change possible."""

    CLEAR = "clear"
    SMALL = "small_but_certain"
    POSSIBLE = "possible"
    CANNOT_TELL = "cannot_tell"


def small_sample_correction(degrees: float) -> float:
    """Return Hedges' J for m degrees of freedom; 0 for one degree or less, where there is none.

    Formula, exact: gamma(m/2) / (sqrt(m/2) * gamma((m - 1)/2)).
    Source: Hedges (1981), Journal of Educational Statistics 6, 107-128.

    >>> round(small_sample_correction(18), 5)
    0.95765
    """
    if degrees <= 1:
        return 0.0
    return float(np.exp(lgamma(degrees / 2) - lgamma((degrees - 1) / 2)) / np.sqrt(degrees / 2))


def change_between_published_means(
    earlier: float, earlier_interval: Interval, later: float, later_interval: Interval
) -> tuple[float, Interval]:
    """Return later - earlier with an interval, from two means and their intervals as printed.

    Means and intervals are in any one unit. A publication keeps no answers, so the variance is
    recovered from the intervals.
    Formula: low = d - sqrt((later - low_later)^2 + (high_earlier - earlier)^2), and high in the same way.
    Source: Zou & Donner (2008), Statistics in Medicine 27, 1693-1702 (MOVER). Intervals that were
    rounded outwards make it wider, never narrower. Take those without the correction.

    >>> change_between_published_means(50.0, (46.0, 54.0), 57.0, (54.0, 60.0))
    (7.0, (2.0, 12.0))
    """
    difference = later - earlier
    down = float(np.hypot(later - later_interval[0], earlier_interval[1] - earlier))
    up = float(np.hypot(later_interval[1] - later, earlier - earlier_interval[0]))
    return difference, (difference - down, difference + up)


def p_of_interval(difference: float, interval: Interval, *, level: float = 0.95, degrees: float | None = None) -> float:
    """Return the two-sided p that fits a difference and its interval.

    `degrees` are those of the t distribution that the interval was made with; without them the
    normal distribution is used, which makes p too small where the interval is one of t.
    Formula: t = |difference| / w * t(level), p = 2 * (1 - F(t)), w the width of the side of the
    interval that looks towards 0. An interval of no width gives 0, or 1 where there is no difference.
    Source: Altman & Bland (2011), BMJ 343, d2304; with t in the place of z.

    >>> round(p_of_interval(5.0, (0.0, 10.0)), 3)
    0.05
    >>> round(p_of_interval(7.5, (2.5, 12.5)), 4), round(p_of_interval(7.5, (2.5, 12.5), degrees=9), 4)
    (0.0033, 0.008)
    """
    towards = difference - interval[0] if difference > 0 else interval[1] - difference
    if towards <= 0:
        return 0.0 if difference else 1.0
    ratio = abs(difference) / towards
    if degrees is None:
        return erfc(ratio * NormalDist().inv_cdf((1 + level) / 2) / sqrt(2))
    return float(2 * special.stdtr(degrees, -ratio * special.stdtrit(degrees, (1 + level) / 2)))


def label_change(
    difference: float, interval: Interval, *, clear_from: float = CLEAR_CHANGE, holds_among_many: bool = True
) -> ChangeLabel:
    """Return what may be said of a change whose 95 % interval is given.

    Formula: where the interval excludes 0 and the change holds among all the comparisons of the report
    (Benjamini-Hochberg), it is clear from `clear_from` points and small but certain below. Possible:
    the interval excludes 0 but the change does not hold among all; or the change is `clear_from` or
    more and an 80 % interval would exclude 0 (p at most 0.2). Anything else: cannot tell. All in the
    unit of the scores. Source: a rule of this project, tried on rounds in which the truth is known
    (docs/decisions/0004-labels-of-change.md).

    >>> label_change(9.0, (1.0, 17.0)), label_change(4.0, (3.0, 5.0))
    (<ChangeLabel.CLEAR: 'clear'>, <ChangeLabel.SMALL: 'small_but_certain'>)
    >>> label_change(9.0, (-1.0, 19.0)), label_change(3.0, (-6.0, 12.0))
    (<ChangeLabel.POSSIBLE: 'possible'>, <ChangeLabel.CANNOT_TELL: 'cannot_tell'>)
    """
    large = abs(difference) >= clear_from
    excludes_zero = interval[0] > 0 or interval[1] < 0
    if excludes_zero and holds_among_many:
        return ChangeLabel.CLEAR if large else ChangeLabel.SMALL
    if excludes_zero or (large and p_of_interval(difference, interval) <= 0.2):
        return ChangeLabel.POSSIBLE
    return ChangeLabel.CANNOT_TELL
