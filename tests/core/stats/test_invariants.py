"""What must hold of the statistics whatever the answers are."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pytest import approx

from app.core.stats.agreement import GroupSize, intraclass, reliability_of_mean, rwg, rwg_j
from app.core.stats.change import Change, change_of_printed, hedges_g, label_change, p_of_interval, welch
from app.core.stats.comparisons import benjamini_hochberg, bonferroni, holm
from app.core.stats.describe import estimate_mean, shares_in_three, shift_by_silent, wilson, worst_case
from app.core.stats.factor import mcdonald_omega, omega_minres
from app.core.stats.power import can_be_seen, detectable_change, half_width
from app.core.stats.raters import shrout_fleiss
from app.core.stats.reliability import cronbach_alpha, spearman_brown, two_item_reliability
from app.core.stats.shrinkage import shrink
from app.core.stats.strain import Strain, strain_of, strain_shares

SCORES = st.lists(st.integers(0, 100).map(float), min_size=1, max_size=40)
SPREAD = st.lists(st.integers(0, 100).map(float), min_size=3, max_size=40).filter(lambda row: len(set(row)) > 1)
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)
GROUPED = st.lists(st.tuples(st.integers(0, 100).map(float), st.integers(0, 4)), min_size=4, max_size=60)


def people(k=4, n=60):
    return arrays(np.float64, (n, k), elements=st.integers(1, 5).map(float))


def columns(pairs):
    return [score for score, _ in pairs], [group for _, group in pairs]


# Means


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
    here, there = estimate_mean(scores), estimate_mean([100 - score for score in scores])
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
    assert shares_in_three([np.nan], low=1, high=2) is None


def test_equal_answers_leave_no_doubt_within_them():
    assert estimate_mean([50.0] * 5).interval == (50.0, 50.0)


def test_more_answers_than_people_is_an_error():
    with pytest.raises(ValueError, match="more answers than people"):
        estimate_mean([1.0, 2.0], population=1)


@given(st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_wilson_interval_holds_its_share_and_stays_between_0_and_1(pair):
    successes, n = pair
    if n == 0:
        assert wilson(successes, n) is None
        return
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n <= high <= 1
    assert high > low
    assert wilson(n - successes, n) == approx((1 - high, 1 - low))


def test_more_successes_than_trials_is_an_error():
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)


@given(SCORES, st.integers(0, 30))
def test_the_worst_case_holds_every_possible_mean(scores, silent):
    low, high = worst_case(float(np.mean(scores)), len(scores), len(scores) + silent)
    assert low == approx(np.mean([*scores, *[0] * silent]))
    assert high == approx(np.mean([*scores, *[100] * silent]))


def test_silent_people_ten_points_lower_lower_the_mean_by_their_share():
    assert shift_by_silent(22, 30) == approx(10 * 8 / 30)
    assert shift_by_silent(30, 30) == 0


@given(SCORES)
def test_three_shares_make_a_whole(scores):
    assert sum(shares_in_three(scores, low=40, high=60)) == approx(1)


# Change


@given(SPREAD, SPREAD, st.integers(-50, 50))
def test_the_other_way_round_a_difference_changes_its_sign(a, b, shift):
    here, there = welch(a, b), welch(b, a)
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


@given(SPREAD, SPREAD)
def test_an_effect_size_lies_in_its_interval_and_is_drawn_towards_zero(a, b):
    size = hedges_g(a, b)
    assert size.interval[0] <= size.d <= size.interval[1]
    assert abs(size.g) <= abs(size.d)
    mirrored = hedges_g(b, a)
    assert mirrored.g == approx(-size.g)
    assert mirrored.interval == approx((-size.interval[1], -size.interval[0]), abs=1e-6)


def test_a_huge_effect_still_has_an_interval():
    size = hedges_g([0.0, 1.0, 0.0, 1.0] * 5, [99.0, 100.0] * 10)
    assert size.interval[0] < size.d < size.interval[1] < 0


def test_too_few_answers_have_no_change():
    assert welch([1.0], [1.0, 2.0]) is None
    assert hedges_g([1.0, np.nan], [1.0, 2.0]) is None
    assert hedges_g([5.0, 5.0], [5.0, 5.0]) is None


def test_without_any_noise_the_difference_is_itself():
    assert welch([5.0, 5.0], [5.0, 5.0]).p == 1
    apart = welch([7.0, 7.0], [5.0, 5.0])
    assert (apart.interval, apart.p) == ((2.0, 2.0), 0.0)


@given(SPREAD, SPREAD)
def test_a_change_of_printed_means_is_as_wide_as_one_of_answers_nearly(a, b):
    earlier, later = estimate_mean(a), estimate_mean(b)
    difference, interval = change_of_printed(earlier.mean, earlier.interval, later.mean, later.interval)
    exact = welch(b, a)
    assert difference == approx(exact.difference)
    assert interval[1] - interval[0] >= (exact.interval[1] - exact.interval[0]) * 0.999


def test_the_labels_say_only_what_can_be_said():
    assert label_change(8.0, (2.0, 14.0)) is Change.CLEAR
    assert label_change(-8.0, (-14.0, -2.0)) is Change.CLEAR
    assert label_change(8.0, (2.0, 14.0), holds_among_many=False) is Change.POSSIBLE
    assert label_change(3.0, (1.0, 5.0)) is Change.POSSIBLE
    assert label_change(8.0, (-1.0, 17.0)) is Change.POSSIBLE
    assert label_change(8.0, (-8.0, 24.0)) is Change.CANNOT_TELL
    assert label_change(0.0, (-9.0, 9.0)) is Change.CANNOT_TELL
    assert label_change(0.0, (0.0, 0.0)) is Change.CANNOT_TELL


def test_the_p_of_an_interval_that_touches_zero_is_one_in_twenty():
    assert p_of_interval(-5.0, (-10.0, 0.0)) == approx(0.05)
    assert p_of_interval(0.0, (0.0, 0.0)) == 1
    assert p_of_interval(2.0, (2.0, 2.0)) == 0


def test_a_community_of_thirty_cannot_see_five_points():
    assert not can_be_seen(5, 20, 22)
    assert detectable_change(20, 22) > 5
    assert half_width(20, 1) is None
    assert detectable_change(20, 1) is None
    assert not can_be_seen(50, 20, 1)


def test_without_the_correction_a_trend_of_no_true_change_errs_seldom_and_with_it_often():
    chance, correlation, size, n, false_alarms, corrected_alarms = np.random.default_rng(7), 0.6, 30, 22, 0, 0
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


# Many comparisons


@given(P_VALUES)
def test_adjusting_never_makes_surer_and_keeps_the_order(values):
    p = np.array(values)
    order = np.argsort(p, kind="stable")
    for adjusted in (benjamini_hochberg(p), holm(p), bonferroni(p)):
        assert (adjusted >= p - 1e-15).all()
        assert (adjusted <= 1).all()
        assert (np.diff(adjusted[order]) >= -1e-15).all()
    assert (benjamini_hochberg(p) <= holm(p) + 1e-15).all()
    assert (holm(p) <= bonferroni(p) + 1e-15).all()


@given(P_VALUES, st.randoms())
def test_adjusting_does_not_depend_on_the_order_or_on_what_was_not_tested(values, chance):
    order = list(range(len(values)))
    chance.shuffle(order)
    shuffled = np.array([values[place] for place in order] + [np.nan])
    assert benjamini_hochberg(shuffled)[:-1] == approx(benjamini_hochberg(values)[order])
    assert np.isnan(holm(shuffled)[-1])


def test_what_is_no_p_value_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.5, 1.5])


# Reliability


@given(people())
def test_alpha_does_not_depend_on_order_shift_or_direction(items):
    here = cronbach_alpha(items)
    if here is None:
        return
    assert cronbach_alpha(items[::-1, ::-1] + 3).raw == approx(here.raw)
    assert cronbach_alpha(6 - items).raw == approx(here.raw)
    assert here.raw <= 1 + 1e-12
    assert here.interval[0] <= here.raw <= here.interval[1]


@given(people(k=2))
def test_two_items_have_spearman_brown(items):
    reliability = two_item_reliability(items)
    if reliability is None:
        return
    assert reliability == approx(spearman_brown(np.corrcoef(items, rowvar=False)[0, 1]))
    assert reliability == approx(cronbach_alpha(items).standardised)
    assert cronbach_alpha(items).if_dropped == ()
    assert mcdonald_omega(items) is None


def test_a_person_who_skipped_an_item_is_left_out():
    items = np.random.default_rng(3).integers(1, 6, size=(50, 4)).astype(float)
    holed = np.vstack([items, [[5, np.nan, 1, 1]]])
    assert cronbach_alpha(holed) == cronbach_alpha(items)


def test_items_that_nobody_differs_on_have_no_reliability():
    assert cronbach_alpha(np.full((10, 4), 3.0)) is None
    assert mcdonald_omega(np.full((10, 4), 3.0)) is None
    assert omega_minres(np.full((10, 4), 3.0)) is None
    assert two_item_reliability(np.full((10, 2), 3.0)) is None


def test_an_item_that_does_not_vary_has_no_item_rest_correlation():
    items = np.random.default_rng(3).integers(1, 6, size=(50, 4)).astype(float)
    items[:, 2] = 3
    assert np.isnan(cronbach_alpha(items).item_rest[2])


def test_nobody_or_one_item_has_no_reliability():
    assert cronbach_alpha(np.empty((0, 4))) is None
    assert cronbach_alpha(np.full((10, 4), np.nan)) is None
    assert cronbach_alpha(np.arange(10.0).reshape(10, 1)) is None
    with pytest.raises(ValueError, match="n x k"):
        cronbach_alpha([1.0, 2.0])
    with pytest.raises(ValueError, match="two items"):
        two_item_reliability(np.ones((5, 3)))


def one_factor(seed, *, loadings=(0.8, 0.7, 0.6, 0.5, 0.4), n=4000):
    chance = np.random.default_rng(seed)
    loads = np.array(loadings)
    return chance.normal(size=(n, 1)) * loads + chance.normal(size=(n, len(loads))) * np.sqrt(1 - loads**2)


@given(st.integers(0, 1000))
def test_omega_recovers_the_reliability_that_was_built_in(seed):
    true = 3.0**2 / (3.0**2 + sum(1 - load**2 for load in (0.8, 0.7, 0.6, 0.5, 0.4)))
    omega = mcdonald_omega(one_factor(seed))
    assert omega.model_implied == approx(true, abs=0.04)
    assert omega.loadings == approx((0.8, 0.7, 0.6, 0.5, 0.4), abs=0.09)
    assert omega_minres(one_factor(seed)) == approx(true, abs=0.04)


@given(st.integers(0, 200))
def test_omega_does_not_depend_on_direction_order_or_unit(seed):
    items = one_factor(seed, n=300)
    here = mcdonald_omega(items).model_implied
    assert mcdonald_omega(-items[:, ::-1] * 25 + 50).model_implied == approx(here, abs=1e-5)


# Agreement


@given(arrays(np.float64, (12, 3), elements=st.integers(1, 5).map(float)))
def test_agreement_lies_between_0_and_1_and_does_not_depend_on_direction(items):
    assert 0 <= rwg_j(items, options=5) <= 1
    assert rwg_j(6 - items[::-1, ::-1], options=5) == approx(rwg_j(items, options=5))
    assert rwg(items[:, 0], options=5) == approx(rwg_j(items[:, :1], options=5), abs=1e-9)


def test_agreement_of_the_unanimous_is_whole_and_of_one_person_nothing():
    assert rwg([4.0] * 6, options=5) == 1
    assert rwg_j(np.full((6, 4), 2.0), options=5) == 1
    assert rwg([4.0], options=5) is None
    assert rwg_j([[1.0, 2.0]], options=5) is None
    assert rwg([np.nan, np.nan], options=5) is None
    with pytest.raises(ValueError, match="two options"):
        rwg([1.0, 1.0], options=1)


@given(GROUPED, st.randoms())
def test_the_share_of_communities_does_not_depend_on_order_shift_or_direction(pairs, chance):
    here = intraclass(*columns(pairs))
    chance.shuffle(pairs)
    scores, groups = columns(pairs)
    there = intraclass([100 - score for score in scores] + [np.nan], [*groups, 0])
    assert (here is None) == (there is None)
    if here is not None:
        assert there.icc1 == approx(here.icc1, abs=1e-9)
        assert there.p == approx(here.p, abs=1e-9)
        assert here.icc1 <= 1


def test_both_sizes_agree_where_groups_are_equal_and_only_then():
    chance = np.random.default_rng(5)
    scores = chance.normal(size=60) + np.repeat(np.arange(6), 10)
    equal, unequal = np.repeat(np.arange(6), 10), np.repeat(np.arange(6), [2, 4, 8, 10, 16, 20])
    exact, mean = (intraclass(scores, equal, size=size) for size in GroupSize)
    assert exact == mean
    exact, mean = (intraclass(scores, unequal, size=size) for size in GroupSize)
    assert exact.group_size < mean.group_size
    assert exact.icc1 > mean.icc1


def test_one_community_or_one_answer_each_has_no_share():
    assert intraclass([1.0, 2.0], [0, 0]) is None
    assert intraclass([1.0, 2.0], [0, 1]) is None
    assert intraclass([3.0, 3.0, 3.0, 3.0], [0, 0, 1, 1]) is None
    with pytest.raises(ValueError, match="same length"):
        intraclass([1.0], [0, 1])


def test_a_mean_of_more_people_is_more_reliable():
    assert [round(reliability_of_mean(0.1, n), 2) for n in (5, 10, 22)] == [0.36, 0.53, 0.71]


def test_targets_that_do_not_differ_have_no_rater_correlation():
    assert shrout_fleiss([[3, 3], [3, 3]]) is None
    assert shrout_fleiss([[3, 4]]) is None


# Shrinkage


@given(GROUPED)
def test_a_shrunken_mean_lies_between_its_own_and_the_region(pairs):
    fit = shrink(*columns(pairs))
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
    here, there = shrink(scores, groups), shrink([shift - score for score in scores], groups)
    assert (here is None) == (there is None)
    if here is not None:
        assert [place.estimate for place in there.communities] == approx(
            [shift - place.estimate for place in here.communities], abs=1e-3
        )


def test_communities_that_differ_by_less_than_chance_are_all_the_region():
    fit = shrink([1.0, 9.0, 2.0, 8.0, 3.0, 7.0], [0, 0, 1, 1, 2, 2])
    assert fit.between == 0
    assert fit.icc1 == 0
    assert {place.estimate for place in fit.communities} == {5.0}


def test_communities_without_inner_spread_keep_their_means():
    fit = shrink([4.0, 4.0, 6.0, 6.0], [0, 0, 1, 1])
    assert [place.estimate for place in fit.communities] == [4.0, 6.0]
    assert fit.within == 0
    same = shrink([4.0, 4.0, 4.0], [0, 0, 1])
    assert (same.between, same.within, same.icc1) == (0, 0, 0)
    assert [place.estimate for place in same.communities] == [4.0, 4.0]


def test_small_communities_shrink_more():
    chance = np.random.default_rng(11)
    groups = np.repeat(np.arange(20), [5, 30] * 10)
    scores = chance.normal(size=20)[groups] * 8 + chance.normal(size=len(groups)) * 20
    weights = {place.n: place.weight for place in shrink(scores, groups).communities}
    assert weights[5] < weights[30]


def test_the_variances_that_were_built_in_are_recovered():
    chance = np.random.default_rng(12)
    groups = np.repeat(np.arange(400), chance.integers(5, 40, size=400))
    scores = 60 + chance.normal(size=400)[groups] * 6 + chance.normal(size=len(groups)) * 18
    fit = shrink(scores, groups)
    assert fit.mean == approx(60, abs=1)
    assert fit.between == approx(36, rel=0.2)
    assert fit.within == approx(324, rel=0.05)


def test_too_few_communities_do_not_shrink():
    assert shrink([1.0, 2.0], [0, 0]) is None
    assert shrink([1.0, 2.0], [0, 1]) is None
    assert shrink([np.nan, np.nan], [0, 1]) is None


# Demands and control


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1))
def test_the_quadrants_hold_everybody_once(pairs):
    shares = strain_shares([demands for demands, _ in pairs], [control for _, control in pairs])
    assert sum(shares.values()) == approx(1)
    for strain in Strain:
        assert shares[strain] == approx(np.mean([strain_of(*pair) is strain for pair in pairs]))


def test_who_lacks_a_score_stands_in_no_quadrant():
    assert strain_shares([60.0, np.nan], [40.0, 40.0]) == strain_shares([60.0], [40.0])
    assert strain_shares([np.nan], [40.0]) is None
    with pytest.raises(ValueError, match="same people"):
        strain_shares([1.0], [1.0, 2.0])
