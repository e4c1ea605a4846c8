"""Reliability depends on how items hang together and on nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pytest import approx

from app.core.stats.factor import mcdonald_omega
from app.core.stats.reliability import cronbach_alpha, spearman_brown, two_item_reliability


def people(k=4, n=60):
    return arrays(np.float64, (n, k), elements=st.integers(1, 5).map(float))


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
    assert mcdonald_omega(items) is None


def test_a_person_who_skipped_an_item_is_left_out():
    items = np.random.default_rng(3).integers(1, 6, size=(50, 4)).astype(float)
    holed = np.vstack([items, [[5, np.nan, 1, 1]]])
    assert cronbach_alpha(holed) == cronbach_alpha(items)


def test_items_that_nobody_differs_on_have_no_reliability():
    assert cronbach_alpha(np.full((10, 4), 3.0)) is None
    assert mcdonald_omega(np.full((10, 4), 3.0)) is None
    assert two_item_reliability(np.full((10, 2), 3.0)) is None


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


@given(st.integers(0, 200))
def test_omega_does_not_depend_on_direction_order_or_unit(seed):
    items = one_factor(seed, n=300)
    here = mcdonald_omega(items).model_implied
    assert mcdonald_omega(-items[:, ::-1] * 25 + 50).model_implied == approx(here, abs=1e-5)


def test_a_fit_at_its_floor_is_called_improper():
    chance = np.random.default_rng(4)
    first = chance.normal(size=300)
    items = np.column_stack([first, first + chance.normal(size=300) * 0.01, chance.normal(size=300) + first * 0.2])
    assert mcdonald_omega(items).improper
    assert not mcdonald_omega(one_factor(1)).improper
