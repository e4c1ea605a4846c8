"""The effect of a course in simulated regions: error rates, coverage, and "worse" as plain as "better"."""

import numpy as np
import pytest

from app.core.matching import effect as module
from app.core.matching.effect import CLEAR, CommunityChange, EffectVerdict, estimate_effect

STEP = 25.0  # one step between options, on the scale 0-100
PLACES = 8
PERSONS = 0.75  # standard deviation between persons, in steps
ICC = 0.1
STABILITY = 0.8
SELECTIONS = ("chance", "lowest", "true need")
SIZES = ((100, 20), (30, 8))
CLEARLY = {EffectVerdict.CLEARLY_BETTER, EffectVerdict.CLEARLY_WORSE}
WORSE = {EffectVerdict.CLEARLY_WORSE, EffectVerdict.POSSIBLY_WORSE}


def world(chance, *, selection, effect, communities, treated):
    """One made-up region in two rounds, with a true effect (in points) and a way of choosing who takes part."""
    people = np.maximum(3, np.round(np.clip(chance.lognormal(np.log(24), 0.55, communities), 6, 110) * 0.65))
    between = PERSONS * ICC**0.5
    error = PERSONS * (1 - ICC) ** 0.5 / people**0.5
    true = chance.normal(0, between, communities)
    later = STABILITY * true + (1 - STABILITY**2) ** 0.5 * chance.normal(0, between, communities)
    before = true + chance.normal(0, 1, communities) * error
    after = later + chance.normal(0, 1, communities) * error
    order = {
        "lowest": before,
        "true need": true + chance.normal(0, 0.1, communities),
        "chance": chance.normal(0, 1, communities),
    }[selection]
    took = np.zeros(communities, bool)
    took[np.argsort(order)[:treated]] = True
    # As printed: whole numbers.
    first = np.rint(50 + STEP * before)
    second = np.rint(50 + STEP * after + effect * took)
    return [
        CommunityChange(f"c{n}", f"m{n % PLACES}", first[n], second[n], bool(took[n]), STEP * float(error[n]))
        for n in range(communities)
    ]


def effects(worlds, *, seed=11, effect=0.0, size=SIZES[0], selection, draws=300):
    chance = np.random.default_rng(seed)
    communities, treated = size
    how = {"selection": selection, "effect": effect, "communities": communities, "treated": treated}
    return [
        estimate_effect("control", world(chance, **how), chance=np.random.default_rng(number), draws=draws)
        for number in range(worlds)
    ]


def right_one(found, selection):
    """Return the estimate that is right where communities are chosen in this way."""
    return found.by_situation if selection == "true need" else found.by_results


def share(found, condition):
    return float(np.mean([condition(one) for one in found]))


