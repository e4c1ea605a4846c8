"""Numbers at the ends of what a machine holds: an answer, None or a named error, never a silent nonsense."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pytest import approx, mark

from app.core.stats.agreement import intraclass_correlations, rwg_j_of_variances
from app.core.stats.change import p_of_interval
from app.core.stats.comparisons import benjamini_hochberg
from app.core.stats.describe import wilson_interval
from app.core.stats.factor import mcdonald_omega
from app.core.stats.reliability import cronbach_alpha, two_item_reliability
from app.core.stats.shrinkage import fit_random_intercept_to_scores
from tests.core.stats.oracles import estimate_mean, welch

SCALES = (1e-9, 1.0, 1e9)
tables = arrays(np.float64, (12, 3), elements=st.integers(1, 5).map(float))


BESIDE_A_BOUND = np.array(
    [[4, 4, 1], [5, 3, 5], [3, 5, 1], [5, 1, 5], [1, 2, 1], [2, 1, 1], [3, 1, 3], [4, 3, 5], [1, 2, 2], [1, 3, 2],
     [4, 2, 2], [5, 3, 4]]
).astype(float)  # fmt: skip


@given(tables, st.sampled_from(SCALES))
@example(BESIDE_A_BOUND, 1e-9)
def test_reliability_does_not_depend_on_the_unit(table, unit):
    for measure in (cronbach_alpha, mcdonald_omega):
        plain = measure(table)
        scaled = measure(table * unit)
        assert (plain is None) == (scaled is None)
        if plain is not None:
            first, second = (one.raw if measure is cronbach_alpha else one.model_implied for one in (plain, scaled))
            assert first == approx(second, abs=1e-5)


@given(tables, st.sampled_from(SCALES))
def test_agreement_and_shrinkage_do_not_depend_on_the_unit(table, unit):
    groups = np.repeat([0, 1, 2], 4)
    plain = intraclass_correlations(table[:, 0], groups)
    scaled = intraclass_correlations(table[:, 0] * unit, groups)
    assert (plain is None) == (scaled is None)
    if plain is not None and np.isfinite(plain.icc1):
        assert (plain.icc1, plain.p) == approx((scaled.icc1, scaled.p), abs=1e-6)
    first = fit_random_intercept_to_scores(table[:, 0], groups)
    second = fit_random_intercept_to_scores(table[:, 0] * unit, groups)
    assert first.mean * unit == approx(second.mean, rel=1e-6)
    for one, other in zip(first.communities, second.communities, strict=True):
        assert one.estimate * unit == approx(other.estimate, rel=1e-4)


@mark.parametrize("value", [0.0, 50.0, 100.0, 1e12, 100 / 3, 100 / 7])
@mark.parametrize("people", [10, 100, 137])
def test_where_everybody_answers_alike_nothing_is_made_up(value, people):
    """Thirds and sevenths are none that a machine can write: their means differ from them by the last bit."""
    same = np.full((people, 3), value)
    groups = np.arange(people) % 7
    assert estimate_mean(same[:, 0], population=people + 2).interval == approx((value, value))
    assert cronbach_alpha(same) is mcdonald_omega(same) is two_item_reliability(same[:, :2]) is None
    assert welch(same[:, 0], same[:5, 0]).p == 1.0
    assert intraclass_correlations(same[:, 0], groups) is None
    assert [place.estimate for place in fit_random_intercept_to_scores(same[:, 0], groups).communities] == approx(
        [value] * 7
    )


def test_where_nobody_answered_there_is_no_number():
    nothing = np.full(6, np.nan)
    assert estimate_mean(nothing) is wilson_interval(0, 0) is None
    assert welch(nothing, nothing) is fit_random_intercept_to_scores(nothing, [0, 0, 0, 1, 1, 1]) is None
    assert cronbach_alpha(nothing.reshape(2, 3)) is None
    assert rwg_j_of_variances([], items=3, options=5).tolist() == []
    assert benjamini_hochberg([]).tolist() == []


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_share_of_a_country_has_an_interval_within_its_range(successes, n):
    low, high = wilson_interval(min(successes, n), n)
    assert 0 <= low <= min(successes, n) / n + 1e-12 and min(successes, n) / n - 1e-12 <= high <= 1


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_chance_is_a_chance_however_large_the_difference(difference, down, up):
    assert 0 <= p_of_interval(difference, (difference - down, difference + up)) <= 1


def test_a_fit_beside_a_bound_goes_on_to_the_minimum_and_says_that_it_is_improper():
    """A grid of loadings finds the minimum by other means; the search had stopped at 0.245 instead of 0.005."""
    correlation = np.corrcoef(BESIDE_A_BOUND, rowvar=False)
    first, second, third = (correlation[i, j] for i, j in ((0, 1), (0, 2), (1, 2)))
    ends = np.linspace(-0.9975, 0.9975, 120)  # loadings whose squares leave 0.005 to the item
    a, b, c = np.meshgrid(ends[ends >= 0], ends, ends, indexing="ij")
    implied = [1 - a**2, 1 - b**2, 1 - c**2]
    own = a**2 / implied[0] + b**2 / implied[1] + c**2 / implied[2]
    determinant = implied[0] * implied[1] * implied[2] * (1 + own)
    weights = (a / implied[0], b / implied[1], c / implied[2])
    squares = weights[0] ** 2 + weights[1] ** 2 + weights[2] ** 2
    crossed = weights[0] * weights[1] * first + weights[0] * weights[2] * second + weights[1] * weights[2] * third
    trace = 1 / implied[0] + 1 / implied[1] + 1 / implied[2] - (squares + 2 * crossed) / (1 + own)
    best = np.argmin(np.log(determinant) + trace)
    omega = mcdonald_omega(BESIDE_A_BOUND)
    assert omega.improper
    assert omega.loadings == approx([axis.flat[best] for axis in (a, b, c)], abs=0.02)
