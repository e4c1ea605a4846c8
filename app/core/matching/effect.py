"""Estimate whether communities that took a course changed more than others: two estimates with intervals.

The lowest communities improve by chance (regression to the mean), and an estimate is only right
for one way of choosing who takes part. So two are made:

- `by_results` is right where communities were chosen by their printed results of the first round;
- `by_situation` is right where they were chosen by their true situation, which the printed results
  show only with an error.

Each has its own interval; the two together are no interval. The verdict needs both, since nobody
knows how the communities were chosen. Sources: Freedman & Lane (1983) for the permutation of
residuals, Fuller (1987), ch. 2, for the error in the baseline, Imbens & Manski (2004) for the joint
p-value. Measured error rates: docs/decisions/0031-effect-of-courses.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.core.scientific import special

Floats = NDArray[np.float64]

TREATED_FROM = 8
DRAWS = 2000
CLEAR = 0.025  # of the joint p-value: one course without effect in forty
POSSIBLE = 0.20
BALANCED = 1.0  # standard errors: baselines this close are balanced, and both estimates are right
LEVEL = 0.95
TINY = 1e-9


class EffectVerdict(StrEnum):
    """The possible conclusions about an effect."""

    TOO_FEW = "too_few"
    CANNOT_TELL = "cannot_tell"
    POSSIBLY_BETTER = "possibly_better"
    CLEARLY_BETTER = "clearly_better"
    POSSIBLY_WORSE = "possibly_worse"
    CLEARLY_WORSE = "clearly_worse"


@dataclass(frozen=True, slots=True)
class CommunityChange:
    """Published means (0-100, high is good) of one community in two rounds.

    `error` is the standard error of `before`; None where it is not known.
    """

    community: str
    municipality: str
    before: float
    after: float
    took_part: bool
    error: float | None = None


@dataclass(frozen=True, slots=True)
class EffectEstimate:
    """Points by which participants changed more than the others, with 95 % interval and two-sided p.

    The interval is None where too few permutations are possible to bound it.
    """

    points: float
    interval: tuple[float, float] | None
    p: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What may be said of the effect in one dimension.

    The estimates and `p` are None when nothing may be said. `p` is the joint p-value of both
    estimates, or that of `by_results` where the results alone decided who took part (`by_lowest`) or
    where those who took part began where the others did.
    """

    dimension: str
    treated: int
    others: int
    verdict: EffectVerdict
    by_results: EffectEstimate | None = None
    by_situation: EffectEstimate | None = None
    p: float | None = None
    by_lowest: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """One entry for each community; `error` is the error variance of `before`, NaN where it is unknown."""

    took: NDArray[np.bool_]
    blocks: NDArray[np.intp]
    before: Floats
    after: Floats
    error: Floats

    @property
    def degrees(self) -> int:
        """Return the degrees of freedom of the residuals: three coefficients are estimated."""
        return len(self.took) - 3


@dataclass(frozen=True, slots=True)
class _Tails:
    """One-sided p-values of one estimate: that it is above 0 by chance, and below 0 by chance."""

    better: float
    worse: float


def estimate_effect(
    dimension: str, observed: Sequence[CommunityChange], *, chance: Generator, draws: int = DRAWS
) -> Effect:
    """Estimate the effect in one dimension that was fixed in advance.

    Returns "too few" under eight communities on either side, or where no municipality has both sorts.
    """
    data = _data(observed)
    treated = int(data.took.sum())
    others = len(data.took) - treated
    if treated < TREATED_FROM or others < TREATED_FROM or not _has_mixed_block(data):
        return Effect(dimension, treated, others, EffectVerdict.TOO_FEW)
    by_results, result_tails = _by_results(data, chance, draws)
    by_situation, situation_tails, deviation = _by_situation(data)
    by_lowest = float(data.before[data.took].max()) <= float(data.before[~data.took].min())
    gap = abs(by_results.points - by_situation.points) / max(deviation, TINY)
    is_plain = by_lowest or abs(_imbalance(data)) <= BALANCED
    p = by_results.p if is_plain else _joint_p(result_tails, situation_tails, gap, data.degrees)
    verdict = _verdict(by_results.points, p)
    return Effect(dimension, treated, others, verdict, by_results, by_situation, p, by_lowest)


