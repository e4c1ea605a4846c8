from dataclasses import replace

from app.core.matching.effect_reviews import choose_review_dimension, find_comparable_measure_pair, observed_changes
from app.core.publication import Capped, Cell, Level, Placement
from tests.core.matching.synthetic_region import course, placed, publication, shown, unit

TWO = course(dimensions={"practices": 3, "demands": 2})


def test_the_course_fixes_the_dimension_where_no_plan_does():
    assert choose_review_dimension(TWO, []) == ("practices", False)
    assert choose_review_dimension(TWO, [("wellbeing",)]) == ("practices", False)
    assert choose_review_dimension(replace(TWO, dimensions=()), []) is None


def test_the_focus_of_most_plans_fixes_it_first():
    assert choose_review_dimension(TWO, [("demands", "wellbeing"), ("demands",), ("practices",)]) == ("demands", True)


def world(*figures):
    return publication(list(figures), units=[unit("a"), unit("b"), unit("c")])


def test_only_printed_means_are_compared_with_the_good_end_up():
    early = world(
        shown(Cell(Level.COMMUNITY, "a"), "demands", 60.0),
        shown(Cell(Level.COMMUNITY, "b"), "demands", 12.0, capped=Capped.LOW),
        placed(Cell(Level.COMMUNITY, "c"), "demands", Placement.SAME),
    )
    late = world(*(shown(Cell(Level.COMMUNITY, one), "demands", 50.0) for one in "abc"))
    measures = find_comparable_measure_pair(early, late, "demands")
    found = observed_changes(early, late, measures, {"a"})
    assert [(one.community, one.before, one.after, one.took_part) for one in found] == [("a", 40.0, 50.0, True)]


def test_scales_that_ask_something_else_are_not_compared():
    early = world()
    late = world()
    changed = replace(late, measures=tuple(replace(one, identity="other") for one in late.measures))
    assert find_comparable_measure_pair(early, changed, "demands") is None


def test_a_unit_that_was_joined_with_another_is_not_compared_with_its_former_self():
    figures = [shown(Cell(Level.COMMUNITY, one), "demands", 50.0) for one in "abc"]
    early = world(*figures)
    units = (replace(early.region.units[0], communities=("a", "annex")), *early.region.units[1:])
    late = replace(world(*figures), region=replace(early.region, units=units))
    measures = find_comparable_measure_pair(early, late, "demands")
    assert [one.community for one in observed_changes(early, late, measures, {"a"})] == ["b", "c"]
