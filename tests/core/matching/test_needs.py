from dataclasses import replace

import pytest

from app.core.matching.needs import NeedBasis
from app.core.matching.weights import WEIGHTS
from app.core.publication import (
    Cell,
    Distribution,
    Impact,
    ImpactWeight,
    Level,
    Placement,
    RegionQuality,
)
from tests.core.matching.publication_needs import publication_needs
from tests.core.matching.synthetic_region import REGION_MEANS, SCALES, placed, publication, shown, unit

VARIANCES = tuple(
    RegionQuality(scale, between_variance=40.0, within_variance=360.0, communities_differ=True) for scale in SCALES
)


def region(bands=None, **means):
    """Units a, b, c: `means` of scales by unit, the region's elsewhere; `bands` of answers by unit."""
    units = [unit("a"), unit("b"), unit("c")]
    figures = [
        shown(Cell(Level.COMMUNITY, each.id), scale, means.get(each.id, {}).get(scale, mean))
        for each in units
        for scale, mean in REGION_MEANS.items()
    ]
    return with_bands(replace(publication(figures, units=units), quality=VARIANCES), bands or {})


def with_bands(made, bands):
    parts = tuple(
        replace(part, answers_band=bands.get(part.cell.unit, part.answers_band)) for part in made.participation
    )
    return replace(made, participation=parts)


def needs(made, name="a", **more):
    return publication_needs(made, **more).needs_of_unit(name)


def test_the_mean_need_over_communities_and_dimensions_is_one():
    found = publication_needs(region(a={"control": 50.0}))
    values = [need.value for of_unit in found.units.values() for need in of_unit.values()]
    assert sum(values) / len(values) == pytest.approx(1.0)


def test_where_a_community_is_weaker_than_the_region_its_own_need_is_greatest():
    found = needs(region(a={"control": 50.0}))
    assert max(found.values(), key=lambda need: need.difference_from_average_unit).dimension == "control"
    assert found["control"].difference_from_average_unit > 0
    assert found["practices"].difference_from_average_unit < found["control"].difference_from_average_unit


def test_high_demands_are_the_bad_end():
    high = needs(region(a={"demands": 55.0}))["demands"]
    low = needs(region(a={"demands": 20.0}))["demands"]
    assert high.value > low.value
    assert high.difference_from_average_unit > 0 > low.difference_from_average_unit


def test_the_fewer_answered_the_closer_to_an_average_community():
    made = region({"a": "10-14", "b": "40-44"}, a={"control": 50.0}, b={"control": 50.0})
    few = needs(made, "a")["control"]
    many = needs(made, "b")["control"]
    assert few.posterior.mean > many.posterior.mean
    assert few.posterior.sd > many.posterior.sd
    assert many.value > few.value > few.common


def test_without_differences_between_communities_the_number_of_answers_makes_no_need():
    flat = tuple(replace(quality, between_variance=0.0) for quality in VARIANCES)
    made = replace(region({"a": "10-14", "b": "40-44"}, a={"control": 45.0}, b={"control": 45.0}), quality=flat)
    found = publication_needs(made)
    values = [found.needs_of_unit(name)["control"].value for name in "abc"]
    assert values == pytest.approx([values[0]] * 3)


@pytest.mark.parametrize("scale", ["practices", "demands"])
def test_a_placement_lies_between_nothing_known_and_a_mean(scale):
    worse = Placement.ABOVE if scale == "demands" else Placement.BELOW
    better = Placement.BELOW if scale == "demands" else Placement.ABOVE
    found = {}
    for placement in Placement:
        figures = [placed(Cell(Level.COMMUNITY, "a"), each, Placement.SAME) for each in SCALES if each != scale]
        made = publication([*figures, placed(Cell(Level.COMMUNITY, "a"), scale, placement)], units=[unit("a")])
        made = with_bands(replace(made, quality=VARIANCES), {"a": "5-9"})
        found[placement] = needs(made)[scale]
    assert found[worse].reach > found[Placement.SAME].reach > found[better].reach
    assert {need.basis for need in found.values()} == {NeedBasis.PLACEMENT}
    assert found[Placement.SAME].posterior.mean == pytest.approx(
        (100 - REGION_MEANS["demands"]) / 100 if scale == "demands" else REGION_MEANS[scale] / 100
    )