def _data(observed: Sequence[CommunityChange]) -> _Data:
    errors = [np.nan if community_change.error is None else community_change.error**2 for community_change in observed]
    return _Data(
        took=np.array([community_change.took_part for community_change in observed], dtype=bool),
        blocks=np.unique([community_change.municipality for community_change in observed], return_inverse=True)[1],
        before=np.array([community_change.before for community_change in observed], dtype=float),
        after=np.array([community_change.after for community_change in observed], dtype=float),
        error=np.array(errors, dtype=float),
    )


def _has_mixed_block(data: _Data) -> bool:
    blocks = (data.took[data.blocks == block] for block in np.unique(data.blocks))
    return any(block.any() and not block.all() for block in blocks)


def _by_results(data: _Data, chance: Generator, draws: int) -> tuple[EffectEstimate, _Tails]:
    """Return the coefficient of taking part in after ~ 1 + before + taking part, tested by permutation.

    Freedman-Lane: the residuals of the model *without* taking part are permuted within each
    municipality. A permutation of who took part would be wrong here: it gives each community the same
    chance of taking part, whatever its baseline. Each community counts alike: weights by size would
    make the variances of the residuals unequal, and the test reject too often (.072 for .05).

    The interval holds every effect that the two-sided test at 5 per cent does not reject. With b the
    coefficient, a and r those of the permuted residuals of `after` and of taking part, the effect e is
    kept by one permutation where |b - e| <= |a - e r|. As |r| <= 1, these are the e between
    (b - |..|) ends on either side of b, so the ends are quantiles over all permutations.
    """
    constant = np.ones(len(data.took))
    basis = np.linalg.qr(np.column_stack([constant, data.before - data.before.mean()]))[0]
    part = _residuals(data.took.astype(float), basis)
    rest = _residuals(data.after, basis)
    size = float(part @ part)
    if size <= TINY:
        return EffectEstimate(0.0, None, 1.0), _Tails(1.0, 1.0)
    coefficient = float(part @ rest) / size
    order = _permutations(data.blocks, chance, draws)
    after = np.append(rest[order] @ part / size, coefficient)
    took = np.append(part[order] @ part / size, 1.0)
    p = float(np.mean(np.abs(after) >= abs(coefficient) - TINY))
    tails = _Tails(float(np.mean(after >= coefficient - TINY)), float(np.mean(after <= coefficient + TINY)))
    return EffectEstimate(coefficient, _inverted(coefficient, after, took), p), tails


def _residuals(values: Floats, basis: Floats) -> Floats:
    result: Floats = values - basis @ (basis.T @ values)
    return result


def _permutations(blocks: NDArray[np.intp], chance: Generator, draws: int) -> NDArray[np.intp]:
    """Return `draws` rows of places, shuffled within each municipality."""
    rows = np.tile(np.arange(len(blocks)), (draws, 1))
    for block in np.unique(blocks):
        here = np.flatnonzero(blocks == block)
        rows[:, here] = chance.permuted(rows[:, here], axis=1)
    return rows


def _inverted(coefficient: float, after: Floats, took: Floats) -> tuple[float, float] | None:
    """Return the ends of the interval: the quantiles of where each permutation stops keeping an effect."""
    with np.errstate(divide="ignore", invalid="ignore"):
        item = np.where(took < 1 - TINY, (coefficient - after) / (1 - took), -np.inf)
        other = np.where(took > -1 + TINY, (coefficient + after) / (1 + took), np.inf)
    lows = np.where(took < 1 - TINY, np.minimum(item, other), -np.inf)
    highs = np.where(took < 1 - TINY, np.maximum(item, other), np.inf)
    low = np.quantile(lows, 1 - LEVEL, method="inverted_cdf")
    high = np.quantile(highs, LEVEL, method="inverted_cdf")
    return (float(low), float(high)) if np.isfinite([low, high]).all() else None


