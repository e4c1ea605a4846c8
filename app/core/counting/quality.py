"""Statistics of the region's pooled answers: reliability, agreement, and shrinkage estimates."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.core.counting.ballot_sums import BallotSums, ItemProducts, item_value_change_per_option, range_midpoint
from app.core.counting.bands import band_midpoints
from app.core.counting.families import CellRef
from app.core.counting.figure_columns import RoundedFigures
from app.core.counting.figures import CountedFamily
from app.core.counting.measures import ScoredMeasure
from app.core.counting.rounding import NOISE_DECIMALS, Floats, drop_float_noise, round_half_away_from_zero
from app.core.disclosure.pattern import PublicationPattern
from app.core.instruments import Instrument, Scoring
from app.core.publication import RegionQuality
from app.core.stats.agreement import OneWayAnovaSums, intraclass_correlations_of_sums, rwg_j_of_variances
from app.core.stats.factor import omega_of_covariance
from app.core.stats.reliability import alpha_of_covariance, two_item_reliability_of_covariance
from app.core.stats.shrinkage import RandomIntercept, fit_random_intercept_to_sums

SIGNIFICANCE_LEVEL = 0.05
MIN_COMMUNITIES = 5  # of fewer, the agreement "of the middle one" would be the exact spread of a known one


def region_quality_of_scale(
    instrument: Instrument,
    scored: ScoredMeasure,
    sums: BallotSums,
    *,
    column: int,
    counted: CountedFamily,
    fit: RandomIntercept | None,
    min_answers: int,
) -> RegionQuality | None:
    """Return reliability and agreement of one scale; None with fewer than `min_answers` complete answers.

    Reliability uses the answers in the region's mean. Agreement and differences between communities use only
    the units with published numbers, at least five with `min_answers` answers together, so that no small unit
    can be inferred. `column` is the scale's place among the scales.
    """
    pattern = counted.family.means
    if pattern.region is None:
        return None
    items = sums.items[column]
    steps = item_value_change_per_option(instrument, scored.scale)
    n = int(items.n[pattern.region].sum())
    if n < min_answers:
        return None
    covariance = _pooled_covariance(items, pattern.region, steps)
    shown = pattern.shown & _has_enough_answers(pattern, sums, min_answers=min_answers)
    icc = intraclass_correlations_of_sums(_spread(sums, shown, column))
    alpha, interval = _alpha(covariance, n)
    differ = None if icc is None or fit is None else bool(icc.p < SIGNIFICANCE_LEVEL and fit.between > 0)
    return RegionQuality(
        scale=scored.measure.id,
        alpha=alpha,
        alpha_interval=interval,
        omega=_omega(covariance, n),
        icc1=None if icc is None else _thousandths(max(icc.icc1, 0.0)),
        icc2=None if icc is None or not np.isfinite(icc.icc2) else _thousandths(max(icc.icc2, 0.0)),
        rwg_median=_agreement(instrument, scored, items, shown, steps),
        between_variance=None if fit is None or icc is None else _variance(fit.between, scored),
        within_variance=None if fit is None or icc is None else _variance(fit.within, scored),
        communities_differ=differ,
        items=scored.item_count,
    )


def _pooled_covariance(items: ItemProducts, units: NDArray[np.bool_], steps: Floats) -> Floats:
    """Return the covariances of a scale's items over all people of some units: k x k, in the unit of the scores.

    Formula: (n sum xy - sum x sum y) / (n (n - 1)), in whole numbers of any size until the division, so that items
    that everybody answered alike have exactly 0 and the order of the ballots changes no bit.
    """
    n = int(items.n[units].sum())
    width = len(steps)
    if n < 2:
        return np.zeros((width, width))
    sums = items.sums[units].sum(axis=0).tolist()
    products = items.products[units].sum(axis=0).tolist()
    return np.array(
        [
            [
                (n * products[row][column] - sums[row] * sums[column]) / (n * (n - 1)) * steps[row] * steps[column]
                for column in range(width)
            ]
            for row in range(width)
        ]
    )


def _spread(sums: BallotSums, shown: NDArray[np.bool_], column: int) -> OneWayAnovaSums:
    """Return sizes, means and squared deviations of the shown units that have a score on a scale."""
    sizes = sums.valid_scores()[:, :, column].sum(axis=1)
    labels = np.flatnonzero(shown & (sizes > 0))
    within = float(sums.score_within[labels, column].sum())
    return OneWayAnovaSums(labels, sizes[labels], sums.score_means[labels, column], within)


def _variance(value: float, scored: ScoredMeasure) -> float:
    return round(round(value, NOISE_DECIMALS), 1 if scored.measure.decimals == 0 else 3) + 0.0


def _has_enough_answers(pattern: PublicationPattern, sums: BallotSums, *, min_answers: int) -> bool:
    """Tell whether enough people in enough shown units answered."""
    answered = sums.ballots.sum(axis=1)[pattern.shown]
    return bool(answered.sum() >= min_answers and np.count_nonzero(answered) >= MIN_COMMUNITIES)


def _alpha(covariance: Floats, n: int) -> tuple[float | None, tuple[float, float] | None]:
    if len(covariance) == 2:
        two = two_item_reliability_of_covariance(covariance, n=n)
        return (None if two is None else _thousandths(two)), None
    alpha = alpha_of_covariance(covariance, n=n)
    if alpha is None:
        return None, None
    return _thousandths(alpha.raw), (_thousandths(alpha.interval[0]), _thousandths(alpha.interval[1]))


def _omega(covariance: Floats, n: int) -> float | None:
    """Return omega total, one factor, maximum likelihood, model-implied; None if the fit is improper."""
    omega = omega_of_covariance(covariance, n=n)
    return None if omega is None or omega.improper else _thousandths(omega.model_implied)


def _thousandths(value: float) -> float:
    return round(round(value, NOISE_DECIMALS), 3) + 0.0


def _agreement(
    instrument: Instrument, scored: ScoredMeasure, items: ItemProducts, shown: NDArray[np.bool_], steps: Floats
) -> float | None:
    """Return the median r_wg(J) of the shown units, against a uniform distribution of answers."""
    options = instrument.item(scored.scale.items[0]).options
    percent = scored.scale.scoring is Scoring.PERCENT
    width = 100.0 if percent else float(options[-1].value - options[0].value)
    units = shown & (items.n >= 2)
    n = items.n[units, np.newaxis]
    squares = np.diagonal(items.products[units], axis1=1, axis2=2)
    variances = (n * squares - items.sums[units] ** 2) / (n * (n - 1)) * steps**2
    agreed = rwg_j_of_variances(
        variances.sum(axis=1) / len(steps), items=len(steps), options=len(options), step=width / (len(options) - 1)
    )
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
    return fit_random_intercept_to_sums(OneWayAnovaSums(labels, n, drop_float_noise(total / n), within))


def _is_whole_unit(cell: CellRef) -> bool:
    return cell.unit is not None and cell.group is None


def shrunken_means_by_row(
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
    estimates = round_half_away_from_zero(
        drop_float_noise(centre + weights * (rounded_means - centre)), scored.measure.decimals
    )
    capped = np.clip(estimates, scored.measure.cap_low, scored.measure.cap_high)
    return dict(zip(labels, capped.tolist(), strict=True))
