"""Looking at many scales makes no finding surer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from app.core.stats.comparisons import benjamini_hochberg

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(P_VALUES)
def test_adjusting_never_makes_surer_and_keeps_the_order(values):
    p = np.array(values)
    order = np.argsort(p, kind="stable")
    adjusted = benjamini_hochberg(p)
    assert (adjusted >= p - 1e-15).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[order]) >= -1e-15).all()


@given(P_VALUES, st.randoms())
def test_adjusting_does_not_depend_on_the_order_or_on_what_was_not_tested(values, chance):
    order = list(range(len(values)))
    chance.shuffle(order)
    shuffled = np.array([values[place] for place in order] + [np.nan])
    adjusted = benjamini_hochberg(shuffled)
    assert adjusted[:-1] == approx(benjamini_hochberg(values)[order])
    assert np.isnan(adjusted[-1])


def test_what_is_no_p_value_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        benjamini_hochberg([0.5, 1.5])
