"""Means, shares and intervals keep what must hold whatever the answers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pytest import approx

from app.core.stats.describe import wilson_interval
from tests.core.stats.oracles import estimate_mean

SCORES = st.lists(st.integers(0, 100).map(float), min_size=1, max_size=40)
SPREAD = st.lists(st.integers(0, 100).map(float), min_size=3, max_size=40).filter(lambda row: len(set(row)) > 1)


def people(k=4, n=60):
    return arrays(np.float64, (n, k), elements=st.integers(1, 5).map(float))


@given(SPREAD, st.integers(0, 40))
def test_knowing_how_many_there_are_narrows_the_interval(scores, silent):
    staff = estimate_mean(scores, population=len(scores) + silent)
    sample = estimate_mean(scores)
    assert staff.mean == sample.mean
    assert staff.interval[0] >= sample.interval[0]
    assert staff.interval[1] <= sample.interval[1]
    assert staff.everyone_answered == (silent == 0)
    assert (staff.standard_error == 0) == (silent == 0)


@given(SPREAD)
def test_turning_a_scale_mirrors_its_interval(scores):
    here = estimate_mean(scores)
    there = estimate_mean([100 - score for score in scores])
    assert there.interval == approx((100 - here.interval[1], 100 - here.interval[0]))


@given(SCORES, st.randoms())
def test_neither_order_nor_missing_scores_change_a_mean(scores, chance):
    shuffled = [*scores, float("nan"), float("nan")]
    chance.shuffle(shuffled)
    assert estimate_mean(shuffled).mean == approx(estimate_mean(scores).mean)
    assert estimate_mean(shuffled).n == len(scores)


def test_one_answer_has_a_mean_and_no_interval():
    only = estimate_mean([40.0], population=8)
    assert (only.mean, only.sd, only.interval, only.standard_error) == (40.0, None, None, None)


def test_no_answers_have_no_mean():
    assert estimate_mean([]) is None
    assert estimate_mean([np.nan, np.nan]) is None


def test_equal_answers_leave_no_doubt_within_them():
    assert estimate_mean([50.0] * 5).interval == (50.0, 50.0)


def test_more_answers_than_people_is_an_error():
    with pytest.raises(ValueError, match="more answers than people"):
        estimate_mean([1.0, 2.0], population=1)


@given(st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_wilson_interval_holds_its_share_and_stays_between_0_and_1(pair):
    successes, n = pair
    if n == 0:
        assert wilson_interval(successes, n) is None
        return
    low, high = wilson_interval(successes, n)
    assert 0 <= low <= successes / n <= high <= 1
    assert high > low
    assert wilson_interval(n - successes, n) == approx((1 - high, 1 - low))


def test_more_successes_than_trials_is_an_error():
    with pytest.raises(ValueError, match="no share"):
        wilson_interval(3, 2)
