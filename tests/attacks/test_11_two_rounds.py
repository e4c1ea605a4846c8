"""Attack 11: one person joins between two rounds; subtract what was printed and guess the answer."""

import numpy as np
import pytest

from app.core.counting.measures import measures_of
from app.core.counting.printing import printed_mean
from tests.attacks.attackers import ONE_ITEM

MEASURE = measures_of(ONE_ITEM)[0].measure
TRIALS = 4000


def guessed(n, *, seed, items=1, keep=0.8, exact=False):
    """How often the guess is right, and how often "what most people say" would be, in per cent.

    A score is the mean of `items` answers, 0-4; each colleague keeps each answer with probability `keep`.
    """
    rng = np.random.default_rng(seed)
    usual = float(np.rint(2.4 * items) / items)
    right = ordinary = 0
    for _ in range(TRIALS):
        mood = rng.normal(2.4, 0.6 if items > 1 else 0.0, (n + 1, 1))
        answers = np.clip(np.rint(rng.normal(mood, 0.92 if items > 1 else 1.1, (n + 1, items))), 0, 4)
        moved = np.clip(answers[:n] + rng.choice([-1, 1], (n, items)), 0, 4)
        before, joiner = answers[:n].mean(axis=1), answers[n].mean()
        after = np.where(rng.random((n, items)) < keep, answers[:n], moved).mean(axis=1)
        means = before.mean() * 25, np.append(after, joiner).mean() * 25
        first, second = means if exact else (printed_mean(mean, MEASURE)[0] for mean in means)
        guess = np.clip(np.rint((second * (n + 1) - first * n) / 25 * items) / items, 0, 4)
        right, ordinary = right + (abs(guess - joiner) < 1e-9), ordinary + (abs(joiner - usual) < 1e-9)
    return 100 * right / TRIALS, 100 * ordinary / TRIALS


@pytest.mark.parametrize(("n", "items"), [(10, 4), (15, 4), (12, 2), (20, 1), (40, 1)])
def test_the_guess_is_hardly_better_than_the_usual_answer(n, items):
    right, usual = guessed(n, seed=n, items=items)
    assert right <= usual + 5


def test_a_scale_of_one_item_printed_from_ten_is_the_worst_case():
    """A pulse asks one question of each kind; docs/decisions says what remains there."""
    right, usual = guessed(10, seed=10)
    assert right <= usual + 7


def test_with_exact_means_and_colleagues_who_never_change_the_guess_is_always_right():
    right, _ = guessed(10, seed=1, keep=1.0, exact=True)
    assert right > 99
