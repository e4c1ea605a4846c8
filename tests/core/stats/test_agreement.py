"""Agreement within communities and differences between them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pytest import approx

from app.core.stats.agreement import (
    GroupSizeMethod,
    intraclass_correlations,
    one_way_anova_sums,
)
from tests.core.stats.oracles import rwg, rwg_j

GROUPED = st.lists(st.tuples(st.integers(0, 100).map(float), st.integers(0, 4)), min_size=4, max_size=60)


def columns(pairs):
    return [score for score, _ in pairs], [group for _, group in pairs]


@given(arrays(np.float64, (12, 3), elements=st.integers(1, 5).map(float)))
def test_agreement_lies_between_0_and_1_and_does_not_depend_on_direction(items):
    assert 0 <= rwg_j(items, options=5) <= 1
    assert rwg_j(6 - items[::-1, ::-1], options=5) == approx(rwg_j(items, options=5))


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
    here = intraclass_correlations(*columns(pairs))
    chance.shuffle(pairs)
    scores, groups = columns(pairs)
    there = intraclass_correlations([100 - score for score in scores] + [np.nan], [*groups, 0])
    assert (here is None) == (there is None)
    if here is not None:
        assert there.icc1 == approx(here.icc1, abs=1e-9)
        assert there.p == approx(here.p, abs=1e-9)
        assert here.icc1 <= 1


def test_both_sizes_agree_where_groups_are_equal_and_only_then():
    chance = np.random.default_rng(5)
    scores = chance.normal(size=60) + np.repeat(np.arange(6), 10)
    equal = np.repeat(np.arange(6), 10)
    unequal = np.repeat(np.arange(6), [2, 4, 8, 10, 16, 20])
    exact, mean = (intraclass_correlations(scores, equal, size=size) for size in GroupSizeMethod)
    assert exact == mean
    exact, mean = (intraclass_correlations(scores, unequal, size=size) for size in GroupSizeMethod)
    assert exact.group_size < mean.group_size
    assert exact.icc1 > mean.icc1


@given(GROUPED)
def test_communities_may_be_numbered_as_one_likes(pairs):
    scores = np.array(columns(pairs)[0])
    near = np.array(columns(pairs)[1])
    found = one_way_anova_sums(scores, near)
    renumbered = one_way_anova_sums(scores, 1_000_003 * near - 7)
    assert renumbered.labels.tolist() == (1_000_003 * found.labels - 7).tolist()
    assert renumbered.sizes.tolist() == found.sizes.tolist() == [int((near == one).sum()) for one in found.labels]
    assert renumbered.means.tolist() == found.means.tolist()


def test_one_community_or_one_answer_each_has_no_share():
    assert intraclass_correlations([1.0, 2.0], [0, 0]) is None
    assert intraclass_correlations([1.0, 2.0], [0, 1]) is None
    assert intraclass_correlations([3.0, 3.0, 3.0, 3.0], [0, 0, 1, 1]) is None
    with pytest.raises(ValueError, match="same length"):
        intraclass_correlations([1.0], [0, 1])
