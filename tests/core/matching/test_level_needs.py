from dataclasses import replace

import pytest

from app.core.matching.level_needs import NeedBasis, NeedReason, community_needs
from app.core.matching.weights import Weights
from app.core.publication import Cell, ChangeLabel, Level, Placement, RegionComparison, compare_with_region
from tests.core.matching.worlds import own, own_placements, publication, shown, trend

HERE = Cell(Level.COMMUNITY, "a")


def test_an_acceptable_level_that_is_like_the_region_is_no_need():
    need = community_needs(own(), "a")["practices"]
    assert (need.value, need.cause, need.basis) == (0.0, NeedReason.ACCEPTABLE, NeedBasis.OWN)


def test_a_low_level_is_a_need_by_its_share_of_the_way_to_poor():
    need = community_needs(publication([shown(HERE, "practices", 45.0, 30.0)]), "a")["practices"]
    assert (need.cause, need.value) == (NeedReason.LEVEL, pytest.approx(0.5))


def test_high_demands_are_the_bad_end():
    assert community_needs(own(demands=55.0), "a")["demands"].value > 0
    assert community_needs(own(demands=10.0), "a")["demands"].value == 0


def test_a_gap_to_the_region_counts_only_beyond_the_interval():
    wide = publication([shown(HERE, "resources", 61.0, 8.0)])
    narrow = publication([shown(HERE, "resources", 61.0, 2.0)])
    assert community_needs(wide, "a")["resources"].value == 0
    assert (community_needs(narrow, "a")["resources"].cause, community_needs(narrow, "a")["resources"].value) == (
        NeedReason.REGION,
        pytest.approx(0.25),
    )


def test_the_steadier_estimate_is_what_is_weighed():
    figures = [shown(HERE, "practices", 45.0, shrunken=54.0)]
    assert community_needs(publication(figures), "a")["practices"].gaps[NeedReason.LEVEL] == pytest.approx(0.2)


@pytest.mark.parametrize(("width", "expected"), [(3.0, 0.6), (12.0, 0.0)])
def test_an_own_decline_counts_only_beyond_its_interval(width, expected):
    figures = [shown(HERE, "practices", 64.0, trends=(trend(-9.0, width),))]
    assert community_needs(publication(figures), "a")["practices"].value == pytest.approx(expected)


def test_an_own_rise_is_no_need_except_of_demands():
    assert (
        community_needs(publication([shown(HERE, "practices", 64.0, trends=(trend(9.0),))]), "a")["practices"].value
        == 0
    )
    assert community_needs(publication([shown(HERE, "demands", 38.0, trends=(trend(9.0),))]), "a")["demands"].value > 0


def test_a_placement_only_community_is_read_by_its_placement():
    found = community_needs(own_placements(practices=Placement.BELOW, demands=Placement.BELOW), "a")
    assert (found["practices"].basis, found["practices"].value) == (NeedBasis.PLACEMENT, Weights().placement_need)
    assert found["demands"].value == 0
    assert community_needs(own_placements(demands=Placement.ABOVE), "a")["demands"].value == Weights().placement_need


def test_a_community_with_nothing_is_read_by_its_municipality_then_by_the_region():
    there = publication([shown(Cell(Level.MUNICIPALITY, "m"), "practices", 45.0)])
    assert community_needs(there, "a")["practices"].basis is NeedBasis.MUNICIPALITY
    assert community_needs(there, "a")["control"].basis is NeedBasis.REGION


def test_every_need_lies_between_none_and_full():
    for mean in range(0, 101, 10):
        for need in community_needs(own(practices=float(mean), demands=float(mean)), "a").values():
            assert 0 <= need.value <= 1


@pytest.mark.parametrize("own_interval", [(52.0, 60.0), None])
def test_the_gap_to_the_region_is_that_of_the_results_page(own_interval):
    """Who happened to answer is no question here: the wider interval, of working conditions, decides there and here."""
    figure = replace(shown(HERE, "resources", 61.0, 2.0), interval=own_interval, interval_conditions=(53.0, 69.0))
    found = publication([figure])
    assert compare_with_region(found, HERE)["resources"] is RegionComparison.NO_DIFFERENCE
    assert community_needs(found, "a")["resources"].gaps[NeedReason.REGION] == 0
    clear = publication([replace(figure, interval_conditions=(60.0, 62.0))])
    assert compare_with_region(clear, HERE)["resources"] is RegionComparison.LOWER
    assert community_needs(clear, "a")["resources"].gaps[NeedReason.REGION] > 0


@pytest.mark.parametrize("label", [ChangeLabel.CLEAR, ChangeLabel.POSSIBLE])
def test_a_decline_is_called_what_the_results_call_it(label):
    figures = [shown(HERE, "practices", 64.0, trends=(replace(trend(-9.0), label=label),))]
    need = community_needs(publication(figures), "a")["practices"]
    assert (need.cause, need.is_clear) == (NeedReason.DECLINE, label is ChangeLabel.CLEAR)
