"""Describe one group on one scale: mean, spread, interval, shares and non-response.

Missing scores are NaN and are left out. Every function says what too few answers give.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.core.scientific import special

Floats: TypeAlias = NDArray[np.float64]
Interval: TypeAlias = tuple[float, float]


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


def drop_missing(values: ArrayLike) -> Floats:
    """Return the scores that are not missing (NaN), as one row, whatever the shape that is given.

    Formula: the values x with x finite, in their order. Source: a rule of this project, NaN marks what is missing.

    >>> drop_missing([[40.0, float("nan")], [60.0, 50.0]]).tolist()
    [40.0, 60.0, 50.0]
    """
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
    half = _t(n - 1, level) * error
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


def wilson_interval(successes: int, n: int, *, level: float = 0.95) -> Interval | None:
    """Return Wilson's interval of a share (0-1); None where n is 0.

    Formula: (p + z^2/2n -+ z * sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n). Unlike Wald's it never
    leaves 0-1 and does not shrink to a point at 0 or n.
    Source: Newcombe (1998), Statistics in Medicine 17, 857-872, method 3.

    >>> [round(end, 4) for end in wilson_interval(81, 263)]
    [0.2553, 0.3662]
    """
    if not 0 <= successes <= n:
        message = f"{successes} out of {n} is no share"
        raise ValueError(message)
    if n == 0:
        return None
    z = float(special.ndtri((1 + level) / 2))
    share = successes / n
    centre = share + z**2 / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    whole = 1 + z**2 / n
    low = 0.0 if successes == 0 else float((centre - half) / whole)
    high = 1.0 if successes == n else float((centre + half) / whole)
    return low, high


def shares_in_three(values: ArrayLike, *, low: float, high: float) -> tuple[float, float, float] | None:
    """Return the shares (0-1) below `low`, from `low` to below `high`, and from `high` up; None without scores.

    Formula: counts over the number of scores that are not missing (NaN); source: a definition.

    >>> shares_in_three([0.0, 40.0, 50.0, 60.0], low=40.0, high=60.0)
    (0.25, 0.5, 0.25)
    """
    scores = drop_missing(values)
    if len(scores) == 0:
        return None
    below = float(np.mean(scores < low))
    above = float(np.mean(scores >= high))
    return below, float(np.mean((scores >= low) & (scores < high))), above


def nonresponse_bounds(
    mean: float, n: int, population: int, *, lowest: float = 0.0, highest: float = 100.0
) -> Interval:
    """Return the bounds of the mean of all N if every non-respondent scored `lowest`, or `highest`.

    Formula: (n * mean + (N - n) * bound) / N. Source: Manski (2003), Partial Identification, ch. 1.

    >>> nonresponse_bounds(60.0, 15, 20)
    (45.0, 70.0)
    """
    _check_population(n, population)
    silent = population - n
    return (n * mean + silent * lowest) / population, (n * mean + silent * highest) / population


def nonresponse_bias(n: int, population: int, *, difference: float = 10.0) -> float:
    """Return by how much the mean of all N is lower if non-respondents score `difference` points lower.

    Formula: (1 - n / N) * difference, in the unit of the scores. Source: Cochran (1977), ch. 13, the
    bias of a mean of those who answered.

    >>> round(nonresponse_bias(22, 30), 2)
    2.67
    """
    _check_population(n, population)
    return (1 - n / population) * difference


def _check_population(n: int, population: int | None) -> None:
    if population is not None and population < n:
        message = f"{n} answers out of {population} people: more answers than people"
        raise ValueError(message)


def _t(degrees: float, level: float) -> float:
    return float(special.stdtrit(degrees, (1 + level) / 2))
