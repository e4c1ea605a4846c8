"""The chance that is said of a placement is as often true as it says, tried where the truth is known."""

import numpy as np
import pytest

from app.core.stats.placement import nearest_simple_fraction, probability_of_true_side

LIMIT = 12.5  # half a step between two of five options


def placed_below(*, between, n, trials=400_000, seed=1):
    """True means (from the region's) of the communities whose n answers lie half a step or more below it."""
    chance = np.random.default_rng(seed)
    truth = chance.normal(0, np.sqrt(between), trials)
    answers = truth + chance.normal(0, np.sqrt((400 - between) / n), trials)
    return truth[answers <= -LIMIT]


@pytest.mark.parametrize("between", [4.0, 20.0, 40.0, 80.0, 160.0])
@pytest.mark.parametrize("n", [5, 7, 9])
def test_the_chance_is_the_share_of_such_communities_that_truly_lie_there(between, n):
    truth = placed_below(between=between, n=n)
    for margin in (0.0, 5.0):
        said = probability_of_true_side(LIMIT, between, 400 - between, n, margin=margin)
        sampling = 4 * np.sqrt(0.25 / len(truth))
        assert said == pytest.approx(np.mean(truth <= -margin), abs=sampling + 0.002)


@pytest.mark.parametrize("between", [4.0, 12.0, 20.0, 40.0, 80.0])
@pytest.mark.parametrize("n", [5, 6, 7, 8, 9])
def test_what_is_said_in_words_is_true_about_as_often(between, n):
    """The middle of the band is 7, whoever answered; the words hold within a tenth for each size."""
    truth = placed_below(between=between, n=n, trials=200_000)
    cases, of = nearest_simple_fraction(probability_of_true_side(LIMIT, between, 400 - between, 7))
    assert cases / of == pytest.approx(np.mean(truth < 0), abs=0.1)


def test_five_points_or_more_to_that_side_is_far_from_certain_at_five_answers():
    """Among communities of five whom "clearly below" was said of, four in ten were no five points below."""
    assert np.mean(placed_below(between=40.0, n=5) > -5) == pytest.approx(0.40, abs=0.02)
    assert 1 - probability_of_true_side(LIMIT, 40.0, 360.0, 5, margin=5.0) == pytest.approx(0.40, abs=0.01)


def test_where_communities_do_not_differ_either_side_is_as_likely():
    assert probability_of_true_side(LIMIT, 0.0, 400.0, 7) == 0.5
    assert nearest_simple_fraction(probability_of_true_side(LIMIT, 0.5, 400.0, 7)) in {(1, 2), (3, 5)}


def test_the_more_answers_and_the_more_communities_differ_the_surer():
    by_size = [probability_of_true_side(LIMIT, 40.0, 360.0, n) for n in (5, 7, 9, 50)]
    by_spread = [probability_of_true_side(LIMIT, between, 360.0, 7) for between in (1.0, 10.0, 40.0, 200.0)]
    assert by_size == sorted(by_size) and by_spread == sorted(by_spread)
    assert by_size[-1] > 0.99


@pytest.mark.parametrize(("between", "within", "n"), [(40.0, 360.0, 0), (-1.0, 360.0, 7), (40.0, -1.0, 7), (0, 0, 7)])
def test_without_variances_there_is_no_chance(between, within, n):
    assert probability_of_true_side(LIMIT, between, within, n) is None


def test_without_noise_a_placement_is_certain():
    assert probability_of_true_side(LIMIT, 40.0, 0.0, 7) == 1.0
