"""What is printed a column at a time is what the same rule says of one number."""

from decimal import ROUND_HALF_UP, Decimal
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.counting.figures import small_unit_placement
from app.core.counting.rounding import (
    EPSILON,
    half_width_without_rounding,
    half_widths_without_rounding,
    round_and_cap_means,
    round_and_cap_shares,
    round_intervals,
    round_outwards,
)
from app.core.instruments import Polarity
from app.core.publication import Measure, MeasureKind, Placement

PERCENT = Measure("control", MeasureKind.SCALE, "control", Polarity.HIGH_IS_GOOD, 0, 100, 0, 12, 88, 25)
RAW = Measure("control", MeasureKind.SCALE, "control", Polarity.HIGH_IS_GOOD, 1, 5, 1, 1.5, 4.5, 1)
measures = st.sampled_from([PERCENT, RAW])
parts = st.lists(st.floats(0, 1), min_size=1, max_size=9)
grains = st.sampled_from([None, 0.3, 0.5, 3.0, 9.0, 15.0])


def on(measure, shares):
    return np.array(shares) * (measure.high - measure.low) + measure.low


def half_up(mean, decimals):
    """Halves away from zero, where the last bits count as none."""
    return float(Decimal(repr(round(mean, 9))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


@given(measures, parts)
def test_means_are_rounded_halves_away_from_zero_and_capped_beyond_the_caps(measure, shares):
    means = on(measure, shares)
    printed, caps = round_and_cap_means(means, measure, None)
    wanted = [min(max(half_up(mean, measure.decimals), measure.cap_low), measure.cap_high) for mean in means.tolist()]
    assert printed.tolist() == wanted
    assert (caps > 0).tolist() == [one in {measure.cap_low, measure.cap_high} for one in wanted]


def test_a_tenth_is_not_rounded_by_way_of_a_product():
    assert round_and_cap_means(np.array([2.25, 2.35, 2.45, 1.65]), RAW, None)[0].tolist() == [2.3, 2.4, 2.5, 1.7]


@given(measures, parts, grains)
def test_many_means_are_printed_as_each_alone(measure, shares, grain):
    means = on(measure, shares)
    halves = np.full(len(means), measure.step / 3)
    alone = [round_intervals(means[[n]], halves[[n]], measure, grain) for n in range(len(means))]
    low, high = round_intervals(means, halves, measure, grain)
    assert [(one.item(), other.item()) for one, other in alone] == list(zip(low.tolist(), high.tolist(), strict=True))


@given(measures, parts, st.floats(0, 2))
def test_intervals_are_rounded_away_from_their_middle_and_a_zero_has_no_sign(measure, shares, width):
    means = on(measure, shares)
    unit = 10.0**measure.decimals
    low, high = round_outwards(means - width, means + width, measure)
    assert low.tolist() == [max(measure.low, floor((mean - width) * unit + EPSILON) / unit) for mean in means.tolist()]
    assert high.tolist() == [min(measure.high, ceil((mean + width) * unit - EPSILON) / unit) for mean in means.tolist()]
    assert not np.signbit(low).any() and not np.signbit(high).any()


@given(measures, parts, grains)
def test_half_widths_are_recovered_alike_from_one_and_from_many(measure, shares, grain):
    means = on(measure, shares)
    low, high = round_outwards(means - measure.step, means + measure.step, measure)
    many = half_widths_without_rounding(means, (low, high), measure, grain).tolist()
    rows = zip(means.tolist(), low.tolist(), high.tolist(), strict=True)
    assert many == [half_width_without_rounding(mean, (down, up), measure, grain=grain) for mean, down, up in rows]


@pytest.mark.parametrize("n", [20, 23, 37, 480])
def test_shares_are_rounded_to_five_per_cent_and_stay_between_ten_and_ninety(n):
    counts = np.arange(n + 1)
    wanted = [min(max(round(20 * count / n) * 5, 10), 90) for count in counts.tolist()]
    assert round_and_cap_shares(counts, np.full(n + 1, n)).tolist() == wanted


@pytest.mark.parametrize(
    ("mean", "reference", "placement"),
    [
        (40, 60, Placement.BELOW),
        (50, 60, Placement.SAME),
        (75, 60, Placement.ABOVE),
        (0, 20, Placement.SAME),  # "below" would say that nearly everybody chose the lowest option
        (100, 80, Placement.SAME),
    ],
)
def test_near_the_ends_a_placement_says_nothing(mean, reference, placement):
    assert small_unit_placement(mean, reference, PERCENT) is placement
