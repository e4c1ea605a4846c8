"""Statistics of the region's pooled answers: reliability, agreement, and shrinkage estimates."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.core.counting.bands import band_midpoints
from app.core.counting.families import CellRef
from app.core.counting.figure_columns import RoundedFigures
from app.core.counting.figures import CountedFamily
from app.core.counting.measures import ScoredMeasure
from app.core.counting.opened_ballots import OpenedBallots
from app.core.counting.rounding import NOISE_DECIMALS, Floats, drop_float_noise, round_half_away
from app.core.counting.sums import range_midpoint
from app.core.disclosure.pattern import PublicationPattern
from app.core.instruments import Instrument, Scoring, reverse_scored_values
from app.core.publication import RegionQuality
from app.core.stats.agreement import GroupSpread, intraclass, rwg_j_by_group
from app.core.stats.factor import mcdonald_omega
from app.core.stats.reliability import complete_rows, cronbach_alpha, rows_of, two_item_reliability
from app.core.stats.shrinkage import RandomIntercept, shrink_group_means

SIGNIFICANCE_LEVEL = 0.05
MIN_COMMUNITIES = 5  # of fewer, the agreement "of the middle one" would be the exact spread of a known one


def region_quality(
    instrument: Instrument,
    scored: ScoredMeasure,
    scores: Floats,
    ballots: OpenedBallots,
    *,
    counted: CountedFamily,
    fit: RandomIntercept | None,
    min_answers: int,
) -> RegionQuality | None:
    """Return reliability and agreement of one scale; None with fewer than `min_answers` complete answers.

    Reliability uses the answers in the region's mean. Agreement and differences between communities use only
    the units with published numbers, at least five with `min_answers` answers together, so that no small unit
    can be inferred.
    """
    pattern = counted.family.means
    if pattern.region is None:
        return None
    items = reverse_scored_values(instrument, scored.scale, ballots.ratings)
    pooled = complete_rows(rows_of(items, pattern.region[ballots.units]))
    if len(pooled) < min_answers:
        return None
    shown = pattern.shown[ballots.units] & _has_enough_answers(pattern, ballots, min_answers=min_answers)
    icc = intraclass(scores[shown], ballots.units[shown]) if shown.any() else None
    alpha, interval = _alpha(pooled)
    differ = None if icc is None or fit is None else bool(icc.p < SIGNIFICANCE_LEVEL and fit.between > 0)
    return RegionQuality(
        scale=scored.measure.id,
        alpha=alpha,
        alpha_interval=interval,
        omega=_omega(pooled),
        icc1=None if icc is None else _thousandths(max(icc.icc1, 0.0)),
        icc2=None if icc is None or not np.isfinite(icc.icc2) else _thousandths(max(icc.icc2, 0.0)),
        rwg_median=_agreement(instrument, scored, rows_of(items, shown), ballots.units[shown]),
        between_variance=None if fit is None or icc is None else _variance(fit.between, scored),
        within_variance=None if fit is None or icc is None else _variance(fit.within, scored),
        communities_differ=differ,
        items=scored.items,
    )


def _variance(value: float, scored: ScoredMeasure) -> float:
    return round(round(value, NOISE_DECIMALS), 1 if scored.measure.decimals == 0 else 3) + 0.0


def _has_enough_answers(pattern: PublicationPattern, ballots: OpenedBallots, *, min_answers: int) -> bool:
    """Tell whether enough people in enough shown units answered."""
    answered = np.bincount(ballots.units[pattern.shown[ballots.units]])
    return bool(answered.sum() >= min_answers and np.count_nonzero(answered) >= MIN_COMMUNITIES)


def _alpha(items: Floats) -> tuple[float | None, tuple[float, float] | None]:
    if items.shape[1] == 2:
        two = two_item_reliability(items)
        return (None if two is None else _thousandths(two)), None
    alpha = cronbach_alpha(items)
    if alpha is None:
        return None, None
    return _thousandths(alpha.raw), (_thousandths(alpha.interval[0]), _thousandths(alpha.interval[1]))


def _omega(items: Floats) -> float | None:
    """Return omega total, one factor, maximum likelihood, model-implied; None if the fit is improper."""
    omega = mcdonald_omega(items)
    return None if omega is None or omega.improper else _thousandths(omega.model_implied)


def _thousandths(value: float) -> float:
    return round(round(value, NOISE_DECIMALS), 3) + 0.0


def _agreement(instrument: Instrument, scored: ScoredMeasure, items: Floats, units: NDArray[np.int32]) -> float | None:
    """Return the median r_wg(J) of the shown units, against a uniform distribution of answers."""
    options = instrument.item(scored.scale.items[0]).options
    percent = scored.scale.scoring is Scoring.PERCENT
    width = 100.0 if percent else float(options[-1].value - options[0].value)
    agreed = rwg_j_by_group(items, units, options=len(options), step=width / (len(options) - 1))
    return _thousandths(float(np.median(agreed))) if len(agreed) else None


def fit_random_intercept(cells: Sequence[CellRef], counted: CountedFamily, *, column: int) -> RandomIntercept | None:
    """Fit a random intercept model to the exact sums of the shown units; None for fewer than two.

    The region's mean and both variances are based on all shown units. With published means instead, the
    variance between units was 2 to 6 per cent too low, and 260 instead of 312 where some means were capped.
    """
    shown = counted.means.printed
    labels = np.array([row for row in np.flatnonzero(shown).tolist() if _is_whole_unit(cells[row])], dtype=np.int64)
    if len(labels) < 2:
        return None
    n = counted.means.n[labels, column]
    total = counted.means.total[labels, column]
    squares = counted.means.squares[labels, column]
    within = max(round(float((squares - total**2 / n).sum()), NOISE_DECIMALS), 0.0)
    return shrink_group_means(GroupSpread(labels, n, drop_float_noise(total / n), within))


def _is_whole_unit(cell: CellRef) -> bool:
    return cell.unit is not None and cell.group is None


def shrunken_means(
    fit: RandomIntercept | None,
    batches: Sequence[RoundedFigures],
    counted: CountedFamily,
    *,
    scored: ScoredMeasure,
    column: int,
) -> dict[int, float]:
    """Return the shrinkage estimate of every community's mean, by row.

    Formula: m + w (mean - m), w = between / (between + within / n), with exact m and variances, the published
    mean, and n the midpoint of its band. So an estimate reveals no more of a unit than its published mean.
    Based on the exact mean it would reveal a mean beyond a cap (with m = 70 and w = 0.6, an estimate of 88 means
    100, everybody at the top). For a capped mean the cap is used. The estimate is capped like a mean.
    """
    if fit is None:
        return {}
    means = {row: mean for batch in batches for row, mean in zip(batch.rows, batch.mean, strict=True)}
    labels = [community.group for community in fit.communities]
    rounded_means = np.array([means[row] for row in labels])
    totals = counted.means
    sizes = band_midpoints(totals.n[labels, column], totals.start[labels], totals.top[labels])
    centre = fit.mean + range_midpoint(scored)
    weights = fit.between / (fit.between + fit.within / sizes) if fit.between > 0 else np.zeros(len(labels))
    estimates = (
        round_half_away(drop_float_noise(centre + weights * (rounded_means - centre)), scored.measure.decimals) + 0.0
    )
    capped = np.clip(estimates, scored.measure.cap_low, scored.measure.cap_high)
    return dict(zip(labels, capped.tolist(), strict=True))
