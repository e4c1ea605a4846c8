"""What is told apart from the region, when many scales are looked at together."""

from dataclasses import replace

import pytest

from app.core.publication import Against, Cell, Level, beside_region
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
    assert set(beside_region(frozen, frozen.region_cell).values()) == {Against.UNKNOWN}


def test_one_difference_at_the_edge_among_many_scales_is_not_told(frozen):
    count = len(frozen.scales)
    edge = with_means(frozen, [6.2] + [0.0] * (count - 1))
    assert edge.figure(PINE, "control").interval_conditions[0] > edge.figure(edge.region_cell, "control").mean
    assert set(beside_region(edge, PINE).values()) == {Against.NO_DIFFERENCE}


def test_a_difference_that_holds_among_all_is_told_with_its_side(frozen):
    count = len(frozen.scales)
    apart = beside_region(with_means(frozen, [12.0, -12.0] + [0.0] * (count - 2)), PINE)
    assert list(apart.values()) == [Against.HIGHER, Against.LOWER] + [Against.NO_DIFFERENCE] * (count - 2)


def test_differences_carry_each_other(frozen):
    everywhere = beside_region(with_means(frozen, [6.2] * len(frozen.scales)), PINE)
    assert set(everywhere.values()) == {Against.HIGHER}


def test_what_has_no_interval_or_is_capped_in_the_region_is_unknown(frozen):
    small = beside_region(frozen, Cell(Level.COMMUNITY, "small"))
    assert set(small.values()) == {Against.UNKNOWN}