def require_error_rates(found, selection, *, slack):
    """Without effect p <= .05 in .05 +- .02 and "clear" in at most .035; the right interval covers 0."""
    low = share(found, lambda one: one.p <= 0.05)
    clear = share(found, lambda one: one.verdict in CLEARLY)
    ends = [right_one(one, selection).interval for one in found]
    covered = float(np.mean([low_end <= 0 <= high_end for low_end, high_end in ends]))
    assert 0.03 - slack <= low <= 0.07 + slack
    assert clear <= 0.035 + slack
    assert 0.92 - slack <= covered <= 0.97 + slack


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_error_rates_in_three_hundred_worlds_without_effect(selection, size):
    require_error_rates(effects(300, size=size, selection=selection), selection, slack=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_error_rates_in_two_thousand_worlds_without_effect(selection, size):
    require_error_rates(effects(2000, size=size, selection=selection, draws=500), selection, slack=0.0)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_freedman_lane_test_keeps_its_level_where_the_lowest_take_part(size):
    found = effects(300, size=size, selection="lowest")
    assert all(one.by_lowest for one in found)
    assert 0.02 <= share(found, lambda one: one.by_results.p <= 0.05) <= 0.09


@pytest.mark.parametrize("selection", SELECTIONS)
def test_a_true_effect_of_minus_eight_points_is_called_worse(selection):
    found = effects(150, effect=-8.0, selection=selection)
    assert share(found, lambda one: one.verdict is EffectVerdict.CLEARLY_WORSE) >= 0.7
    assert share(found, lambda one: one.verdict in WORSE) >= 0.9
    assert not [one for one in found if one.verdict in {EffectVerdict.CLEARLY_BETTER, EffectVerdict.POSSIBLY_BETTER}]


@pytest.mark.parametrize("selection", SELECTIONS)
def test_in_a_small_region_minus_eight_points_are_mostly_called_worse_and_never_better(selection):
    found = effects(150, effect=-8.0, size=SIZES[1], selection=selection)
    assert share(found, lambda one: one.verdict in WORSE) >= 0.5
    assert not [one for one in found if one.verdict is EffectVerdict.CLEARLY_BETTER]


def test_worse_is_said_by_the_same_rule_as_better():
    chance = np.random.default_rng(4)
    for number in range(30):
        seen = world(chance, selection="chance", effect=8.0, communities=100, treated=20)
        turned = [
            CommunityChange(
                one.community, one.municipality, 100 - one.before, 100 - one.after, one.took_part, one.error
            )
            for one in seen
        ]
        better = estimate_effect("control", seen, chance=np.random.default_rng(number), draws=200)
        worse = estimate_effect("control", turned, chance=np.random.default_rng(number), draws=200)
        assert better.by_results.points == pytest.approx(-worse.by_results.points)
        assert better.by_results.interval == pytest.approx(tuple(-end for end in reversed(worse.by_results.interval)))
        assert better.p == pytest.approx(worse.p)
        assert better.verdict.value == worse.verdict.value.replace("worse", "better")


@pytest.mark.parametrize("selection", SELECTIONS)
def test_each_estimate_is_right_for_its_way_of_choosing(selection):
    found = effects(200, effect=5.0, selection=selection, draws=20)
    points = [right_one(one, selection).points for one in found]
    assert np.mean(points) == pytest.approx(5.0, abs=0.6)


def test_the_other_estimate_is_not():
    lowest = effects(200, selection="lowest", draws=20)
    assert np.mean([one.by_situation.points for one in lowest]) > 2.5
    need = effects(200, selection="true need", draws=20)
    assert np.mean([one.by_results.points for one in need]) < -2.5


def test_the_interval_holds_what_the_permutation_test_does_not_reject():
    seen = world(np.random.default_rng(8), selection="lowest", effect=3.0, communities=30, treated=8)
    found = estimate_effect("control", seen, chance=np.random.default_rng(1), draws=400)
    low, high = found.by_results.interval

    def p_of(effect):
        rid = [
            CommunityChange(
                one.community, one.municipality, one.before, one.after - effect * one.took_part, one.took_part
            )
            for one in seen
        ]
        return estimate_effect("control", rid, chance=np.random.default_rng(1), draws=400).by_results.p

    assert p_of(low + 0.01) > 0.05 >= p_of(low - 0.01)
    assert p_of(high - 0.01) > 0.05 >= p_of(high + 0.01)


def test_the_adjusted_estimate_is_that_of_least_squares():
    seen = world(np.random.default_rng(5), selection="chance", effect=7.0, communities=100, treated=20)
    design = np.array([[1.0, one.before, one.took_part] for one in seen])
    expected = np.linalg.lstsq(design, np.array([one.after for one in seen]), rcond=None)[0][2]
    found = estimate_effect("control", seen, chance=np.random.default_rng(1), draws=10)
    assert found.by_results.points == pytest.approx(expected, abs=1e-9)


def test_without_a_known_error_the_second_estimate_is_the_difference_of_the_changes():
    seen = world(np.random.default_rng(5), selection="chance", effect=0.0, communities=30, treated=8)
    unknown = [CommunityChange(one.community, one.municipality, one.before, one.after, one.took_part) for one in seen]
    changes = {
        took: np.mean([one.after - one.before for one in seen if one.took_part is took]) for took in (True, False)
    }
    found = estimate_effect("control", unknown, chance=np.random.default_rng(1), draws=10)
    assert found.by_situation.points == pytest.approx(changes[True] - changes[False])


def test_a_clear_verdict_needs_both_estimates():
    chance = np.random.default_rng(2)
    for number in range(60):
        seen = world(chance, selection="true need", effect=0.0, communities=100, treated=20)
        found = estimate_effect("control", seen, chance=np.random.default_rng(number), draws=200)
        if found.verdict in CLEARLY:
            assert max(found.by_results.p, found.by_situation.p) <= 2 * CLEAR + 0.01
            assert found.by_results.points * found.by_situation.points > 0


def test_everybody_changing_alike_is_no_effect():
    seen = [CommunityChange(f"c{n}", f"m{n % 4}", 50.0 + n % 7, 55.0 + n % 7, n % 3 == 0, 3.0) for n in range(40)]
    found = estimate_effect("control", seen, chance=np.random.default_rng(1), draws=100)
    assert found.verdict is EffectVerdict.CANNOT_TELL and found.p == 1.0
    assert found.by_results.points == pytest.approx(0.0, abs=1e-9)


def test_equal_baselines_do_not_matter():
    seen = [
        CommunityChange(f"c{n}", f"m{n % 4}", 50.0, 50.0 + n % 5 - 10 * (n % 3 == 0), n % 3 == 0, 3.0)
        for n in range(40)
    ]
    found = estimate_effect("control", seen, chance=np.random.default_rng(1), draws=300)
    assert found.by_results.points == pytest.approx(-10.0, abs=0.5)
    assert found.verdict is EffectVerdict.CLEARLY_WORSE


def test_too_few_permutations_give_no_interval():
    """One municipality with both sorts, two communities: half of the permutations change nothing."""
    places = ["both", "both", *(f"m{n}" for n in range(14))]
    took = [n % 2 == 0 for n in range(16)]
    seen = [CommunityChange(f"c{n}", places[n], 40.0 + n, 41.0 + n * n % 5, took[n], 3.0) for n in range(16)]
    found = estimate_effect("control", seen, chance=np.random.default_rng(1), draws=100)
    assert found.by_results.interval is None
    assert found.by_situation.interval is not None
    assert found.verdict is EffectVerdict.CANNOT_TELL


@pytest.mark.parametrize("treated", [0, 1, 7])
def test_under_eight_communities_nothing_is_said(treated):
    seen = world(np.random.default_rng(1), selection="lowest", effect=12.0, communities=100, treated=treated)
    found = estimate_effect("control", seen, chance=np.random.default_rng(1))
    assert (found.verdict, found.by_results, found.by_situation, found.p) == (EffectVerdict.TOO_FEW, None, None, None)


def test_whole_municipalities_that_took_part_cannot_be_compared():
    seen = [CommunityChange(f"c{n}", f"m{n % 2}", 50.0 + n, 55.0 + n, n % 2 == 0) for n in range(40)]
    assert estimate_effect("control", seen, chance=np.random.default_rng(1)).verdict is EffectVerdict.TOO_FEW


def test_the_same_chance_gives_the_same_answer():
    one, other = (effects(1, seed=3, effect=2.0, selection="chance") for _ in range(2))
    assert one == other


def test_the_thresholds_are_those_of_the_documents():
    assert (module.TREATED_FROM, module.CLEAR, module.POSSIBLE) == (8, 0.025, 0.2)
