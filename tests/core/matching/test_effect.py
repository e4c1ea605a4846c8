import numpy as np
import pytest

from app.core.matching.effect import Observed, Verdict, bracket

COMMUNITIES, TREATED, PLACES = 150, 30, 8
STEP = 25.0  # one step between options, on the scale 0-100


def world(seed, *, selection, effect, icc=0.1, sd=0.75, stability=0.8, treated=TREATED):
    """One made-up region in two rounds, with a true effect (in steps) and a way of choosing who takes part."""
    chance = np.random.default_rng(seed)
    people = np.maximum(3, np.round(np.clip(chance.lognormal(np.log(24), 0.55, COMMUNITIES), 6, 110) * 0.65))
    between, within = sd * icc**0.5, sd * (1 - icc) ** 0.5
    true = chance.normal(0, between, COMMUNITIES)
    later = stability * true + (1 - stability**2) ** 0.5 * chance.normal(0, between, COMMUNITIES)
    before = true + chance.normal(0, 1, COMMUNITIES) * within / people**0.5
    after = later + chance.normal(0, 1, COMMUNITIES) * within / people**0.5
    by = {
        "lowest": before,
        "true need": true + chance.normal(0, 0.1, COMMUNITIES),
        "chance": chance.normal(0, 1, COMMUNITIES),
    }[selection]
    took = np.zeros(COMMUNITIES, bool)
    took[np.argsort(by)[:treated]] = True
    after = after + effect * took
    return [
        Observed(f"c{n}", f"m{n % PLACES}", 50 + STEP * before[n], 50 + STEP * after[n], int(people[n]), bool(took[n]))
        for n in range(COMMUNITIES)
    ]


def judge(seed, **how):
    return bracket("control", world(seed, **how), chance=np.random.default_rng(seed), draws=400)


def mean_ends(worlds=200, **how):
    found = [bracket("control", world(n, **how), chance=np.random.default_rng(n), draws=1) for n in range(worlds)]
    return np.mean([one.low for one in found]) / STEP, np.mean([one.high for one in found]) / STEP


def test_without_an_effect_difference_in_differences_finds_one_and_the_bracket_reaches_to_zero():
    low, high = mean_ends(selection="lowest", effect=0.0)
    assert high > 0.2
    assert abs(low) < 0.03


@pytest.mark.parametrize("effect", [0.0, 0.2])
def test_when_the_needy_choose_the_bracket_holds_the_truth_between_its_ends(effect):
    low, high = mean_ends(selection="true need", effect=effect)
    assert low - 0.02 < effect < high + 0.02
    assert high - effect > 0.05


@pytest.mark.parametrize("effect", [0.0, 0.2])
def test_when_chance_chooses_both_ends_are_the_truth(effect):
    low, high = mean_ends(selection="chance", effect=effect)
    assert low == pytest.approx(effect, abs=0.03)
    assert high == pytest.approx(effect, abs=0.04)


def test_regression_to_the_mean_is_not_called_a_clear_change():
    clear = [judge(seed, selection="lowest", effect=0.0).verdict is Verdict.CLEAR for seed in range(60)]
    assert np.mean(clear) <= 0.10


def test_a_true_effect_of_a_fifth_of_a_step_is_mostly_seen():
    found = [judge(seed, selection="chance", effect=0.2).verdict for seed in range(40)]
    assert np.mean([one is Verdict.CLEAR for one in found]) > 0.6


def test_a_course_that_harms_is_never_praised():
    assert all(judge(seed, selection="chance", effect=-0.2).verdict is Verdict.NO_CLEAR_CHANGE for seed in range(20))


@pytest.mark.parametrize("treated", [0, 1, 7])
def test_under_eight_communities_nothing_is_said(treated):
    found = judge(1, selection="lowest", effect=0.5, treated=treated)
    assert (found.verdict, found.low, found.high, found.p) == (Verdict.TOO_FEW, None, None, None)


def test_whole_municipalities_that_took_part_cannot_be_compared():
    observed = [Observed(f"c{n}", f"m{n % 2}", 50.0 + n, 55.0 + n, 20, n % 2 == 0) for n in range(40)]
    assert bracket("control", observed, chance=np.random.default_rng(1)).verdict is Verdict.TOO_FEW


def test_the_same_chance_gives_the_same_answer():
    assert judge(3, selection="chance", effect=0.1) == judge(3, selection="chance", effect=0.1)


def test_the_adjusted_estimate_is_that_of_weighted_least_squares():
    observed = world(5, selection="chance", effect=0.3)
    design = np.array([[1.0, one.before, one.took_part] for one in observed])
    root = np.sqrt([one.people for one in observed])
    after = np.array([one.after for one in observed])
    expected = np.linalg.lstsq(design * root[:, None], after * root, rcond=None)[0][2]
    found = bracket("control", observed, chance=np.random.default_rng(1), draws=10)
    assert min(abs(found.low - expected), abs(found.high - expected)) < 1e-9
