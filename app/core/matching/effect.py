"""Whether communities that took a course moved: a bracket of two estimates, never one number.

Before-after and difference-in-differences credit a course with regression to the mean when the
lowest communities take it; the baseline-adjusted estimate errs the other way when communities choose
by true need. So both are told as a range. The p-value permutes who took part within each
municipality. Under eight communities that took part nothing is said, and of a single one never.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

TREATED_FROM = 8
DRAWS = 2000
CLEAR = 0.05
UNCERTAIN = 0.20


class Verdict(StrEnum):
    """The only things that are ever said."""

    TOO_FEW = "too_few"
    NO_CLEAR_CHANGE = "no_clear_change"
    UNCERTAIN = "uncertain"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Observed:
    """One community in two rounds, in printed means turned so that high is good; `people` weigh it."""

    community: str
    municipality: str
    before: float
    after: float
    people: int
    took_part: bool


@dataclass(frozen=True, slots=True)
class Bracket:
    """The range of two estimates with their p-values, and what may be said of it.

    `low` and `high` are None when nothing may be said. `p` is the greater of the two p-values.
    """

    dimension: str
    treated: int
    others: int
    verdict: Verdict
    low: float | None = None
    high: float | None = None
    p: float | None = None


def bracket(dimension: str, observed: Sequence[Observed], *, chance: Generator, draws: int = DRAWS) -> Bracket:
    """Estimate the effect in one dimension that was fixed in advance.

    Returns too few under eight communities on either side, or where no municipality has both sorts.
    """
    took = np.array([one.took_part for one in observed], dtype=bool)
    treated, others = int(took.sum()), int((~took).sum())
    blocks = np.unique([one.municipality for one in observed], return_inverse=True)[1]
    if treated < TREATED_FROM or others < TREATED_FROM or not _has_mixed_block(took, blocks):
        return Bracket(dimension, treated, others, Verdict.TOO_FEW)
    before, after, weights = (
        np.array(numbers, dtype=float)
        for numbers in zip(*((one.before, one.after, one.people) for one in observed), strict=True)
    )
    allocations = np.vstack([took, _permuted(took, blocks, chance, draws)])
    differences = _difference_in_differences(allocations, after - before, weights)
    adjusted = _baseline_adjusted(allocations, before, after, weights)
    low, high = sorted((float(differences[0]), float(adjusted[0])))
    p = max(_p(differences), _p(adjusted))
    return Bracket(dimension, treated, others, _verdict(low, p), low, high, p)


def _has_mixed_block(took: NDArray[np.bool_], blocks: NDArray[np.intp]) -> bool:
    return any(0 < took[blocks == block].sum() < (blocks == block).sum() for block in np.unique(blocks))


def _permuted(took: NDArray[np.bool_], blocks: NDArray[np.intp], chance: Generator, draws: int) -> NDArray[np.bool_]:
    """Return `draws` rows in which who took part is shuffled within each municipality."""
    rows = np.tile(took, (draws, 1))
    for block in np.unique(blocks):
        here = np.flatnonzero(blocks == block)
        rows[:, here] = chance.permuted(rows[:, here], axis=1)
    return rows


def _difference_in_differences(
    allocations: NDArray[np.bool_], change: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weighted mean change of those who took part minus that of the others, row by row."""
    ones = allocations * weights
    zeros = ~allocations * weights
    result: NDArray[np.float64] = (ones @ change) / ones.sum(axis=1) - (zeros @ change) / zeros.sum(axis=1)
    return result


def _baseline_adjusted(
    allocations: NDArray[np.bool_],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the coefficient of taking part in after ~ 1 + before + took part, weighted, row by row.

    By the theorem of Frisch, Waugh and Lovell: what is left of `after` and of taking part when the
    baseline is taken out of both.
    """
    centred = before - np.average(before, weights=weights)
    spread = (weights * centred**2).sum()
    parts = allocations - (allocations @ weights / weights.sum())[:, None]
    if spread > 0:
        parts = parts - (parts @ (weights * centred) / spread)[:, None] * centred
        slope = (weights * centred * after).sum() / spread
    else:
        slope = 0.0
    rest = after - np.average(after, weights=weights) - slope * centred
    below = (parts**2) @ weights
    result: NDArray[np.float64] = np.divide(
        parts @ (weights * rest), below, out=np.zeros(len(below)), where=below > 1e-12
    )
    return result


def _p(estimates: NDArray[np.float64]) -> float:
    """Return the two-sided permutation p-value; the real allocation counts as one of the draws."""
    return float((np.abs(estimates) >= abs(estimates[0]) - 1e-12).mean())


def _verdict(low: float, p: float) -> Verdict:
    if low <= 0:
        return Verdict.NO_CLEAR_CHANGE
    if p <= CLEAR:
        return Verdict.CLEAR
    return Verdict.UNCERTAIN if p <= UNCERTAIN else Verdict.NO_CLEAR_CHANGE
