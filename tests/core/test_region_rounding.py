"""Of the region and large municipalities everything is rounded once; shrinkage comes before caps."""

from datetime import timedelta
from math import sqrt

import numpy as np
import pytest
from scipy import stats

from app.core.counting import OpenedBallots
from app.core.publication import Capped, Cell, ChangeLabel, DisclosureState, Level
from app.core.rounds import RoundId
from app.core.stats.shrinkage import fit_random_intercept_to_scores
from tests.core.stats.oracles import estimate_mean, welch
from tests.core.synthetic_region import NOON, published, questionnaire, region_of, scale

FOUR = questionnaire((scale("control", ("c1", "c2", "c3", "c4")), scale("demands", ("d1", "d2", "d3", "d4"))))
UNITS = 21
EACH = 30
TOWN = Cell(Level.MUNICIPALITY, "town")


def scores(rows):
    """What the control scale of people is, 0-100."""
    return rows[:, :4].mean(axis=1) * 25


def people(seed, *, lift=0.0, units=UNITS, each=EACH):
    chance = np.random.default_rng(seed)
    person = chance.normal(2.2 + lift, 0.75, (units * each, 1))
    return np.clip(np.rint(person + chance.normal(0, 0.8, (units * each, 8))), 0, 4).astype(np.uint8)


def counted(rows, *, units=UNITS, each=EACH, **changes):
    region = region_of({"town": {f"u{n}": 40 for n in range(units)}})
    places = np.repeat(np.arange(units, dtype=np.int32), each)
    return published(region, OpenedBallots(places, np.full(len(rows), 255, np.uint8), rows), instrument=FOUR, **changes)


def test_of_a_region_of_630_intervals_and_the_smallest_change_are_those_of_the_answers_rounded_once():
    rows = people(1)
    publication = counted(rows)
    found = estimate_mean(scores(rows))
    half = found.interval[1] - found.mean
    least = stats.t.ppf(0.975, 2 * 632 - 2) * sqrt(2) * found.standard_error
    assert 2.0 < least < 2.6  # 2.4 is the one that was printed as 4
    for cell in (publication.region_cell, TOWN):
        figure = publication.figure(cell, "control")
        assert figure.interval_conditions == tuple(map(round, found.interval))
        assert figure.half_width_conditions == pytest.approx(half, abs=0.051)
        assert figure.smallest_change == round(least)
        assert figure.change_seen_mostly == round(least * 1.43)


@pytest.mark.parametrize("seed", range(2, 12))
def test_the_interval_of_a_regions_change_is_as_wide_as_welchs(seed):
    """Rounded outwards twice it was up to 1.65 times as wide; now within the rounding of two ends in print."""
    first = people(seed)
    second = people(seed + 100, lift=0.1)
    before = counted(first, counted_at=NOON - timedelta(days=365), opens_at=None)
    after = counted(second, earlier=(before,), id=RoundId(2))
    exact = welch(scores(second), scores(first))
    trend = after.figure(after.region_cell, "control").trends[0]
    for printed, true in zip(trend.interval, exact.interval, strict=True):
        assert abs(printed - true) <= 0.5 + 1.0 + 0.5  # two means, and the end itself
    ratio = (trend.interval[1] - trend.interval[0]) / (exact.interval[1] - exact.interval[0])
    assert 0.8 <= ratio <= 1.3


@pytest.mark.slow
def test_a_change_that_is_none_is_seldom_told_although_the_interval_is_not_rounded_outwards():
    told = 0
    for seed in range(60):
        first = people(seed)
        second = people(seed + 100)
        before = counted(first, counted_at=NOON - timedelta(days=365), opens_at=None)
        after = counted(second, earlier=(before,), id=RoundId(2))
        trend = after.figure(before.region_cell, "control").trends[0]
        half = (trend.interval[1] - trend.interval[0]) / 2
        exact = welch(scores(second), scores(first)).interval
        assert half == pytest.approx((exact[1] - exact[0]) / 2, abs=0.7)
        told += trend.label in {ChangeLabel.CLEAR, ChangeLabel.SMALL}
    assert told <= 5


def test_of_fewer_than_a_hundred_answers_nothing_finer_is_kept():
    publication = counted(people(3, units=3), units=3)
    for figure in publication.figures:
        assert figure.half_width_conditions is None
        assert figure.state is not DisclosureState.SHOWN or figure.mean is not None
    low, high = publication.figure(TOWN, "control").interval_conditions
    found = estimate_mean(scores(people(3, units=3))).interval
    assert low <= found[0] and found[1] <= high and high - low < found[1] - found[0] + 2


def test_of_a_community_nothing_finer_is_kept_however_large():
    publication = counted(people(4, units=2, each=150), units=2, each=150)
    units = [
        one for one in publication.figures if one.cell.level is Level.COMMUNITY and one.state is DisclosureState.SHOWN
    ]
    assert units and {one.half_width_conditions for one in units} == {None}
    assert publication.figure(publication.region_cell, "control").half_width_conditions is not None


def at_the_ends():
    """Communities of which a third lie beyond a cap."""
    chance = np.random.default_rng(5)
    moods = np.repeat(np.tile([3.95, 2.2, 0.6], 7), EACH)[:, np.newaxis]
    return np.clip(np.rint(moods + chance.normal(0, 0.7, (UNITS * EACH, 8))), 0, 4).astype(np.uint8)


@pytest.mark.parametrize("rows", [people(6), at_the_ends()], ids=["in the middle", "beyond the caps"])
def test_variances_are_those_of_the_answers_before_rounding_and_caps(rows):
    quality = counted(rows).quality_of("control")
    exact = fit_random_intercept_to_scores(scores(rows), np.repeat(np.arange(UNITS), EACH))
    assert quality.between_variance == pytest.approx(exact.between, abs=0.051)
    assert quality.within_variance == pytest.approx(exact.within, abs=0.051)


def test_estimates_are_drawn_to_the_exact_mean_and_of_a_bound_they_are_a_bound():
    rows = at_the_ends()
    publication = counted(rows)
    exact = fit_random_intercept_to_scores(scores(rows), np.repeat(np.arange(UNITS), EACH))
    bounds = 0
    for place in exact.communities:
        figure = publication.figure(Cell(Level.COMMUNITY, f"u{place.group}"), "control")
        if figure.capped is None:
            # The mean is off by half its grain at most, the estimate is rounded, and n is the middle of a band.
            assert figure.shrunken == pytest.approx(place.estimate, abs=(figure.grain or 1) / 2 + 0.5 + 0.1)
        elif figure.capped is Capped.HIGH:
            bounds += 1
            assert figure.mean - 2 <= figure.shrunken <= min(figure.mean, place.estimate + 0.5)
    assert bounds


@pytest.mark.parametrize("rows", [people(7), at_the_ends()], ids=["in the middle", "beyond the caps"])
def test_an_estimate_tells_no_more_of_a_community_than_its_printed_mean(rows):
    """It is made of the region's mean and variances, and of the community's printed mean and band."""
    publication = counted(rows)
    exact = fit_random_intercept_to_scores(scores(rows), np.repeat(np.arange(UNITS), EACH))
    weight = exact.between / (exact.between + exact.within / 32)  # the middle of "30-34"
    for unit in range(UNITS):
        figure = publication.figure(Cell(Level.COMMUNITY, f"u{unit}"), "control")
        drawn = exact.mean + weight * (figure.mean - exact.mean)
        assert figure.shrunken == min(max(round(drawn), 12), 88)
