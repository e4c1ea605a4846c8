"""The six intraclass correlations for raters who all rated the same targets."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from app.core.stats.reliability import complete_rows


@dataclass(frozen=True, slots=True)
class RaterIcc:
    """Agreement of one judge (`icc1`, `icc2_1`, `icc3_1`) and of the mean of all k (`…k`)."""

    icc1: float
    icc2_1: float
    icc3_1: float
    icc1k: float
    icc2k: float
    icc3k: float


def shrout_fleiss_icc(ratings: ArrayLike) -> RaterIcc | None:
    """Return ICC(1,1), (2,1), (3,1), (1,k), (2,k), (3,k) of n targets x k judges.

    Formula: from the mean squares of targets, judges and residual. Source: Shrout & Fleiss (1979),
    Psychological Bulletin 86, 420-428. Targets with a missing rating are left out. None for fewer
    than two targets or judges, or targets that do not differ at all.

    >>> round(shrout_fleiss_icc([[1, 2], [3, 4], [5, 6]]).icc3_1, 3)
    1.0
    """
    table = complete_rows(ratings)
    n, k = table.shape
    if n < 2 or k < 2:
        return None
    grand = table.mean()
    rows = k * float(((table.mean(axis=1) - grand) ** 2).sum())
    columns = n * float(((table.mean(axis=0) - grand) ** 2).sum())
    total = float(((table - grand) ** 2).sum())
    targets = rows / (n - 1)
    judges = columns / (k - 1)
    within = (total - rows) / (n * (k - 1))
    residual = (total - rows - columns) / ((n - 1) * (k - 1))
    if targets <= 0:
        return None
    return RaterIcc(
        icc1=(targets - within) / (targets + (k - 1) * within),
        icc2_1=(targets - residual) / (targets + (k - 1) * residual + k * (judges - residual) / n),
        icc3_1=(targets - residual) / (targets + (k - 1) * residual),
        icc1k=(targets - within) / targets,
        icc2k=(targets - residual) / (targets + (judges - residual) / n),
        icc3k=(targets - residual) / targets,
    )
