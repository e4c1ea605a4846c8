"""Agreement within communities, and differences between them (ANOVA, intraclass correlation).

`groups` gives for each score the number of its community. Missing scores (NaN) are left out.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.core.scientific import special
from app.core.stats.describe import Floats

LAST_BITS = 1e-24  # of a square: a score has sixteen digits, and sums of many lose a few
FAR = 4  # times as many numbers as scores: beyond, counting every number costs more than sorting


class GroupSizeMethod(StrEnum):
    """How the common group size is computed when groups are of different sizes."""

    EXACT = "exact"  # k0 = (N - sum of n^2 / N) / (G - 1), the analysis of variance estimator
    MEAN = "mean"  # N / G, as R's package multilevel does


@dataclass(frozen=True, slots=True)
class Icc:
    """How much of the spread lies between communities.

    `icc1`: share of one person's score that is the community's; may be below 0, which is printed as
    0. `icc2`: reliability of a community's mean. `p`: chance of such mean squares if communities
    did not differ at all (F test, exact for unequal sizes too).
    """

    icc1: float
    icc2: float
    between: float
    within: float
    f: float
    p: float
    groups: int
    n: int
    group_size: float


@dataclass(frozen=True, slots=True)
class OneWayAnovaSums:
    """The sizes, means and squared deviations of groups, from which all the rest follows."""

    labels: NDArray[np.int64]
    sizes: NDArray[np.int64]
    means: Floats
    within: float  # sum of squares within groups


def one_way_anova_sums(scores: ArrayLike, groups: ArrayLike) -> OneWayAnovaSums:
    """Return sizes, means and the sum of squares within groups, sum of (score - its group's mean)^2.

    `scores` (any unit, NaN missing and left out) and `groups` are two rows of the same length.
    Formula and source: the parts of a one-way analysis of variance, Fisher (1925), ch. 7.

    >>> one_way_anova_sums([1.0, 3.0, 10.0], [7, 7, 2]).means.tolist()
    [10.0, 2.0]
    """
    values = np.asarray(scores, dtype=np.float64)
    names = np.asarray(groups)
    if values.shape != names.shape or values.ndim != 1:
        message = f"scores {values.shape} and groups {names.shape} must be two rows of the same length"
        raise ValueError(message)
    is_answered = np.isfinite(values)
    labels, place = _numbered(names[is_answered])
    sizes = np.bincount(place, minlength=len(labels))
    means = np.bincount(place, weights=values[is_answered], minlength=len(labels)) / np.maximum(sizes, 1)
    within = float(((values[is_answered] - means[place]) ** 2).sum())
    return OneWayAnovaSums(labels, sizes, means, within)


def intraclass_correlations(
    scores: ArrayLike, groups: ArrayLike, *, size: GroupSizeMethod = GroupSizeMethod.EXACT
) -> Icc | None:
    """Return ICC(1) and ICC(2) of a one-way analysis of variance.

    Formula: ICC(1) = (MSB - MSW) / (MSB + (k0 - 1) MSW); ICC(2) = (MSB - MSW) / MSB. `size` says
    what k0 is. Source: Bliese (2000), in Klein & Kozlowski, Multilevel Theory, 349-381; k0 by
    Smith (1957), Biometrics 13, 15-18. ICC(2) is NaN where all means are equal.
    None for fewer than two groups, groups of one only, or scores that are all equal.

    >>> result = intraclass_correlations([1.0, 2.0, 3.0, 7.0, 8.0, 9.0], [0, 0, 0, 1, 1, 1])
    >>> round(result.icc1, 3), round(result.icc2, 3)
    (0.946, 0.981)
    """
    return intraclass_correlations_of_sums(one_way_anova_sums(scores, groups), size=size)


def intraclass_correlations_of_sums(
    spread: OneWayAnovaSums, *, size: GroupSizeMethod = GroupSizeMethod.EXACT
) -> Icc | None:
    """Return what `intraclass_correlations` returns, from the sizes, means and squared deviations of the groups.

    Formula and source: those of `intraclass_correlations`.

    >>> spread = one_way_anova_sums([1.0, 2.0, 3.0, 7.0, 8.0, 9.0], [0, 0, 0, 1, 1, 1])
    >>> round(intraclass_correlations_of_sums(spread).icc1, 3)
    0.946
    """
    n = int(spread.sizes.sum())
    count = len(spread.sizes)
    if count < 2 or n <= count:
        return None
    grand = float(spread.sizes @ spread.means) / n
    between = _drop_float_noise(float(spread.sizes @ (spread.means - grand) ** 2), spread) / (count - 1)
    within = _drop_float_noise(spread.within, spread) / (n - count)
    if within <= 0 and between <= 0:
        return None
    exact = (n - float((spread.sizes**2).sum()) / n) / (count - 1)
    k = exact if size is GroupSizeMethod.EXACT else n / count
    f = between / within if within > 0 else np.inf
    return Icc(
        icc1=(between - within) / (between + (k - 1) * within),
        icc2=(between - within) / between if between > 0 else np.nan,
        between=between,
        within=within,
        f=float(f),
        p=float(special.fdtrc(count - 1, n - count, f)),
        groups=count,
        n=n,
        group_size=k,
    )


def rwg_j_of_variances(mean_variances: ArrayLike, *, items: int, options: int, step: float = 1.0) -> Floats:
    """Return r_wg(J), how well people agree on a scale of J items, from the mean variance of the items in each group.

    Formula: J (1 - v) / (J (1 - v) + v), v the mean variance (with n - 1, in the unit of the ratings, squared) over
    sigma^2 = (A^2 - 1) / 12 * step^2, that of answers drawn evenly from all A options; below 0 becomes 0. Of one item
    it is r_wg, 1 - v. `step` is the distance of two neighbouring options in the unit of the ratings (1 for option
    numbers, 25 for 0-100 from five options).
    Source: James, Demaree & Wolf (1984), J. Applied Psychology 69, 85-98.

    >>> rwg_j_of_variances([1 / 3], items=2, options=5).round(4).tolist()
    [0.9091]
    """
    share = np.asarray(mean_variances, dtype=np.float64) / _even(options, step)
    agreed = items * (1 - share)
    return np.where(agreed <= 0, 0.0, agreed / np.where(agreed <= 0, 1.0, agreed + share))


def _numbered(groups: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the different groups in order, and for each score the place of its own among them."""
    if groups.dtype.kind not in "iu" or not len(groups) or groups.min() < 0 or groups.max() > FAR * len(groups):
        return np.unique(groups, return_inverse=True)
    # Small integers need no sorting: finding the groups takes a fifth of the time.
    is_used = np.bincount(groups) > 0
    return np.flatnonzero(is_used).astype(groups.dtype), (np.cumsum(is_used) - 1)[groups]


def _drop_float_noise(squares: float, spread: OneWayAnovaSums) -> float:
    """Return a sum of squares, or 0 where it is but the last bits of scores that are all alike."""
    noise = LAST_BITS * float(spread.sizes.sum()) * float(np.abs(spread.means).max()) ** 2
    return squares if squares > noise else 0.0


def _even(options: int, step: float) -> float:
    if options < 2:
        message = "agreement needs at least two options"
        raise ValueError(message)
    return (options**2 - 1) / 12 * step**2
