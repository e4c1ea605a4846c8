"""A change is told from noise in the same way whichever way one looks."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pytest import approx

from app.core.stats.change import (
    ChangeLabel,
    change_between_published_means,
    label_change,
    p_of_interval,
)
from tests.core.stats.oracles import detectable_change, estimate_mean, half_width, welch

SPREAD = st.lists(st.integers(0, 100).map(float), min_size=3, max_size=40).filter(lambda row: len(set(row)) > 1)


@given(SPREAD, SPREAD, st.integers(-50, 50))
def test_the_other_way_round_a_difference_changes_its_sign(a, b, shift):
    here = welch(a, b)
    there = welch(b, a)
    assert there.difference == approx(-here.difference)
    assert there.interval == approx((-here.interval[1], -here.interval[0]))
    assert there.p == approx(here.p)
    moved = welch([x + shift for x in a], [x + shift for x in b])
    assert moved.interval == approx(here.interval, abs=1e-9)


@given(SPREAD, SPREAD)
def test_p_and_interval_of_a_difference_agree(a, b):
    result = welch(a, b)
    assume(abs(result.p - 0.05) > 1e-6)
    assert (result.p < 0.05) == (result.interval[0] > 0 or result.interval[1] < 0)


def test_too_few_answers_have_no_change():
    assert welch([1.0], [1.0, 2.0]) is None
    assert welch([1.0, np.nan], [1.0, 2.0]) is None


def test_without_any_noise_the_difference_is_itself():
    assert welch([5.0, 5.0], [5.0, 5.0]).p == 1
    apart = welch([7.0, 7.0], [5.0, 5.0])
    assert (apart.interval, apart.p) == ((2.0, 2.0), 0.0)


@given(SPREAD, SPREAD)
def test_a_change_of_printed_means_is_as_wide_as_one_of_answers_nearly(a, b):
    earlier = estimate_mean(a)
    later = estimate_mean(b)
    difference, interval = change_between_published_means(earlier.mean, earlier.interval, later.mean, later.interval)
    exact = welch(b, a)
    assert difference == approx(exact.difference)
    assert interval[1] - interval[0] >= (exact.interval[1] - exact.interval[0]) * 0.999


def test_the_labels_say_only_what_can_be_said():
    assert label_change(8.0, (2.0, 14.0)) is ChangeLabel.CLEAR
    assert label_change(-8.0, (-14.0, -2.0)) is ChangeLabel.CLEAR
    assert label_change(8.0, (2.0, 14.0), holds_among_many=False) is ChangeLabel.POSSIBLE
    assert label_change(4.0, (3.0, 5.0)) is ChangeLabel.SMALL
    assert label_change(-3.0, (-5.0, -1.0)) is ChangeLabel.SMALL
    assert label_change(3.0, (1.0, 5.0), holds_among_many=False) is ChangeLabel.POSSIBLE
    assert label_change(8.0, (-1.0, 17.0)) is ChangeLabel.POSSIBLE
    assert label_change(8.0, (-8.0, 24.0)) is ChangeLabel.CANNOT_TELL
    assert label_change(3.0, (-0.5, 6.5)) is ChangeLabel.CANNOT_TELL
    assert label_change(0.0, (-9.0, 9.0)) is ChangeLabel.CANNOT_TELL
    assert label_change(0.0, (0.0, 0.0)) is ChangeLabel.CANNOT_TELL


def test_the_p_of_an_interval_that_touches_zero_is_one_in_twenty():
    assert p_of_interval(-5.0, (-10.0, 0.0)) == approx(0.05)
    assert p_of_interval(0.0, (0.0, 0.0)) == 1
    assert p_of_interval(2.0, (2.0, 2.0)) == 0


def test_a_community_of_thirty_cannot_see_five_points():
    assert detectable_change(20, 22) > 5
    assert half_width(20, 1) is None
    assert detectable_change(20, 1) is None


def test_without_the_correction_a_trend_of_no_true_change_errs_seldom_and_with_it_often():
    chance = np.random.default_rng(7)
    correlation = 0.6
    size = 30
    n = 22
    false_alarms = 0
    corrected_alarms = 0
    for _ in range(1500):
        stable = chance.normal(size=size) * np.sqrt(correlation)
        rounds = [
            60 + 20 * (stable + chance.normal(size=size) * np.sqrt(1 - correlation))[chance.permutation(size)[:n]]
            for _ in range(2)
        ]
        result = welch(*rounds)
        false_alarms += result.p < 0.05
        half = (result.interval[1] - result.interval[0]) / 2 * np.sqrt(1 - n / size)
        corrected_alarms += abs(result.difference) > half
    assert false_alarms / 1500 < 0.03
    assert corrected_alarms / 1500 > 0.10


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 22, 200])
def test_the_change_seen_mostly_is_seen_in_four_cases_of_five(n):
    """And the smallest change in half of them; answers normal, SD 20, Welch's interval without the correction."""
    chance = np.random.default_rng(n)
    for power, wanted in ((None, 0.5), (0.8, 0.8)):
        shift = detectable_change(20.0, n, power=power)
        before = chance.normal(0, 20, (3000, n))
        after = chance.normal(shift, 20, (3000, n))
        seen = [welch(late, early).interval[0] > 0 for early, late in zip(before, after, strict=True)]
        assert np.mean(seen) == pytest.approx(wanted, abs=0.03)


def test_for_many_answers_it_is_1_43_times_as_large():
    assert detectable_change(20, 5000, power=0.8) / detectable_change(20, 5000) == pytest.approx(1.43, abs=0.005)
    assert detectable_change(20, 1, power=0.8) is None
