"""Demands and control put everybody in one place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pytest import approx

from app.core.stats.strain import StrainQuadrant, strain_quadrant, strain_shares


def people(k=4, n=60):
    return arrays(np.float64, (n, k), elements=st.integers(1, 5).map(float))


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1))
def test_the_quadrants_hold_everybody_once(pairs):
    shares = strain_shares([demands for demands, _ in pairs], [control for _, control in pairs])
    assert sum(shares.values()) == approx(1)
    for strain in StrainQuadrant:
        assert shares[strain] == approx(np.mean([strain_quadrant(*pair) is strain for pair in pairs]))


def test_who_lacks_a_score_stands_in_no_quadrant():
    assert strain_shares([60.0, np.nan], [40.0, 40.0]) == strain_shares([60.0], [40.0])
    assert strain_shares([np.nan], [40.0]) is None
    with pytest.raises(ValueError, match="same people"):
        strain_shares([1.0], [1.0, 2.0])


def test_a_score_that_misses_the_cut_by_the_last_bit_is_at_the_cut():
    below = (100 / 3 + 200 / 3) / 2 - 1e-14
    above = 50 + 1e-14
    assert strain_quadrant(above, below) is StrainQuadrant.LOW_STRAIN
    assert strain_shares([above], [below])[StrainQuadrant.LOW_STRAIN] == 1.0
