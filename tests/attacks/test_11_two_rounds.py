"""Attack 11: one person joins between two rounds; compare what was printed and guess the answer."""

from functools import lru_cache

import numpy as np
import pytest
from scipy.optimize import linprog

from app.core.counting import OpenedBallots, figure_columns, rounding
from app.core.counting.measures import scored_measures
from app.core.disclosure.statements import _mean
from app.core.publication import Cell, Level, MeasureKind
from tests.attacks.attackers import ONE_ITEM
from tests.core.synthetic_region import published, questionnaire, region_of, scale

MEASURE = scored_measures(ONE_ITEM)[0].measure
TRIALS = 100_000
# spread of people's moods, and of one person's answers
ALIKE = (0.0, 1.1)
MOODS = (0.6, 0.92)
KEEP = 0.8  # of colleagues' answers that stay what they were
MANY = 1000  # more than any printed mean, times ten


@lru_cache(maxsize=1)  # a test tries two guesses on the same answers
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
    grain = rounding.rounding_step(n, MEASURE, items)
    totals, place = np.unique(sums, return_inverse=True)
    means, _caps = rounding.round_and_cap_means(totals * 25 / n / items, MEASURE, grain)
    return means[place]


def subtracted(n, *, items, model, printed=in_print, keep=KEEP):
    """How far the guess by subtraction is above "what most people say", in points."""
    before, later, joiner = rounds(n, items=items, model=model, seed=n, keep=keep)
    first = printed(before, n, items)
    second = printed(later + joiner, n + 1, items)
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
    monkeypatch.setattr(rounding, "rounding_step", lambda *_: None)
    assert learned(n, items=1, model=ALIKE) > 5


def test_with_exact_means_and_colleagues_who_never_change_the_guess_is_always_right():
    def exact(sums, n, items):
        return sums * 25 / n / items

    assert subtracted(10, items=1, model=ALIKE, printed=exact, keep=1.0) > 60


FIVE = questionnaire((scale("control", ("a", "b", "c", "d", "e")),))
WORLDS = 300


def counted(table, unit="school"):
    area = region_of({"town": {unit: 60, "large": 60}})
    rest = np.random.default_rng(0).integers(0, 5, (45, table.shape[1])).astype(np.uint8)
    units = np.array([0] * len(table) + [1] * len(rest), np.int32)
    ratings = np.concatenate([table, rest])
    return published(area, OpenedBallots(units, np.full(len(units), 255, np.uint8), ratings), instrument=FIVE)


def joiners_bounds(before, after, n):
    """What an attacker knows of the one who joined n people that all repeated their answers, by a linear program.

    Unknown are the sums of each question before and the joiner's answer to it; every printed mean and the
    middle of every interval, of the scale and of its questions, bounds them.
    """
    items = FIVE.item_ids
    rows = []
    limits = []
    for publication, people, joined in ((before, n, 0), (after, n + 1, 1)):
        for measure in publication.measures:
            figure = publication.figure(Cell(Level.COMMUNITY, "school"), measure.id)
            if figure is None or figure.mean is None:
                continue
            low, high = _mean(publication, figure, measure)
            mine = [
                place for place, name in enumerate(items) if measure.kind is MeasureKind.SCALE or name in measure.id
            ]
            row = np.zeros(2 * len(items))
            row[mine] = 1 / people / len(mine)
            row[[len(items) + place for place in mine]] = joined / people / len(mine)
            rows += [row, -row]
            limits += [high, -low]
    worth = np.concatenate([np.zeros(len(items)), np.full(len(items), 1 / len(items))])
    bounds = [(0, 100 * n)] * len(items) + [(0, 100)] * len(items)
    ends = [linprog(sign * worth, A_ub=np.array(rows), b_ub=np.array(limits) + 1e-9, bounds=bounds) for sign in (1, -1)]
    return ends[0].fun, -ends[1].fun


def widths(n, many=WORLDS, middle=2.4):
    """How wide a joiner's score stays known, in worlds of n people whose answers hang together."""
    rng = np.random.default_rng(n)
    found = []
    for _ in range(many):
        table = np.clip(np.rint(rng.normal(rng.normal(middle, 0.6, (n + 1, 1)), 0.92, (n + 1, 5))), 0, 4).astype(
            np.uint8
        )
        low, high = joiners_bounds(counted(table[:n]), counted(table), n)
        truth = table[n].mean() * 25
        assert low - 1e-6 <= truth <= high + 1e-6
        found.append(high - low)
    return np.array(found)


def test_a_joiner_of_ten_is_never_known_to_less_than_one_step():
    assert widths(10, many=40).min() >= MEASURE.step


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 11, 14, 19, 20, 24, 25, 30])
def test_a_joiner_is_never_known_to_less_than_one_step(n):
    """From twenty answers on the means of single questions are printed too."""
    assert widths(n).min() >= MEASURE.step


def test_with_exact_whole_numbers_nearly_every_joiner_of_ten_is_known(monkeypatch):
    monkeypatch.setattr(figure_columns, "rounding_step", lambda *_: None)
    assert (widths(10, many=20) < MEASURE.step).mean() > 0.9


@pytest.mark.parametrize("n", range(10, 90))
@pytest.mark.parametrize("items", [1, 5])
def test_one_person_never_skips_a_class_wherever_the_mean_was(n, items):
    """Of every mean before and every score of the joiner; from 25 answers on of means a step or more from the ends."""
    means = np.linspace(0, 100, 401)[:, None]
    scores = np.linspace(0, 100, 41)[None, :]
    later = (means * n + scores) / (n + 1)
    first = classes(means, n, items)
    second = classes(later, n + 1, items)
    low = np.maximum((n + 1) * second[0] - n * first[1], 0)
    high = np.minimum((n + 1) * second[1] - n * first[0], 100)
    inner = (first[0] >= MEASURE.step) & (first[1] <= MEASURE.high - MEASURE.step) | (n < 24)
    assert (high - low)[np.broadcast_to(inner, low.shape)].min() >= MEASURE.step - 1e-6


def classes(means, n, items):
    grain = rounding.rounding_step(n, MEASURE, items)
    printed, cap = rounding.round_and_cap_means(means, MEASURE, grain)
    half = 0.5 * (grain or 1.0)
    low = np.where(cap == 1, 0.0, np.where(cap == 2, printed - 0.5, printed - half))
    high = np.where(cap == 1, printed + 0.5, np.where(cap == 2, 100.0, printed + half))
    return low, high
