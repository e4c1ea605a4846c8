"""What the pages will say of a change, tried on rounds in which the truth is known."""

from math import ceil, floor

import numpy as np
import pytest

from app.core.counting.rounding import (
    bounded_standard_deviations,
    half_widths,
    round_and_cap_means,
    round_intervals,
    rounding_step,
)
from app.core.instruments import Polarity
from app.core.publication import Measure, MeasureKind
from app.core.stats.change import ChangeLabel, change_between_published_means, label_change
from tests.core.stats.oracles import estimate_mean

TRIALS = 1500
QUESTION = Measure("q", MeasureKind.ITEM, "q", Polarity.HIGH_IS_GOOD, 0, 100, 0, 12, 88, 25)


def printed(scores):
    """The mean and the interval of working conditions as a report prints them, rounded outwards."""
    estimate = estimate_mean(scores)
    return round(estimate.mean), (floor(estimate.interval[0]), ceil(estimate.interval[1]))


def labels(*, size, answers, correlation, true_change):
    """How often each label is given when the same people answer twice, SD 20, change as said."""
    chance = np.random.default_rng(2026)
    found = dict.fromkeys(ChangeLabel, 0)
    for _ in range(TRIALS):
        lasting = chance.normal(size=size) * np.sqrt(correlation)
        rounds = []
        for shift in (0.0, true_change):
            passing = chance.normal(size=size) * np.sqrt(1 - correlation)
            everybody = np.clip(55 + shift + 20 * (lasting + passing), 0, 100)
            rounds.append(printed(chance.permutation(everybody)[:answers]))
        difference, (low, high) = change_between_published_means(*rounds[0], *rounds[1])
        found[label_change(difference, (round(low), round(high)))] += 1
    return {label: count / TRIALS for label, count in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.4, 0.6, 0.8])
def test_where_nothing_changed_a_clear_change_is_hardly_ever_seen(correlation):
    found = labels(size=30, answers=22, correlation=correlation, true_change=0)
    assert found[ChangeLabel.CLEAR] < 0.02
    assert found[ChangeLabel.POSSIBLE] < 0.13


@pytest.mark.slow
def test_a_change_of_five_points_is_seldom_clear_in_a_community_of_thirty():
    found = labels(size=30, answers=22, correlation=0.6, true_change=5)
    assert found[ChangeLabel.CLEAR] < 0.15
    assert found[ChangeLabel.CANNOT_TELL] > 0.5


@pytest.mark.slow
def test_a_great_change_is_clear():
    assert labels(size=30, answers=22, correlation=0.6, true_change=20)[ChangeLabel.CLEAR] > 0.85
    assert labels(size=80, answers=60, correlation=0.6, true_change=10)[ChangeLabel.CLEAR] > 0.65


@pytest.mark.slow
@pytest.mark.parametrize("answers", [10, 15, 19, 20, 29])
@pytest.mark.parametrize("shares", [(5, 10, 20, 35, 30), (30, 10, 20, 10, 30), (2, 8, 30, 40, 20), (0, 10, 50, 30, 10)])
def test_an_interval_that_is_printed_coarsely_holds_the_truth_as_often_as_it_says(answers, shares):
    """A single question with few answers is rounded to fives or tens, and its interval lies about what is printed."""
    chance = np.random.default_rng(5)
    points = np.arange(5) * 25.0
    n = np.full(4000, answers)
    people = chance.choice(points, size=(4000, answers), p=np.array(shares) / 100)
    means = people.mean(axis=1)
    spreads = people.std(axis=1, ddof=1)
    halves = half_widths(bounded_standard_deviations(spreads, means, n, QUESTION, 1), n)
    grain = rounding_step(answers, QUESTION, 1)
    _middle, cap = round_and_cap_means(means, QUESTION, grain)
    low, high = round_intervals(means, halves, QUESTION, grain)
    truth = float(points @ np.array(shares) / 100)
    assert grain is not None
    assert ((low <= truth) & (truth <= high))[cap == 0].mean() >= 0.945  # 0.95 less what 4,000 trials may miss
