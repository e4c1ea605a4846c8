"""Correction for multiple comparisons, for example of twenty scales."""

import numpy as np
from numpy.typing import ArrayLike

from app.core.stats.describe import Floats


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Return p values adjusted so that at most the chosen share of the discoveries is false.

    Formula: the smallest over j >= i of p(j) * m / j, at most 1, in the order given. NaN (no test)
    stays NaN and is not counted in m.
    Source: Benjamini & Hochberg (1995), J. R. Statist. Soc. B 57, 289-300.

    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    values, tested, order = _sorted(p)
    m = len(order)
    adjusted = values[tested][order] * m / np.arange(1, m + 1)
    return _restore(values, tested, order, np.minimum.accumulate(adjusted[::-1])[::-1])


def holm(p: ArrayLike) -> Floats:
    """Return p values adjusted so that the chance of a single false discovery stays as chosen.

    Formula: the largest over j <= i of p(j) * (m - j + 1), at most 1, in the order given. NaN stays
    NaN. Source: Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    values, tested, order = _sorted(p)
    m = len(order)
    adjusted = values[tested][order] * (m - np.arange(m))
    return _restore(values, tested, order, np.maximum.accumulate(adjusted))


def bonferroni(p: ArrayLike) -> Floats:
    """Return p values adjusted so that the chance of a single false discovery is at most as chosen.

    Formula: p * m, at most 1, m the number of tests; NaN (no test) stays NaN and is not counted.
    Source: Dunn (1961), J. American Statistical Association 56, 52-64.

    >>> bonferroni([0.01, 0.04, 0.6]).round(3).tolist()
    [0.03, 0.12, 1.0]
    """
    values = np.asarray(p, dtype=np.float64)
    return np.minimum(values * int(np.isfinite(values).sum()), 1.0)


def _sorted(p: ArrayLike) -> tuple[Floats, np.ndarray, np.ndarray]:
    values = np.asarray(p, dtype=np.float64)
    tested = np.isfinite(values)
    if ((values[tested] < 0) | (values[tested] > 1)).any():
        message = "a p value lies between 0 and 1"
        raise ValueError(message)
    return values, tested, np.argsort(values[tested], kind="stable")


def _restore(values: Floats, tested: np.ndarray, order: np.ndarray, adjusted: Floats) -> Floats:
    unsorted = np.empty_like(adjusted)
    unsorted[order] = np.minimum(adjusted, 1.0)
    result = np.full(values.shape, np.nan)
    result[tested] = unsorted
    return result