def test_a_community_with_nothing_is_read_by_its_municipality_then_by_the_region():
    there = replace(publication([shown(Cell(Level.MUNICIPALITY, "m"), "practices", 45.0)]), quality=VARIANCES)
    found = needs(there)
    assert found["practices"].basis is NeedBasis.MUNICIPALITY
    assert found["practices"].difference_from_average_unit > 0
    assert found["control"].basis is NeedBasis.REGION
    assert found["control"].difference_from_average_unit == pytest.approx(0.0)


def test_a_scale_that_the_region_does_not_print_is_no_need():
    made = region()
    hidden = tuple(figure for figure in made.figures if figure.measure != "control")
    found = needs(replace(made, figures=hidden))
    assert found["control"].basis is NeedBasis.NOTHING
    assert found["control"].value == 0


def test_a_scale_of_no_dimension_steers_nothing():
    made = region()
    other = replace(made.measures[0], id="followup", dimension="followup")
    figures = (*made.figures, shown(made.region_cell, "followup", 10.0))
    assert "followup" not in needs(replace(made, measures=(*made.measures, other), figures=figures))


def test_the_printed_share_in_the_adverse_third_counts_by_the_answers_behind_it():
    made = region({"a": "20-24"})
    here = Cell(Level.COMMUNITY, "a")

    def with_share(low):
        figures = tuple(
            replace(figure, distribution=Distribution(low, 100 - low - 20, 20))
            if (figure.cell, figure.measure) == (here, "control")
            else figure
            for figure in made.figures
        )
        return needs(replace(made, figures=figures))["control"]

    modelled = needs(made)["control"].adverse
    assert 0.40 > with_share(40).adverse > with_share(25).adverse > modelled
    assert with_share(10).adverse == pytest.approx(modelled)  # it says "at most 10"


def test_the_cut_follows_the_share_that_is_printed_of_the_region():
    made = region()
    whole = made.region_cell
    figures = tuple(
        replace(figure, distribution=Distribution(25, 50, 25))
        if (figure.cell, figure.measure) == (whole, "control")
        else figure
        for figure in made.figures
    )
    found = publication_needs(replace(made, figures=figures))
    assert found.needs_of_unit("b")["control"].adverse == pytest.approx(0.25, abs=0.01)


def with_impact(made, **weights):
    shares = tuple(ImpactWeight(scale, weight, (weight, weight)) for scale, weight in weights.items())
    return replace(made, impact=Impact("wellbeing", shares, 0.5))


def test_measured_impact_weighs_dimensions_and_wellbeing_gets_the_mean_weight():
    made = with_impact(region(), control=0.4, demands=0.3, resources=0.1, practices=0.1, leadership=0.1)
    found = publication_needs(made)
    assert found.measured
    assert found.impacts["control"] == pytest.approx(2.0)
    assert found.impacts["practices"] == pytest.approx(0.5)
    assert found.impacts["wellbeing"] == pytest.approx(1.0)
    assert sum(found.impacts.values()) / 6 == pytest.approx(1.0)


def test_a_coordinator_may_choose_equal_weights():
    made = with_impact(region(), control=0.4, demands=0.3, resources=0.1, practices=0.1, leadership=0.1)
    found = publication_needs(made, weights=replace(WEIGHTS, impact_trust=0.0))
    assert not found.measured
    assert set(found.impacts.values()) == {1.0}


def test_two_scales_of_one_dimension_count_as_one_dimension():
    made = region()
    second = replace(made.measures[0], id="order")
    figures = list(made.figures)
    figures += [replace(figure, measure="order") for figure in made.figures if figure.measure == "control"]
    doubled = replace(
        made,
        measures=(*made.measures, second),
        figures=tuple(figures),
        quality=(*VARIANCES, replace(VARIANCES[0], scale="order")),
    )
    assert needs(doubled)["control"].value == pytest.approx(needs(made)["control"].value)


def test_an_unknown_unit_is_refused():
    with pytest.raises(KeyError):
        publication_needs(region()).needs_of_unit("nobody")


def test_a_publication_without_variances_takes_the_usual_ones():
    made = replace(region(a={"control": 40.0}), quality=())
    assert needs(made)["control"].difference_from_average_unit > 0
