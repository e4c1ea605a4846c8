"""Reliability of a scale, for the pooled region only, never for one community.

Items are given as n people x k items, already turned. A person with any missing item (NaN) is left
out of these figures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.core.scientific import special
from app.core.stats.describe import Floats, Interval


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha, raw and standardised, the mean correlation of the items, and the interval of the raw one."""

    n: int
    raw: float
    standardised: float
    mean_correlation: float
    interval: Interval


def complete_rows(items: ArrayLike) -> Floats:
    """Return the rows of n people x k items without any missing value (NaN); ValueError for another shape.

    >>> complete_rows([[1.0, 2.0], [3.0, float("nan")]]).tolist()
    [[1.0, 2.0]]
    """
    table = np.asarray(items, dtype=np.float64)
    if table.ndim != 2:
        message = f"items must be n x k, not {table.shape}"
        raise ValueError(message)
    return select_rows(table, np.isfinite(table).all(axis=1))


def select_rows(table: Floats, mask: ArrayLike) -> Floats:
    """Return the chosen people of n people x k items; the table itself where all are chosen.

    The answers to one item lie side by side in what is returned, whereby all that reads them is faster.

    >>> select_rows(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([False, True])).tolist()
    [[3.0, 4.0]]
    """
    people = np.asarray(mask, dtype=np.bool_)
    return table if people.all() else table.T.compress(people, axis=1).T


def cronbach_alpha(items: ArrayLike, *, level: float = 0.95) -> Alpha | None:
    """Return Cronbach's alpha with Feldt's interval.

    Formula: k / (k - 1) * (1 - sum of item variances / variance of the sum); standardised
    k * r / (1 + (k - 1) * r) with r the mean correlation. Interval: 1 - (1 - alpha) * F, F with
    n - 1 and (n - 1)(k - 1) degrees. Source: Cronbach (1951), Psychometrika 16, 297-334; Feldt,
    Woodruff & Salih (1987), Applied Psychological Measurement 11, 93-103.
    None for fewer than two items, fewer than three complete people, or sums that do not vary.
    For two items say Spearman-Brown instead (`two_item_reliability`).

    >>> result = cronbach_alpha([[1, 2, 1], [2, 2, 3], [3, 4, 3], [4, 4, 5], [5, 4, 5]])
    >>> round(result.raw, 3)
    0.936
    """
    table = complete_rows(items)
    return alpha_of_covariance(item_covariance(table), n=len(table), level=level)


def item_covariance(table: Floats) -> Floats:
    """Return the covariances of n complete people x k items: k x k, with n - 1 in the denominator.

    Formula: sum (x - mean)(x - mean)' / (n - 1). Source: Lord & Novick (1968), Statistical Theories of Mental Test
    Scores, ch. 4. Those of an item that everybody answered alike are 0, without float noise; of fewer than two people
    all are.

    >>> item_covariance(np.array([[1.0, 5.0], [3.0, 5.0]])).tolist()
    [[2.0, 0.0], [0.0, 0.0]]
    """
    n, k = table.shape
    if n < 2:
        return np.zeros((k, k))
    alike = np.ptp(table, axis=0) == 0
    covariance: Floats = np.atleast_2d(np.cov(table, rowvar=False))
    covariance[alike, :] = covariance[:, alike] = 0.0
    return covariance


def correlations_of_covariance(covariance: Floats) -> Floats:
    """Return the correlations of k x k covariances; 0 for an item without variance, 1 on the diagonal.

    Formula: c_ij / sqrt(c_ii c_jj), Pearson's correlation. Source: Lord & Novick (1968), ch. 4.

    >>> correlations_of_covariance(np.array([[4.0, 3.0], [3.0, 9.0]])).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    spread = np.sqrt(np.diagonal(covariance))
    scale = np.outer(spread, spread)
    correlation: Floats = np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 0)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def alpha_of_covariance(covariance: Floats, *, n: int, level: float = 0.95) -> Alpha | None:
    """Return what `cronbach_alpha` returns, from the items' covariances (k x k) and the number of people.

    Formula, source and None: those of `cronbach_alpha`. An item without variance has covariances of exactly 0.

    >>> round(alpha_of_covariance(np.array([[2.0, 1.0], [1.0, 2.0]]), n=100).raw, 3)
    0.667
    """
    k = len(covariance)
    if k < 2 or n < 3:
        return None
    raw = _alpha(covariance)
    if raw is None:
        return None
    correlation = correlations_of_covariance(covariance)
    mean_correlation = float((correlation.sum() - k) / (k * (k - 1)))
    return Alpha(
        n=n,
        raw=raw,
        standardised=k * mean_correlation / (1 + (k - 1) * mean_correlation),
        mean_correlation=mean_correlation,
        interval=_feldt(raw, n, k, level),
    )


def spearman_brown(correlation: float, *, times: float = 2.0) -> float:
    """Return the reliability of a test made `times` as long. Formula: m * r / (1 + (m - 1) * r).

    Source: Spearman (1910) and Brown (1910), British Journal of Psychology 3.

    >>> round(spearman_brown(0.5), 4)
    0.6667
    """
    return times * correlation / (1 + (times - 1) * correlation)


def two_item_reliability(items: ArrayLike) -> float | None:
    """Return the reliability of a scale of two items (n people x 2), missing ones left out.

    Formula: Spearman-Brown of their correlation, 2r / (1 + r).

    None for fewer than three complete people or an item that does not vary.
    Source: Eisinga, Grotenhuis & Pelzer (2013), Int. J. Public Health 58, 637-642.

    >>> round(two_item_reliability([[1, 1], [2, 3], [3, 2], [4, 4]]), 4)
    0.8889
    """
    table = complete_rows(items)
    if table.shape[1] != 2:
        message = f"two items are needed, not {table.shape[1]}"
        raise ValueError(message)
    return two_item_reliability_of_covariance(item_covariance(table), n=len(table))


def two_item_reliability_of_covariance(covariance: Floats, *, n: int) -> float | None:
    """Return what `two_item_reliability` returns, from the covariances (2 x 2) and the number of people.

    Formula, source and None: those of `two_item_reliability`.

    >>> round(two_item_reliability_of_covariance(np.array([[4.0, 3.0], [3.0, 9.0]]), n=100), 4)
    0.6667
    """
    if n < 3 or (np.diagonal(covariance) == 0).any():
        return None
    correlation = float(correlations_of_covariance(covariance)[0, 1])
    return None if correlation <= -1 else spearman_brown(correlation)


def _alpha(covariance: Floats) -> float | None:
    k = len(covariance)
    total = float(covariance.sum())
    if total <= 1e-12 * max(float(np.trace(covariance)), 1e-300):
        return None
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def _feldt(alpha: float, n: int, k: int, level: float) -> Interval:
    tail = (1 - level) / 2
    low = special.fdtri(n - 1, (n - 1) * (k - 1), 1 - tail)
    high = special.fdtri(n - 1, (n - 1) * (k - 1), tail)
    return float(1 - (1 - alpha) * low), float(1 - (1 - alpha) * high)
