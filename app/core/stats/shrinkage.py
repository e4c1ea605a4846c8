"""Shrinkage estimates: means of communities drawn towards the region's, more so with fewer answers.

A mean of ten answers says half about the community and half about chance. The shrunken estimate is
the one to compare with; the raw mean stands beside it. No ranks are made of either.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.core.scientific import optimize
from app.core.stats.agreement import OneWayAnovaSums, one_way_anova_sums
from app.core.stats.describe import Floats


@dataclass(frozen=True, slots=True)
class ShrunkenMean:
    """One community: `weight` (0-1) is how much of its own mean it keeps, `error` the standard error."""

    group: int
    n: int
    raw: float
    weight: float
    estimate: float
    error: float


@dataclass(frozen=True, slots=True)
class RandomIntercept:
    """The region: its mean, the variance between communities (`between`) and within them.

    `between` = 0 reads "no evidence that communities differ". `standard_error` is that of `mean`.
    """

    mean: float
    standard_error: float
    between: float
    within: float
    communities: tuple[ShrunkenMean, ...]

    @property
    def icc1(self) -> float:
        """The share of one person's score that is the community's: between / (between + within)."""
        total = self.between + self.within
        return self.between / total if total > 0 else 0.0


def fit_random_intercept_to_scores(scores: ArrayLike, groups: ArrayLike) -> RandomIntercept | None:
    """Fit a random intercept by REML and return every community's shrunken mean.

    Parameters
    ----------
    scores, groups
        Two rows of the same length: scores (NaN missing) and whole numbers that name communities.

    Formula: estimate = m + w_j (mean_j - m), w_j = between / (between + within / n_j), m the mean
    weighted by 1 / (between + within / n_j). The one parameter between / within maximises the
    restricted likelihood. Error: sqrt(between (1 - w_j) + (1 - w_j)^2 se(m)^2).
    Source: Patterson & Thompson (1971), Biometrika 58, 545-554; Robinson (1991), Statistical
    Science 6, 15-32. Communities come in the order of their numbers.
    None for fewer than two communities, or where every community has one answer.

    >>> fit = fit_random_intercept_to_scores([1.0, 2.0, 3.0, 7.0, 8.0, 9.0], [0, 0, 0, 1, 1, 1])
    >>> round(fit.mean, 2), [round(place.estimate, 2) for place in fit.communities]
    (5.0, [2.06, 7.94])
    """
    return fit_random_intercept_to_sums(one_way_anova_sums(scores, groups))


def fit_random_intercept_to_sums(spread: OneWayAnovaSums) -> RandomIntercept | None:
    """Fit the same model to sizes, means and the sum of squares within, where no scores are kept.

    Formula, source and None as for `fit_random_intercept_to_scores`.

    >>> sums = one_way_anova_sums([1.0, 2.0, 3.0, 7.0, 8.0, 9.0], [0, 0, 0, 1, 1, 1])
    >>> round(fit_random_intercept_to_sums(sums).mean, 2)
    5.0
    """
    n = int(spread.sizes.sum())
    count = len(spread.sizes)
    if count < 2 or n <= count:
        return None
    if spread.within <= 1e-12 * float(np.abs(spread.means).max()) ** 2:
        return _without_noise(spread)
    ratio = _ratio(spread)
    weights = spread.sizes / (1 + spread.sizes * ratio)
    mean = float(weights @ spread.means / weights.sum())
    within = float(spread.within + weights @ (spread.means - mean) ** 2) / (n - 1)
    error = float(np.sqrt(within / weights.sum()))
    return _fitted(spread, mean=mean, error=error, between=ratio * within, within=within)


@dataclass(frozen=True, slots=True)
class _SameSizeGroups:
    """Communities of one size, which the likelihood weighs alike: how many, their mean, the squares about it."""

    size: Floats
    count: Floats
    mean: Floats
    squares: Floats
    within: float


def _group_by_size(spread: OneWayAnovaSums) -> _SameSizeGroups:
    sizes, place = np.unique(spread.sizes, return_inverse=True)
    count = np.bincount(place)
    mean = np.bincount(place, weights=spread.means) / count
    squares = np.bincount(place, weights=(spread.means - mean[place]) ** 2)
    return _SameSizeGroups(
        sizes.astype(np.float64), count.astype(np.float64), mean, np.asarray(squares, dtype=np.float64), spread.within
    )


def _ratio(spread: OneWayAnovaSums) -> float:
    # The share between / (between + within) lies in 0-1, so the whole range can be searched; the
    # grid guards against a second, lower hill of the likelihood.
    grid = np.concatenate(([0.0], np.geomspace(1e-6, 0.5, 40), 1 - np.geomspace(0.5, 1e-6, 40)[1:]))
    alike = _group_by_size(spread)
    heights = _deviances(grid, alike)
    best = int(np.argmin(heights))
    low = grid[max(best - 1, 0)]
    high = grid[min(best + 1, len(grid) - 1)]
    result = optimize.minimize_scalar(
        lambda share: float(_deviances(np.array([share]), alike)[0]),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-12},
    )
    share = float(result.x) if result.fun < heights[0] - 1e-10 else 0.0
    return share / (1 - share)


def _deviances(shares: Floats, alike: _SameSizeGroups) -> Floats:
    """Return -2 times the restricted log-likelihood of each share, apart from a constant."""
    grown = np.outer(shares / (1 - shares), alike.size)
    weights = alike.size / (1 + grown)
    total = weights @ alike.count
    mean = weights @ (alike.count * alike.mean) / total
    between = weights @ alike.squares + (weights * (alike.mean - mean[:, np.newaxis]) ** 2) @ alike.count
    n = float(alike.count @ alike.size)
    deviances: Floats = (n - 1) * np.log(alike.within + between) + np.log1p(grown) @ alike.count + np.log(total)
    return deviances


def _without_noise(spread: OneWayAnovaSums) -> RandomIntercept:
    mean = float(spread.means.mean())
    between = float(spread.means.var(ddof=1))
    error = float(np.sqrt(between / len(spread.means)))
    return _fitted(spread, mean=mean, error=error, between=between, within=0.0)


def _fitted(spread: OneWayAnovaSums, *, mean: float, error: float, between: float, within: float) -> RandomIntercept:
    weights: Floats = np.zeros(len(spread.sizes))
    if between > 0:
        weights = between / (between + within / spread.sizes)
    left = 1 - weights
    errors = np.sqrt(between * left + left**2 * error**2)
    columns = (spread.labels, spread.sizes, spread.means, weights, mean + weights * (spread.means - mean), errors)
    communities = tuple(map(ShrunkenMean, *(column.tolist() for column in columns)))
    return RandomIntercept(mean, error, between, within, communities)
