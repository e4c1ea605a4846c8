"""Statistics of raw scores, as oracles: the application keeps no answers and reckons from sums and printed figures.

The tests compare what it prints with these. They themselves are compared with R (`test_worked_examples.py`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.core.scientific import special
from app.core.stats.agreement import rwg_j_of_variances
from app.core.stats.describe import Floats, Interval
from app.core.stats.power import noncentrality_of
from app.core.stats.reliability import complete_rows


@dataclass(frozen=True, slots=True)
class MeanEstimate:
    """A mean and how sure it is, in the unit of the scores.

    `sd` has n - 1 in its denominator and is None for one answer; so are `standard_error` and
    `interval`. Where `population` is given both hold for those people only ("our staff now").
    """

    n: int
    mean: float
    sd: float | None
    standard_error: float | None
    interval: Interval | None
    population: int | None = None

    @property
    def everyone_answered(self) -> bool:
        """Whether nobody is missing: then the mean is exact and "plus or minus 0" is not said."""
        return self.population is not None and self.n == self.population


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """The mean of `a` minus the mean of `b`, in the unit of the scores, with Welch's test."""

    difference: float
    interval: Interval
    t: float
    degrees: float
    p: float


def drop_missing(values: ArrayLike) -> Floats:
    """Return the scores that are not missing (NaN), as one row."""
    row = np.asarray(values, dtype=np.float64).ravel()
    return row[np.isfinite(row)]


def estimate_mean(values: ArrayLike, *, population: int | None = None, level: float = 0.95) -> MeanEstimate | None:
    """Return the mean of `values` with its interval; None where there is no score at all.

    Parameters
    ----------
    values
        Scores of any unit; NaN is missing.
    population
        N, how many people were invited. Given, the interval is that of the mean of these people
        now: se = s / sqrt(n) * sqrt(1 - n / N). Left out, it is that of working conditions, of
        which the people are a sample: se = s / sqrt(n).
    level
        Confidence, 0.95 unless said.

    Formula: mean -+ t(n - 1) * se, s with n - 1.
    Source: Cochran (1977), Sampling Techniques, 3rd ed., eq. 2.20. It is not
    sqrt((N - n) / (N - 1)), which belongs to an s with N in its denominator.

    >>> staff = estimate_mean([40.0, 50.0, 60.0, 70.0], population=5)
    >>> round(staff.mean, 1), [round(end, 1) for end in staff.interval]
    (55.0, [45.8, 64.2])
    >>> [round(end, 1) for end in estimate_mean([40.0, 50.0, 60.0, 70.0]).interval]
    [34.5, 75.5]
    """
    scores = drop_missing(values)
    n = len(scores)
    _check_population(n, population)
    if n == 0:
        return None
    mean = float(scores.mean())
    if n == 1:
        return MeanEstimate(1, mean, None, None, None, population)
    sd = float(scores.std(ddof=1))
    error = standard_error(sd, n, population=population)
    half = float(special.stdtrit(n - 1, (1 + level) / 2)) * error
    return MeanEstimate(n, mean, sd, error, (mean - half, mean + half), population)


def standard_error(sd: float, n: int, *, population: int | None = None) -> float:
    """Return the standard error of a mean of `n` scores, in their unit.

    Formula: s / sqrt(n), times sqrt(1 - n / N) where `population` N is given; `sd` s has n - 1 in its
    denominator. Source: Cochran (1977), Sampling Techniques, 3rd ed., eq. 2.20.

    >>> round(standard_error(20.0, 22), 3), round(standard_error(20.0, 22, population=30), 3)
    (4.264, 2.202)
    """
    _check_population(n, population)
    left_out = 1.0 if population is None else 1.0 - n / population
    return float(sd / np.sqrt(n) * np.sqrt(left_out))


