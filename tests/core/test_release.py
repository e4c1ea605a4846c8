from dataclasses import replace

import numpy as np
import pytest

from app.core.disclosure.group_suppression import exposed_atom_mask
from app.core.disclosure.pattern import AnswerCounts, MinimumAnswers, decide_pattern
from app.core.disclosure.policy import InvalidPolicy, Policy
from tests.core.synthetic_region import region_of


def pattern(sizes, counts, *, threshold=10, remainder=20, placement_from=None, **options):
    """Decide for {municipality: [answers of each unit]}; `counts` may say answers by group instead."""
    region = region_of({name: {f"{name}{i}": 50 for i in range(n)} for name, n in sizes.items()})
    ballots = np.array(counts, dtype=np.int64)
    ballots = ballots if ballots.ndim == 2 else ballots[:, None]
    limits = MinimumAnswers(threshold, remainder, placement_from)
    return decide_pattern(region, AnswerCounts(ballots, ballots[:, :, None]), limits, **options)


def units(mask):
    return None if mask is None else np.flatnonzero(mask).tolist()


def test_ten_are_shown_nine_are_placed_and_four_are_withheld():
    found = pattern({"a": 4}, [10, 9, 5, 4], placement_from=5)
    assert units(found.shown) == [0]
    assert units(found.placement) == [1, 2]


def test_a_small_remainder_is_left_out_of_the_municipality_and_of_the_region():
    found = pattern({"a": 3, "b": 1}, [30, 30, 4, 30])
    assert units(found.municipalities["a"]) == [0, 1]
    assert units(found.region) == [0, 1, 3]


def test_what_municipalities_leave_out_counts_for_the_region_when_it_is_many():
    found = pattern({"a": 2, "b": 2, "c": 2}, [30, 7, 30, 7, 30, 7])
    assert [units(mask) for mask in found.municipalities.values()] == [[0], [2], [4]]
    assert units(found.region) == [0, 1, 2, 3, 4, 5]


def test_a_large_remainder_stays_in_its_municipality():
    found = pattern({"a": 4}, [30, 7, 7, 7])
    assert units(found.municipalities["a"]) == [0, 1, 2, 3]


def test_nobody_who_is_only_just_too_small_makes_up_most_of_a_remainder():
    found = pattern({"a": 3}, [30, 9, 4])
    assert units(found.municipalities["a"]) == [0]


def test_beside_a_placed_unit_the_others_must_be_twice_as_many():
    """A placement pins a unit to half a range; a remainder that just suffices otherwise would pin it further."""
    for counts, kept in (([30, 9, 4, 8], [0]), ([30, 9, 4, 28], [0, 1, 2, 3])):
        found = pattern({"a": 4}, counts, placement_from=5, threshold=29)
        assert units(found.placement) == [1, 3]
        assert units(found.municipalities["a"]) == kept
    plain = pattern({"a": 4}, [30, 9, 4, 8], threshold=29)
    assert units(plain.municipalities["a"]) == [0, 1, 2, 3]


def test_units_without_a_ballot_are_no_remainder():
    found = pattern({"a": 2}, [30, 0])
    assert units(found.municipalities["a"]) == [0, 1]


def test_a_municipality_of_one_small_unit_is_not_printed():
    found = pattern({"a": 1, "b": 1}, [9, 40])
    assert list(found.municipalities) == ["b"]
    assert units(found.region) == [1]


def test_the_fewest_valid_answers_decide_for_every_question():
    region = region_of({"a": {"one": 50, "two": 50}})
    ballots = np.array([[30], [30]])
    valid = np.array([[[30, 9]], [[30, 30]]])
    found = decide_pattern(region, AnswerCounts(ballots, valid), MinimumAnswers(10, 20))
    assert units(found.shown) == [1]


def test_detail_never_counts_whom_the_mean_leaves_out():
    rng = np.random.default_rng(2)
    for _ in range(200):
        counts = rng.integers(0, 45, size=12)
        first = pattern({"a": 4, "b": 4, "c": 4}, counts)
        region = region_of({name: {f"{name}{i}": 50 for i in range(4)} for name in "abc"})
        ballots = counts[:, None].astype(np.int64)
        second = decide_pattern(
            region, AnswerCounts(ballots, ballots[:, :, None]), MinimumAnswers(20, 30), within=(first,)
        )
        assert not (second.shown & ~first.shown).any()
        for name, mask in second.municipalities.items():
            base = first.municipalities[name]
            alone = second.shown & np.array([unit.municipality == name for unit in region.units])
            assert np.array_equal(mask & (counts > 0), base & (counts > 0)) or not (mask & ~alone & (counts > 0)).any()


def test_every_remainder_is_empty_or_large():
    rng = np.random.default_rng(3)
    for _ in range(300):
        counts = rng.integers(0, 40, size=12)
        found = pattern({"a": 4, "b": 4, "c": 4}, counts)
        covered = np.logical_or.reduce([np.zeros(12, bool), *found.municipalities.values()])
        remainders = [counts[mask & ~found.shown].sum() for mask in found.municipalities.values()]
        if found.region is not None:
            remainders.append(counts[found.region & ~covered].sum())
        assert all(left == 0 or left >= 20 for left in remainders)