def _by_situation(data: _Data) -> tuple[EffectEstimate, _Tails, float]:
    """Return the estimate that allows for the error in the baseline, its tails and its standard error.

    The slope on the baseline is corrected within those who took part and the others: s = C / (V - E),
    C the covariance of before and after, V the variance of before, E the mean error variance. It lies
    between the uncorrected slope and 1; 1 (the difference of the changes) where the error is not known.
    The standard error leaves out one community at a time (jackknife), the interval is by t.
    """
    number = len(data.took)
    weights = np.vstack([np.ones(number), 1.0 - np.eye(number)])
    estimates = _corrected(weights, data)
    points = float(estimates[0])
    without = estimates[1:]
    deviation = float(np.sqrt((number - 1) / number * ((without - without.mean()) ** 2).sum()))
    score = points / max(deviation, TINY)
    tails = _Tails(float(special.stdtr(data.degrees, -score)), float(special.stdtr(data.degrees, score)))
    half = float(special.stdtrit(data.degrees, (1 + LEVEL) / 2)) * deviation
    p = min(1.0, 2 * min(tails.better, tails.worse))
    return EffectEstimate(points, (points - half, points + half), p), tails, deviation


def _corrected(weights: Floats, data: _Data) -> Floats:
    """Return the corrected estimate for each row of weights."""
    known = np.isfinite(data.error)
    error = np.where(known, data.error, data.error[known].mean()) if known.any() else None
    took = data.took.astype(float)
    part = _centred(weights, took)
    before = _centred(weights, data.before)
    after = _centred(weights, data.after)
    size = (weights * part**2).sum(axis=1)
    gap_before = (weights * part * before).sum(axis=1) / size
    gap_after = (weights * part * after).sum(axis=1) / size
    before_rest = before - gap_before[:, None] * part
    common = (weights * before_rest * after).sum(axis=1)
    spread = (weights * before_rest**2).sum(axis=1)
    slope = common / np.maximum(spread, TINY)
    if error is None:
        corrected = np.ones(len(weights))
    else:
        true_spread = np.maximum(spread - weights @ error, TINY)
        corrected = np.clip(common / true_spread, np.minimum(slope, 1.0), 1.0)
    result: Floats = gap_after - corrected * gap_before
    return result


def _centred(weights: Floats, values: Floats) -> Floats:
    """Return the values less their weighted mean, for each row of weights."""
    means = weights @ values / weights.sum(axis=1)
    result: Floats = values - means[:, None]
    return result


def _joint_p(tails: _Tails, other: _Tails, gap: float, degrees: int) -> float:
    """Return the p-value for "no effect" where either estimate may be the right one.

    The worse of the two one-sided p-values, and the chance of erring in the other direction, which is
    the smaller the further the two lie apart: p = q + T(-(t(1 - q) + gap)), `gap` in standard errors.
    Equal estimates give the usual two-sided p = 2 q.
    """
    tail = min(max(tails.better, other.better), max(tails.worse, other.worse))
    if tail >= 0.5:
        return 1.0
    score = float(special.stdtrit(degrees, 1 - tail))
    return min(1.0, tail + float(special.stdtr(degrees, -(score + gap))))


def _imbalance(data: _Data) -> float:
    """Return how far apart the baselines of both sides lie, in standard errors (Welch)."""
    sides = [data.before[data.took], data.before[~data.took]]
    error = float(np.sqrt(sum(side.var(ddof=1) / len(side) for side in sides)))
    return float(sides[0].mean() - sides[1].mean()) / max(error, TINY)


def _verdict(points: float, p: float) -> EffectVerdict:
    """Say "worse" by the same rule as "better"; where p is low, both estimates lie on the same side."""
    if p > POSSIBLE:
        return EffectVerdict.CANNOT_TELL
    if points > 0:
        return EffectVerdict.CLEARLY_BETTER if p <= CLEAR else EffectVerdict.POSSIBLY_BETTER
    return EffectVerdict.CLEARLY_WORSE if p <= CLEAR else EffectVerdict.POSSIBLY_WORSE
