"""Posterior of a community's true mean, given everything published about it."""

import math
from dataclasses import dataclass

from app.core.scientific import special

ROOT_OF_2 = math.sqrt(2.0)
UPPER_QUARTER = 0.6744897501960817  # the normal quantile that a quarter lie above


@dataclass(frozen=True, slots=True)
class Posterior:
    """A normal distribution of a true mean: its middle and its standard deviation, in one unit."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of a region: the mean, the variance between true means, and that of answers within one."""

    mean: float
    between: float
    within: float

    def reliability(self, n: float) -> float:
        """Return between / (between + within / n): how much of a mean of n answers is the community's own.

        >>> Prior(60.0, 40.0, 360.0).reliability(9)
        0.5
        """
        if self.between <= 0 or n <= 0:
            return 0.0
        return self.between / (self.between + self.within / n)


def from_mean(prior: Prior, mean: float, n: float) -> Posterior:
    """Return what a mean of n answers says of the true mean.

    Formula: m + w (mean - m) and sqrt(between (1 - w)), w the reliability. Source: Gelman et al. (2013), Bayesian
    Data Analysis, 3rd ed., ch. 2.5.

    >>> from_mean(Prior(60.0, 40.0, 360.0), 50.0, 9)
    Posterior(mean=55.0, sd=4.47213595499958)
    """
    weight = prior.reliability(n)
    return Posterior(prior.mean + weight * (mean - prior.mean), math.sqrt(prior.between * (1 - weight)))


def from_limits(prior: Prior, low: float, high: float, n: float) -> Posterior:
    """Return what is known of the true mean when the mean of n answers lies between `low` and `high`.

    Formula: the mean of n answers is normal with variance s^2 = between + within / n, here truncated; with w the
    reliability and Z its standardised value, the true mean has mean m + w s E(Z) and variance
    between (1 - w) + w^2 s^2 Var(Z). Source: Johnson, Kotz & Balakrishnan (1994), Continuous Univariate
    Distributions 1, ch. 13.10.1. Limits may be infinite.

    >>> below = from_limits(Prior(60.0, 40.0, 360.0), -math.inf, 47.5, 5)
    >>> round(below.mean, 1), round(below.sd, 1)
    (53.7, 5.3)
    """
    spread = math.sqrt(prior.between + prior.within / n)
    if prior.between <= 0 or spread == 0:
        return Posterior(prior.mean, 0.0)
    middle, variance = _truncated_normal((low - prior.mean) / spread, (high - prior.mean) / spread)
    weight = prior.reliability(n)
    left = prior.between * (1 - weight) + weight**2 * spread**2 * variance
    return Posterior(prior.mean + weight * spread * middle, math.sqrt(left))


def from_group_mean(prior: Prior, mean: float, *, members: int, n: float) -> Posterior:
    """Return what the mean of n answers from `members` communities says of the true mean of one of them.

    Formula: w = between / (between + members within / n); m + w (mean - m), variance between (1 - w / members).
    Source: the normal model of `from_mean`, for the mean of several communities.

    >>> from_group_mean(Prior(60.0, 40.0, 360.0), 50.0, members=1, n=9)
    Posterior(mean=55.0, sd=4.47213595499958)
    """
    members = max(members, 1)
    weight = prior.reliability(n / members)
    return Posterior(
        prior.mean + weight * (mean - prior.mean), math.sqrt(max(prior.between * (1 - weight / members), 0.0))
    )


def expected_shortfall(posterior: Posterior, level: float) -> float:
    """Return how far the true mean is expected to lie below a level, 0 where it certainly does not.

    Formula: s (z Phi(z) + phi(z)), z = (level - m) / s. Source: the expected improvement of Mockus (1978).

    >>> round(expected_shortfall(Posterior(50.0, 5.0), 50.0), 2), expected_shortfall(Posterior(50.0, 0.0), 53.0)
    (1.99, 3.0)
    """
    if posterior.sd <= 0:
        return max(0.0, level - posterior.mean)
    z = (level - posterior.mean) / posterior.sd
    return posterior.sd * (z * normal_cdf(z) + _density(z))


def expected_share_below(posterior: Posterior, cut: float, within: float) -> float:
    """Return the share of people that is expected to score below a cut.

    Formula: Phi((cut - m) / sqrt(within + s^2)). Source: the predictive distribution of the normal model (Gelman et
    al. 2013, ch. 2.5).

    >>> round(expected_share_below(Posterior(50.0, 3.0), 40.0, 91.0), 3)
    0.159
    """
    spread = math.sqrt(within + posterior.sd**2)
    if spread <= 0:
        return 1.0 if posterior.mean < cut else 0.0
    return normal_cdf((cut - posterior.mean) / spread)


def normal_quantile(share: float, mean: float, variance: float) -> float:
    """Return the cut below which a share of people (strictly between 0 and 1) lies.

    Formula: mean + sqrt(variance) Phi^-1(share). Source: the quantile function of the normal distribution, Abramowitz
    & Stegun (1964), 26.2.

    >>> round(normal_quantile(0.159, 50.0, 100.0), 1)
    40.0
    """
    return mean + math.sqrt(variance) * float(special.ndtri(share))


def normal_cdf(z: float) -> float:
    """Return the share of a standard normal distribution below z.

    Formula: erfc(-z / sqrt(2)) / 2. Source: Abramowitz & Stegun (1964), 26.2.29.

    >>> normal_cdf(0.0)
    0.5
    """
    return 0.5 * math.erfc(-z / ROOT_OF_2)


def _density(z: float) -> float:
    return 0.0 if math.isinf(z) else math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _truncated_normal(low: float, high: float) -> tuple[float, float]:
    """Return mean and variance of a standard normal between two limits."""
    if low > 0:  # the tails are more exact on the left
        mean, variance = _truncated_normal(-high, -low)
        return -mean, variance
    area = normal_cdf(high) - normal_cdf(low)
    if area <= 0:
        edge = high if abs(high) < abs(low) else low
        return edge, 0.0
    mean = (_density(low) - _density(high)) / area
    edges = sum(sign * end * _density(end) for sign, end in ((1, low), (-1, high)) if not math.isinf(end))
    return mean, max(0.0, 1 + edges / area - mean**2)
