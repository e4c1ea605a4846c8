"""Shrunken means lie where they must."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from app.core.stats.shrinkage import fit_random_intercept_to_scores

GROUPED = st.lists(st.tuples(st.integers(0, 100).map(float), st.integers(0, 4)), min_size=4, max_size=60)


def columns(pairs):
    return [score for score, _ in pairs], [group for _, group in pairs]


@given(GROUPED)
def test_a_shrunken_mean_lies_between_its_own_and_the_region(pairs):
    fit = fit_random_intercept_to_scores(*columns(pairs))
    if fit is None:
        return
    assert fit.between >= 0
    assert fit.within >= 0
    for place in fit.communities:
        assert 0 <= place.weight <= 1
        low, high = sorted((place.raw, fit.mean))
        assert low - 1e-9 <= place.estimate <= high + 1e-9


@given(GROUPED, st.integers(-50, 50))
def test_shrinkage_moves_and_turns_with_the_scale(pairs, shift):
    scores, groups = columns(pairs)
    here = fit_random_intercept_to_scores(scores, groups)
    there = fit_random_intercept_to_scores([shift - score for score in scores], groups)
    assert (here is None) == (there is None)
    if here is not None:
        assert [place.estimate for place in there.communities] == approx(
            [shift - place.estimate for place in here.communities], abs=1e-3
        )


def test_communities_that_differ_by_less_than_chance_are_all_the_region():
    fit = fit_random_intercept_to_scores([1.0, 9.0, 2.0, 8.0, 3.0, 7.0], [0, 0, 1, 1, 2, 2])
    assert fit.between == 0
    assert fit.icc1 == 0
    assert {place.estimate for place in fit.communities} == {5.0}


def test_communities_without_inner_spread_keep_their_means():
    fit = fit_random_intercept_to_scores([4.0, 4.0, 6.0, 6.0], [0, 0, 1, 1])
    assert [place.estimate for place in fit.communities] == [4.0, 6.0]
    assert fit.within == 0
    same = fit_random_intercept_to_scores([4.0, 4.0, 4.0], [0, 0, 1])
    assert (same.between, same.within, same.icc1) == (0, 0, 0)
    assert [place.estimate for place in same.communities] == [4.0, 4.0]


def test_small_communities_shrink_more():
    chance = np.random.default_rng(11)
    groups = np.repeat(np.arange(20), [5, 30] * 10)
    scores = chance.normal(size=20)[groups] * 8 + chance.normal(size=len(groups)) * 20
    weights = {place.n: place.weight for place in fit_random_intercept_to_scores(scores, groups).communities}
    assert weights[5] < weights[30]


def test_the_variances_that_were_built_in_are_recovered():
    chance = np.random.default_rng(12)
    groups = np.repeat(np.arange(400), chance.integers(5, 40, size=400))
    scores = 60 + chance.normal(size=400)[groups] * 6 + chance.normal(size=len(groups)) * 18
    fit = fit_random_intercept_to_scores(scores, groups)
    assert fit.mean == approx(60, abs=1)
    assert fit.between == approx(36, rel=0.2)
    assert fit.within == approx(324, rel=0.05)


def test_too_few_communities_do_not_shrink():
    assert fit_random_intercept_to_scores([1.0, 2.0], [0, 0]) is None
    assert fit_random_intercept_to_scores([1.0, 2.0], [0, 1]) is None
    assert fit_random_intercept_to_scores([np.nan, np.nan], [0, 1]) is None


def test_where_communities_do_not_differ_an_estimate_is_as_sure_as_the_region():
    fit = fit_random_intercept_to_scores([1.0, 9.0, 2.0, 8.0, 3.0, 7.0], [0, 0, 1, 1, 2, 2])
    assert fit.standard_error > 0
    assert [place.error for place in fit.communities] == approx([fit.standard_error] * 3)


def test_the_error_of_an_estimate_is_as_large_as_its_misses():
    chance = np.random.default_rng(21)
    groups = np.repeat(np.arange(500), chance.integers(3, 30, size=500))
    truth = 60 + chance.normal(size=500) * 6
    fit = fit_random_intercept_to_scores(truth[groups] + chance.normal(size=len(groups)) * 18, groups)
    misses = [(place.estimate - truth[place.group]) / place.error for place in fit.communities]
    assert float(np.std(misses)) == approx(1, abs=0.1)