def welch(a: ArrayLike, b: ArrayLike, *, level: float = 0.95) -> MeanDifference | None:
    """Compare two means without assuming equal spread; None where a side has fewer than two scores.

    Formula: t = (mean a - mean b) / sqrt(va + vb), v = s^2 / n, with degrees
    (va + vb)^2 / (va^2/(na - 1) + vb^2/(nb - 1)). Source: Welch (1947), Biometrika 34, 28-35.
    Missing scores (NaN) are left out. Where nobody differs from anybody within both sides there is
    no noise: equal means give p = 1, others p = 0, and the interval is the difference itself.

    >>> result = welch([1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0])
    >>> round(result.difference, 1), round(result.degrees, 1), round(result.p, 3)
    (-2.0, 6.0, 0.071)
    """
    first = drop_missing(a)
    second = drop_missing(b)
    if min(len(first), len(second)) < 2:
        return None
    difference = _mean(first) - _mean(second)
    va = _variance(first) / len(first)
    vb = _variance(second) / len(second)
    error = float(np.sqrt(va + vb))
    if error == 0:
        t = float(np.sign(difference)) * np.inf if difference else 0.0
        together = float(len(first) + len(second) - 2)
        return MeanDifference(difference, (difference, difference), t, together, 0.0 if difference else 1.0)
    share_a = va / (va + vb)
    share_b = vb / (va + vb)
    degrees = float(1 / (share_a**2 / (len(first) - 1) + share_b**2 / (len(second) - 1)))
    half = float(special.stdtrit(degrees, (1 + level) / 2)) * error
    t = difference / error
    p = float(2 * special.stdtr(degrees, -abs(t)))
    return MeanDifference(difference, (difference - half, difference + half), t, degrees, p)


def half_width(sd: float, n: int, *, population: int | None = None, level: float = 0.95) -> float | None:
    """Return the half-width of a mean's interval; None for fewer than two answers.

    Formula: t(n - 1) * s / sqrt(n), times sqrt(1 - n / N) where `population` N is given.
    Source: Cochran (1977), Sampling Techniques, 3rd ed., ch. 2.

    >>> round(half_width(20.0, 22), 1), round(half_width(20.0, 22, population=30), 1)
    (8.9, 4.6)
    """
    if n < 2:
        return None
    return float(special.stdtrit(n - 1, (1 + level) / 2)) * standard_error(sd, n, population=population)


def detectable_change(
    sd: float, n: int, *, population: int | None = None, level: float = 0.95, power: float | None = None
) -> float | None:
    """Return the smallest change between two rounds of `n` answers each that is detectable.

    Formula: the half-width of the difference, t(2n - 2) * sqrt(2) * se, in the unit of `sd`; se with
    sqrt(1 - n / N) where `population` is given. A change just as large is seen in half of the cases
    only; for the change that is seen with a chance of `power`, t is replaced by `noncentrality_of`.
    Source: Cochran (1977), ch. 4. None for fewer than two answers.

    >>> round(detectable_change(20.0, 22), 1), round(detectable_change(20.0, 22, power=0.8), 1)
    (12.2, 17.3)
    """
    if n < 2:
        return None
    error = standard_error(sd, n, population=population)
    degrees = 2 * n - 2
    critical = float(special.stdtrit(degrees, (1 + level) / 2))
    times = critical if power is None else noncentrality_of(degrees, level=level, power=power)
    return float(times * np.sqrt(2) * error)


def _check_population(n: int, population: int | None) -> None:
    if population is not None and population < n:
        message = f"{n} answers out of {population} people: more answers than people"
        raise ValueError(message)


def _mean(scores: Floats) -> float:
    return float(scores[0] if np.ptp(scores) == 0 else scores.mean())


def _variance(scores: Floats) -> float:
    """Return the variance; of scores that are all alike 0, and not what the machine's last bits leave."""
    return 0.0 if np.ptp(scores) == 0 else float(scores.var(ddof=1))


def rwg_j(items: ArrayLike, *, options: int, step: float = 1.0) -> float | None:
    """Return r_wg(J) of n people x J items; None for fewer than two complete people."""
    table = complete_rows(items)
    if len(table) < 2:
        return None
    mean_variance = table.var(axis=0, ddof=1).mean()
    return float(rwg_j_of_variances([mean_variance], items=table.shape[1], options=options, step=step)[0])


def rwg(ratings: ArrayLike, *, options: int) -> float | None:
    """Return r_wg of one item."""
    return rwg_j(np.reshape(ratings, (-1, 1)), options=options)
