"""Relative weights: the share of each of several correlated predictors in explaining an outcome."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_EIGENVALUE = 1e-9


@dataclass(frozen=True, slots=True)
class RelativeWeights:
    """Shares of each predictor (they add up to 1), with intervals, and the explained share of the variance.

    `raw` are the shares of the data, `weights` the same drawn towards equal shares by their uncertainty.
    """

    raw: tuple[float, ...]
    weights: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]
    explained: float


def relative_weights(covariance: Floats) -> tuple[Floats, float] | None:
    """Return the share of each predictor in what all of them explain of the outcome, and that explained share.

    Parameters
    ----------
    covariance
        (p + 1) x (p + 1): the predictors, then the outcome.

    Formula: with the correlations R = V L V' of the predictors and r of the predictors with the outcome, let
    A = V L^(1/2) V' and b = A^(-1) r; the share of predictor j is the sum over k of A_jk^2 b_k^2, divided by
    b'b, which is the explained share R^2. Source: Johnson (2000), Multivariate Behavioral Research 35, 1-19.
    None where a variance is zero, the predictors are collinear, or nothing is explained.

    >>> shares, explained = relative_weights(np.array([[1.0, 0.0, 0.6], [0.0, 1.0, 0.2], [0.6, 0.2, 1.0]]))
    >>> shares.round(2).tolist(), round(explained, 2)
    ([0.9, 0.1], 0.4)
    """
    shares, explained = _shares(covariance[np.newaxis])
    if not np.isfinite(explained[0]):
        return None
    return shares[0], min(float(explained[0]), 1.0)


def _shares(covariances: Floats) -> tuple[Floats, Floats]:
    """Return the shares and the explained part of each of m matrices (m x p and m); NaN where they are not defined."""
    spread = np.sqrt(np.maximum(np.diagonal(covariances, axis1=1, axis2=2), 0.0))
    defined = (spread > 0).all(axis=1)
    scale = np.where(spread > 0, spread, 1.0)
    correlations = covariances / (scale[:, :, np.newaxis] * scale[:, np.newaxis, :])
    values, vectors = np.linalg.eigh(correlations[:, :-1, :-1])
    defined &= values[:, 0] >= LEAST_EIGENVALUE
    roots = np.sqrt(np.maximum(values, LEAST_EIGENVALUE))
    root = (vectors * roots[:, np.newaxis, :]) @ vectors.swapaxes(1, 2)
    inverse = (vectors / roots[:, np.newaxis, :]) @ vectors.swapaxes(1, 2)
    slopes = (inverse @ correlations[:, :-1, -1:])[:, :, 0]
    explained = (slopes**2).sum(axis=1)
    defined &= explained > LEAST_EIGENVALUE
    explained[~defined] = np.nan
    shares: Floats = ((root**2) @ (slopes**2)[:, :, np.newaxis])[:, :, 0] / explained[:, np.newaxis]
    return shares, explained


def within_group_products(scores: Floats, groups: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the cross-products within each group, and what each group adds to the degrees of freedom.

    Parameters
    ----------
    scores
        n x p, nothing missing.
    groups
        n whole numbers from 0.

    Returns
    -------
    groups x p x p and groups: the sum over the members of (x - mean)(x - mean)', and their number less one.

    Formula: sum (x - mean)(x - mean)' of each group. Source: the matrix within groups of the multivariate analysis of
    variance, Mardia, Kent & Bibby (1979), chapter 12.

    >>> products, degrees = within_group_products(np.array([[1.0], [3.0], [9.0]]), np.array([0, 0, 1]))
    >>> products.ravel().tolist(), degrees.tolist()
    ([2.0, 0.0], [1.0, 0.0])
    """
    names, place = np.unique(groups, return_inverse=True)
    n = np.bincount(place, minlength=len(names)).astype(np.float64)
    sums = np.stack([np.bincount(place, weights=column, minlength=len(names)) for column in scores.T], axis=1)
    centred = scores - (sums / n[:, np.newaxis])[place]
    width = scores.shape[1]
    products = np.empty((len(names), width, width))
    for row in range(width):
        for column in range(row, width):
            added = np.bincount(place, weights=centred[:, row] * centred[:, column], minlength=len(names))
            products[:, row, column] = added
            products[:, column, row] = added
    return products, n - 1


def pooled_relative_weights(
    products: Floats, degrees: Floats, *, draws: int = 400, seed: int = 1, level: float = 0.90
) -> RelativeWeights | None:
    """Return relative weights from the pooled covariance within groups, with bootstrap intervals over groups.

    Parameters
    ----------
    products
        groups x (p + 1) x (p + 1), from `within_group_products`: the predictors, then the outcome. Differences
        between groups (communities) do not count.
    degrees
        groups: the number of people in each, less one.

    Formula: covariance = sum of the cross-products within groups / (n - groups); shares as in `relative_weights`.
    Whole groups are drawn with replacement; an interval holds the middle `level` of the draws. Each share w_j is
    drawn towards 1/p: 1/p + B (w_j - 1/p), B = V / (V + S), S the mean variance of the draws and
    V = max(0, mean (w_j - 1/p)^2 - S). Source: Johnson (2000); Efron & Morris (1973), JASA 68, 117-130, for B.
    The same input and seed give the same answer. None where the shares are not defined.

    >>> scores = np.random.default_rng(1).normal(size=(300, 3))
    >>> scores[:, 2] += scores[:, 0]  # the outcome goes together with the first predictor only
    >>> first, second = pooled_relative_weights(*within_group_products(scores, np.arange(300) % 10)).weights
    >>> first > 0.9, round(first + second, 6)
    (True, 1.0)
    """
    result = relative_weights(products.sum(axis=0) / max(degrees.sum(), 1.0))
    if result is None:
        return None
    shares, explained = result
    drawn = _bootstrap(products, draws=draws, seed=seed)
    if len(drawn) < draws / 2:
        return None
    equal = 1 / len(shares)
    error = float(drawn.var(axis=0).mean())
    spread = max(0.0, float(((shares - equal) ** 2).mean()) - error)
    reliability = spread / (spread + error) if spread > 0 else 0.0
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return RelativeWeights(
        raw=tuple(shares.tolist()),
        weights=tuple((equal + reliability * (shares - equal)).tolist()),
        intervals=tuple(zip(low.tolist(), high.tolist(), strict=True)),
        explained=explained,
    )


def _bootstrap(products: Floats, *, draws: int, seed: int) -> Floats:
    """Return the shares of each draw of whole groups; a draw without an answer is left out."""
    chance = np.random.default_rng(seed)
    count = len(products)
    times = chance.multinomial(count, np.full(count, 1 / count), size=draws).astype(np.float64)
    width = products.shape[1]
    drawn = (times @ products.reshape(count, -1)).reshape(draws, width, width)
    shares, explained = _shares(drawn)
    result: Floats = shares[np.isfinite(explained)]
    return result
