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
    values = np.asarray(p, dtype=np.float64)
    tested = np.isfinite(values)
    if ((values[tested] < 0) | (values[tested] > 1)).any():
        message = "a p value lies between 0 and 1"
        raise ValueError(message)
    order = np.argsort(values[tested], kind="stable")
    m = len(order)
    adjusted = values[tested][order] * m / np.arange(1, m + 1)
    unsorted = np.empty_like(adjusted)
    unsorted[order] = np.minimum(np.minimum.accumulate(adjusted[::-1])[::-1], 1.0)
    result = np.full(values.shape, np.nan)
    result[tested] = unsorted
    return result
