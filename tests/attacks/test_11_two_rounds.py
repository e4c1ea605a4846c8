"""Attack 11: one person joins between two rounds; compare what was printed and guess the answer."""

import numpy as np
import pytest

from app.core.counting import printing
from app.core.counting.measures import measures_of
from tests.attacks.attackers import ONE_ITEM

MEASURE = measures_of(ONE_ITEM)[0].measure
TRIALS = 100_000
ALIKE, MOODS = (0.0, 1.1), (0.6, 0.92)  # spread of people's moods, and of one person's answers
KEEP = 0.8  # of colleagues' answers that stay what they were
MANY = 1000  # more than any printed mean, times ten


def rounds(n, *, items, model, seed, keep=KEEP):
    """The answers 0-4 of n people, the same people's a round later, and those of the one who joined."""
    rng = np.random.default_rng(seed)
    moods, spread = model
    mood = rng.normal(2.4, moods, (TRIALS, n + 1, 1)) if moods else 2.4
    answers = np.clip(np.rint(rng.normal(mood, spread, (TRIALS, n + 1, items))), 0, 4)
    moved = np.clip(answers[:, :n] + rng.choice([-1, 1], (TRIALS, n, items)), 0, 4)
    later = np.where(rng.random((TRIALS, n, items)) < keep, answers[:, :n], moved)
    return answers[:, :n].sum(axis=(1, 2)), later.sum(axis=(1, 2)), answers[:, n].sum(axis=1)


def in_print(sums, n, items):
    """The printed means of groups of n people."""
    grain = printing.grain_of(n, MEASURE, items)
    each = {total: printing.printed_mean(total * 25 / n / items, MEASURE, grain)[0] for total in np.unique(sums)}
    return np.vectorize(each.__getitem__, otypes=[float])(sums)


def subtracted(n, *, items, model, printed=in_print, keep=KEEP):
    """How far the guess by subtraction is above "what most people say", in points."""
    before, later, joiner = rounds(n, items=items, model=model, seed=n, keep=keep)
    first, second = printed(before, n, items), printed(later + joiner, n + 1, items)
    guess = np.clip(np.rint((second * (n + 1) - first * n) / 25 * items), 0, 4 * items)
    return 100 * float(np.mean(guess == joiner)) - usual(joiner)


def learned(n, *, items, model):
    """How far the best guess is above it, by one who saw half of the trials with every answer."""
    before, later, joiner = rounds(n, items=items, model=model, seed=n)
    seen = in_print(before, n, items) * 10 * MANY + in_print(later + joiner, n + 1, items) * 10
    _, place = np.unique(seen, return_inverse=True)
    half = TRIALS // 2
    table = np.zeros((place.max() + 1, 4 * items + 1))
    np.add.at(table, (place[:half], joiner[:half].astype(int)), 1)
    return 100 * float(np.mean(table.argmax(axis=1)[place[half:]] == joiner[half:])) - usual(joiner)


def usual(joiner):
    return 100 * np.unique(joiner, return_counts=True)[1].max() / len(joiner)


@pytest.mark.parametrize("model", [ALIKE, MOODS])
@pytest.mark.parametrize("n", [10, 11, 15, 19, 20, 29, 30])
def test_even_the_best_guess_from_one_item_is_at_most_five_points_better_than_the_usual_answer(n, model):
    assert subtracted(n, items=1, model=model) <= 5
    assert learned(n, items=1, model=model) <= 5


@pytest.mark.parametrize("model", [ALIKE, MOODS])
@pytest.mark.parametrize("items", [2, 4])
@pytest.mark.parametrize(("n", "best"), [(10, 6), (15, 5), (20, 5)])
def test_several_items_hide_each_other(n, best, items, model):
    """At ten answers the sixth point is only for one who knows how everybody's answers hang together."""
    assert subtracted(n, items=items, model=model) <= 5
    assert learned(n, items=items, model=model) <= best


@pytest.mark.parametrize("n", [10, 15, 20])
def test_whole_numbers_of_one_item_say_too_much(monkeypatch, n):
    monkeypatch.setattr(printing, "grain_of", lambda *_: None)
    assert learned(n, items=1, model=ALIKE) > 5


def test_with_exact_means_and_colleagues_who_never_change_the_guess_is_always_right():
    def exact(sums, n, items):
        return sums * 25 / n / items

    assert subtracted(10, items=1, model=ALIKE, printed=exact, keep=1.0) > 60
