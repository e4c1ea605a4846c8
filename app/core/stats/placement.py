"""Probability that a small community's true mean is on the same side of the region's as its answers."""

from functools import lru_cache

import numpy as np

from app.core.scientific import integrate, special

FRACTIONS = ((1, 2), (3, 5), (2, 3), (3, 4), (4, 5), (9, 10), (19, 20))


@lru_cache(maxsize=10_000)
def probability_of_true_side(
    limit: float, between: float, within: float, n: int, *, margin: float = 0.0
) -> float | None:
    """Return the chance (0-1) that a true mean lies below the region's, when n answers lie `limit` or more below.

    Parameters
    ----------
    limit
        How far from the region's mean the mean of the answers lies at the least, in the unit of the scores; 0 or more.
    between, within
        The variance of true means between communities, and of answers within one.
    n
        How many answered.
    margin
        The true mean must lie this much further out to count; 0: anywhere on that side.

    Formula: with true mean T ~ N(0, between) and mean of answers M | T ~ N(T, within / n),
    P(T <= -margin | M <= -limit), integrated over M; T | M has mean w M and variance between (1 - w),
    w = between / (between + within / n). Above the region it is the same by symmetry. Where communities
    do not differ (`between` 0) it is 1/2. Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed.,
    ch. 2.5, the normal model, truncated.
    None for fewer than one answer, a negative variance or none at all.

    >>> [round(probability_of_true_side(12.5, 40.0, 360.0, 5, margin=margin), 2) for margin in (0.0, 5.0)]
    [0.88, 0.6]
    """
    if n < 1 or between < 0 or within < 0 or between + within == 0:
        return None
    if between == 0:
        return 0.5
    spread = float(np.sqrt(between + within / n))
    weight = between / spread**2
    left = float(np.sqrt(between * (1 - weight)))
    if left == 0:
        return float(special.ndtr(-max(limit, margin) / spread) / special.ndtr(-limit / spread))

    def of_mean(deviations: float) -> float:
        return float(
            np.exp(-(deviations**2) / 2 - special.log_ndtr(-limit / spread))
            * special.ndtr((weight * deviations * spread - margin) / left)
        )

    area, _error = integrate.quad(of_mean, limit / spread, limit / spread + 12)
    return min(float(area / np.sqrt(2 * np.pi)), 1.0)


def nearest_simple_fraction(chance: float) -> tuple[int, int]:
    """Return the nearest fraction (numerator, denominator) of those used in sentences, such as 3 in 4.

    Formula: the (a, b) of `FRACTIONS` with the least |a / b - chance|. Source: a rule of this project.

    >>> nearest_simple_fraction(0.77), nearest_simple_fraction(0.53), nearest_simple_fraction(0.999)
    ((3, 4), (1, 2), (19, 20))
    """
    return min(FRACTIONS, key=lambda item: abs(item[0] / item[1] - chance))