def test_a_region_prints_staff_groups_while_those_without_one_are_nobody_or_many():
    few = pattern({"a": 2}, [[40, 20, 3], [40, 20, 3]])
    assert few.groups == (0,)
    none = pattern({"a": 2}, [[40, 20, 0], [40, 20, 0]])
    assert none.groups == (0, 1)


def test_staff_groups_of_two_families_are_of_the_same_people():
    """Detail that leaves units out which the means count would give the groups of those units away."""
    counts = [[40, 20, 0], [40, 20, 0], [9, 5, 0]]
    means = pattern({"a": 3}, counts, threshold=10, remainder=10)
    assert means.groups == (0, 1) and units(means.region) == [0, 1, 2]
    same = pattern({"a": 3}, counts, threshold=14, remainder=10, within=(means,))
    other = pattern({"a": 3}, counts, threshold=20, remainder=20, within=(means,))
    assert (units(same.region), same.groups) == ([0, 1, 2], (0, 1))
    assert (units(other.region), other.groups) == ([0, 1], ())


def test_detail_prints_no_region_and_no_staff_group_that_the_means_do_not_print():
    counts = [[40, 20, 0], [40, 20, 0]]
    means = pattern({"a": 2}, counts)
    assert pattern({"a": 2}, counts, within=(means,)).groups == (0, 1)
    assert pattern({"a": 2}, counts, within=(replace(means, groups=(0,)),)).groups == (0,)
    assert pattern({"a": 2}, counts, within=(replace(means, region=None),)).region is None
    assert units(pattern({"a": 2}, counts, within=(replace(means, shown=np.array([True, False])),)).shown) == [0]


def test_those_whom_the_region_leaves_out_hide_nobody_in_it():
    counts = [[3, 10, 0], [40, 0, 0], *[[4, 4, 0]] * 3]
    found = pattern({"a": 1, "b": 1, "c": 3}, counts, remainder=30)
    assert (units(found.region), found.groups) == ([0, 1], ())


def test_those_who_stand_out_do_not_hide_themselves():
    """Five of one group stand beside seven of the same group elsewhere, and beside nobody else."""
    hidden = np.array([[[5], [20]], [[7], [40]]])
    assert exposed_atom_mask(hidden, printed=(0,), threshold=8).tolist() == [True, True]
    assert exposed_atom_mask(hidden, printed=(0,), threshold=5).tolist() == [False, False]


def test_a_group_that_only_one_school_has_would_give_its_other_staff_away():
    """School A has 13 answers, 10 of them the region's only assistants: its 3 teachers stand bare."""
    found = pattern({"a": 1, "b": 1}, [[3, 10, 0], [40, 0, 0]])
    assert found.groups == ()
    hidden = np.array([[[3], [10], [0]], [[40], [0], [0]]])
    assert exposed_atom_mask(hidden, printed=(0, 1), threshold=10).tolist() == [True, False]


def test_units_by_group_are_withdrawn_for_the_municipality_where_somebody_stands_bare():
    counts = [[40, 30, 0], [40, 30, 0], [40, 30, 0], [40, 30, 0], [40, 3, 0]]
    found = pattern({"a": 4, "b": 1}, counts, by_group=True)
    assert found.withdrawn or not found.unit_groups[4].any()
    for unit in range(5):
        hidden = [counts[unit][g] for g in range(2) if not found.unit_groups[unit, g]]
        assert not found.unit_groups[unit].any() or sum(hidden) == 0 or sum(hidden) >= 20


@pytest.mark.parametrize("lax", [{"k": 4}, {"placement_from": 4}, {"distribution_from": 9}, {"placement_from": 11}])
def test_a_policy_laxer_than_the_least_promise_is_refused(lax):
    with pytest.raises(InvalidPolicy):
        Policy(**lax)


def test_no_hidden_remainder_of_a_pattern_over_the_same_answers_is_cut_in_two():
    """What lies half inside a parent of another figure would be subtracted from it."""
    rng = np.random.default_rng(4)
    region = region_of({name: {f"{name}{i}": 50 for i in range(4)} for name in "abc"})
    cut = 0
    for _ in range(400):
        ballots = rng.integers(0, 60, size=(12, 1))
        valid = [rng.binomial(ballots, share) for share in (0.9, 0.7, 0.8)]
        bounds = tuple(
            decide_pattern(region, AnswerCounts(ballots, one[:, :, None]), MinimumAnswers(10, 30)) for one in valid[:2]
        )
        joint = AnswerCounts(ballots, np.minimum.reduce(valid)[:, :, None])
        found = decide_pattern(region, joint, MinimumAnswers(10, 20), within=bounds)
        for bound in bounds:
            for name, mask in found.municipalities.items():
                hidden = bound.municipalities[name] & ~bound.shown & (ballots[:, 0] > 0)
                cut += (hidden & mask).any() and (hidden & ~mask).any()
            if found.region is not None:
                covered = np.logical_or.reduce([np.zeros(12, bool), *bound.municipalities.values()])
                hidden = bound.region & ~covered & (ballots[:, 0] > 0)
                cut += (hidden & found.region).any() and (hidden & ~found.region).any()
    assert cut == 0
