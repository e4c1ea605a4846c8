"""What is told apart from the region, when many scales are looked at together."""

from dataclasses import replace

import numpy as np
import pytest

from app.core.publication import (
    Cell,
    DisclosureState,
    Figure,
    Level,
    RegionComparisonOutcome,
    compare_measures_with_region,
)
from tests.core.stats.oracles import estimate_mean
from tests.publications import made

PINE = Cell(Level.COMMUNITY, "pine")


@pytest.fixture(scope="module")
def frozen():
    return made(1)


def with_means(frozen, means, *, half=6):
    """The publication with these distances of pine's means from the region's, each with the same interval."""
    distances = dict(zip([one.id for one in frozen.scales], means, strict=True))

    def moved(figure):
        region = frozen.figure(frozen.region_cell, figure.measure)
        if figure.cell != PINE:
            return figure
        mean = region.mean + distances[figure.measure]
        return replace(figure, mean=mean, interval=None, interval_conditions=(mean - half, mean + half))

    return replace(frozen, figures=tuple(map(moved, frozen.figures)))


def test_the_region_is_not_set_beside_itself(frozen):
    assert set(compare_measures_with_region(frozen, frozen.region_cell).values()) == {RegionComparisonOutcome.UNKNOWN}


def test_one_difference_at_the_edge_among_many_scales_is_not_told(frozen):
    count = len(frozen.scales)
    edge = with_means(frozen, [6.2] + [0.0] * (count - 1))
    assert edge.figure(PINE, "control").interval_conditions[0] > edge.figure(edge.region_cell, "control").mean
    assert set(compare_measures_with_region(edge, PINE).values()) == {RegionComparisonOutcome.NO_DIFFERENCE}


def test_a_difference_that_holds_among_all_is_told_with_its_side(frozen):
    count = len(frozen.scales)
    apart = compare_measures_with_region(with_means(frozen, [12.0, -12.0] + [0.0] * (count - 2)), PINE)
    assert list(apart.values()) == [RegionComparisonOutcome.HIGHER, RegionComparisonOutcome.LOWER] + [
        RegionComparisonOutcome.NO_DIFFERENCE
    ] * (count - 2)


def test_differences_carry_each_other(frozen):
    everywhere = compare_measures_with_region(with_means(frozen, [6.2] * len(frozen.scales)), PINE)
    assert set(everywhere.values()) == {RegionComparisonOutcome.HIGHER}


def test_what_has_no_interval_or_is_capped_in_the_region_is_unknown(frozen):
    small = compare_measures_with_region(frozen, Cell(Level.COMMUNITY, "small"))
    assert set(small.values()) == {RegionComparisonOutcome.UNKNOWN}


@pytest.mark.slow
def test_in_places_of_ten_answers_without_a_difference_one_in_twenty_is_told_apart(frozen):
    """Seven scales, nothing true in any: by the normal distribution it was 6.5 per cent."""
    scales = frozen.scales[:7]
    answers = 10
    trials = 4000
    chance = np.random.default_rng(11)
    false = 0
    part = replace(frozen.participation_of(PINE), answers_band="10-14")
    region = tuple(Figure(frozen.region_cell, one.id, DisclosureState.SHOWN, mean=55.0) for one in scales)
    heading = replace(frozen, items=(), participation=(part,), figures=(), quality=())
    for _ in range(trials):
        found = [estimate_mean(chance.normal(55.0, 20.0, answers)) for _scale in scales]
        own = tuple(
            Figure(PINE, scale.id, DisclosureState.SHOWN, mean=one.mean, interval_conditions=one.interval)
            for scale, one in zip(scales, found, strict=True)
        )
        told = compare_measures_with_region(replace(heading, figures=(*region, *own)), PINE)
        false += any(one is not RegionComparisonOutcome.NO_DIFFERENCE for one in told.values())
    assert 0.035 <= false / trials <= 0.055


def test_a_large_cell_is_not_told_from_the_region_by_the_rounding_of_two_means(frozen):
    """56 may be 55.5 and 55 may be 55.49: half a point either way, and no interval that was rounded outwards."""
    town = Cell(Level.MUNICIPALITY, "north")
    part = replace(frozen.participation_of(town), answers_band="3000-3004")
    name = frozen.scales[0].id

    def told(mean):
        own = Figure(
            town, name, DisclosureState.SHOWN, mean=mean, interval_conditions=(mean, mean), half_width_conditions=0.7
        )
        region = Figure(frozen.region_cell, name, DisclosureState.SHOWN, mean=55.0)
        return compare_measures_with_region(
            replace(frozen, items=(), participation=(part,), figures=(region, own)), town
        )[name]

    assert told(56.0) is RegionComparisonOutcome.NO_DIFFERENCE
    assert told(57.0) is RegionComparisonOutcome.HIGHER
