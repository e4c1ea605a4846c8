"""Lists of a region: portfolios with whole roles, within the seats, each weaker dimension answered or explained."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.catalogue import ChangeTarget, EvidenceGrade
from app.core.languages import Language
from app.core.matching.course_lists import (
    LARGEST_SHARE,
    LEADERS,
    ListUnit,
    build_lists,
    course_seat_demand_of_unit,
    dimensions_most_above_average,
    total_seat_demand_of_unit,
)
from app.core.matching.needs import weaker_dimensions
from app.core.matching.recommendations import ListAdvice, ListRole, UnmetReason
from app.core.matching.seat_programme import CANDIDATES, SeatProblem, solve_seat_programme
from app.core.publication import Cell, Level, Placement, RegionQuality
from tests.core.matching.publication_needs import publication_needs
from tests.core.matching.synthetic_region import (
    REGION_MEANS,
    SCALES,
    TODAY,
    course,
    offering,
    placed,
    publication,
    shown,
    unit,
)

BEGINS = {ListRole.BEGIN_OWN, ListRole.BEGIN_COMMON, ListRole.BEGIN_STRENGTHEN}
VARIANCES = tuple(RegionQuality(scale, between_variance=60.0, within_variance=340.0) for scale in SCALES)


def region(means, size=20, width=4.0):
    """Communities by name with their means; the region's elsewhere."""
    units = [unit(name, size=size) for name in means]
    figures = [
        shown(Cell(Level.COMMUNITY, name), scale, here.get(scale, mean), width)
        for name, here in means.items()
        for scale, mean in REGION_MEANS.items()
    ]
    return replace(publication(figures, units=units), quality=VARIANCES)


def lists_of(made, courses, *, weaker=True, **more):
    units = [
        ListUnit(each, weaker=weaker_dimensions(made, each.id) if weaker else frozenset()) for each in made.region.units
    ]
    return build_lists(publication_needs(made), units, courses, today=TODAY, **more)


def catalogue(each=2, capacity=200):
    """Courses of every dimension, some better than others."""
    grades = list(EvidenceGrade)
    return [
        course(
            f"{scale}{number}",
            {scale: 3},
            evidence_grade=grades[number],
            target=list(ChangeTarget)[number % 3],
            offerings=(offering(f"{scale}{number}-1", capacity=capacity),),
        )
        for scale in SCALES
        for number in range(each)
    ]


def ids(found):
    return [item.course.external_id for item in found.listed]


def test_low_control_gets_control_first_and_no_list_of_courses_for_demands():
    lists = lists_of(region({"a": {"control": 40.0}, "b": {}, "c": {}}), catalogue(4))
    found = lists.course_list("a")
    assert found.listed[0].dimension == "control"
    assert found.listed[0].role is ListRole.BEGIN_OWN
    for dimension in SCALES:
        assert sum(item.dimension == dimension for item in found.listed) <= 2


def test_only_the_first_course_begins_and_every_card_differs():
    lists = lists_of(region({"a": {"control": 40.0}, "b": {"practices": 45.0}, "c": {}}), catalogue(4))
    for name in "abc":
        roles = [(item.role, item.dimension, item.course.target) for item in lists.course_list(name).listed]
        assert [role in BEGINS for role, _dim, _target in roles] == [
            True, *[False] * (len(roles) - 1),
        ]  # fmt: skip
        assert len(set(roles)) == len(roles)


def test_equal_courses_are_told_to_be_equal_and_never_both_first():
    twins = [course("x", {"control": 3}), course("y", {"practices": 3})]
    made = region({"a": {"control": 50.0, "practices": 50.0}, "b": {}})
    made = replace(
        made,
        figures=tuple(
            replace(figure, mean=62.0) if figure.cell == made.region_cell else figure for figure in made.figures
        ),
    )
    found = lists_of(made, twins).course_list("a")
    assert [item.place for item in found.listed] == [1, 2]
    assert [item.is_equal for item in found.listed] == [False, True]


def test_a_weaker_dimension_beyond_three_gets_a_course_of_its_own():
    weak = {"control": 40.0, "practices": 40.0, "leadership": 40.0, "resources": 45.0}
    found = lists_of(region({"a": weak, "b": {}, "c": {}}), catalogue()).course_list("a")
    assert found.weaker == set(weak)
    assert 3 < len(found.listed) <= 5
    assert found.weaker <= {item.dimension for item in found.listed} | {unmet.need.dimension for unmet in found.unmet}


@pytest.mark.parametrize(
    ("courses", "why"),
    [
        ([course("p", {"practices": 3})], UnmetReason.NO_COURSE),
        ([course("p", {"practices": 3}), course("k", {"control": 3}, offerings=())], UnmetReason.NO_OFFERING),
        (
            [course("p", {"practices": 3}), course("k", {"control": 3}, audience=("upper_secondary",))],
            UnmetReason.OTHER_AUDIENCE,
        ),
    ],
)
def test_a_greatest_need_without_a_course_says_exactly_that(courses, why):
    found = lists_of(region({"a": {"control": 30.0}, "b": {}}), courses).course_list("a")
    (unmet,) = [each for each in found.unmet if each.is_greatest]
    assert (unmet.need.dimension, unmet.why) == ("control", why)
    assert "control" in found.weaker


def test_a_course_whose_seats_are_taken_is_a_reason_too():
    few = [course("k", {"control": 3}, offerings=(offering("k-1", capacity=2),)), course("p", {"practices": 3})]
    made = region({name: {"control": 30.0 + n} for n, name in enumerate("abcdefgh")})
    lists = lists_of(made, few)
    reasons = {unmet.why for name in "abcdefgh" for unmet in lists.course_list(name).unmet}
    assert UnmetReason.SEATS_TAKEN in reasons
    assert sum("k" in ids(lists.course_list(name)) for name in "abcdefgh") <= 2


def test_change_the_work_first_only_where_demands_are_among_the_own_first_two():
    lists = lists_of(region({"a": {"demands": 60.0}, "b": {"control": 40.0, "practices": 40.0}, "c": {}}), catalogue())
    assert ListAdvice.WORK_FIRST in lists.course_list("a").advice
    assert ListAdvice.WORK_FIRST not in lists.course_list("b").advice
    assert dimensions_most_above_average(lists.needs.needs_of_unit("b")) == ("practices", "control") or set(
        dimensions_most_above_average(lists.needs.needs_of_unit("b"))
    ) == {
        "control",
        "practices",
    }


@pytest.mark.parametrize("dimension", ["practices", "leadership"])
def test_weak_leadership_or_practices_call_for_somebody_from_outside(dimension):
    lists = lists_of(region({"a": {dimension: 40.0}, "b": {}}), catalogue())
    assert ListAdvice.OUTSIDE_FACILITATION in lists.course_list("a").advice
    assert ListAdvice.OUTSIDE_FACILITATION not in lists.course_list("b").advice


def test_at_most_two_courses_are_there_for_one_dimension():
    # Whatever serves this need brings more than anything else, even after two courses.
    many = [
        course(f"c{number}", {"control": 3}, evidence_grade=EvidenceGrade.A, offerings=(offering(f"c{number}-1"),))
        for number in range(4)
    ]
    little = course("w", {"practices": 1}, evidence_grade=EvidenceGrade.D, offerings=(offering("w-1"),))
    found = lists_of(region({"a": {"control": 20.0}, "b": {}, "c": {}}), [*many, little]).course_list("a")
    assert [item.dimension for item in found.listed].count("control") == 2
    assert "w" in ids(found)
    assert (
        len({item.course.external_id for item in found.own if item.heaviest_contribution.dimension == "control"}) == 2
    )


def test_a_weaker_dimension_without_a_course_has_a_sentence_though_another_need_is_greater():
    made = region({"a": {"control": 30.0, "practices": 48.0}, "b": {}, "c": {}, "d": {}})
    found = lists_of(made, [course("k", {"control": 3})]).course_list("a")
    assert {"control", "practices"} <= found.weaker
    (unmet,) = [each for each in found.unmet if each.need.dimension == "practices"]
    assert (unmet.why, unmet.is_greatest) == (UnmetReason.NO_COURSE, False)
    assert "control" not in {each.need.dimension for each in found.unmet}


def test_a_second_course_for_one_need_says_whether_it_goes_another_way():
    team, work, again = (
        course(name, {"control": 3}, target=target, evidence_grade=grade)
        for name, target, grade in (
            ("first", ChangeTarget.TEAM, EvidenceGrade.A),
            ("other", ChangeTarget.WORK, EvidenceGrade.B),
            ("again", ChangeTarget.TEAM, EvidenceGrade.B),
        )
    )
    made = region({"a": {"control": 40.0}, "b": {}})
    assert [item.role for item in lists_of(made, [team, work]).course_list("a").listed][1] is ListRole.SECOND
    assert [item.role for item in lists_of(made, [team, again]).course_list("a").listed][1] is ListRole.AGAIN


def test_a_community_that_is_well_is_told_so():
    well = {scale: mean - 25 if scale == "demands" else mean + 25 for scale, mean in REGION_MEANS.items()}
    lists = lists_of(region({"a": well, "b": {}}, width=3.0), catalogue())
    found = lists.course_list("a")
    assert ListAdvice.NOTHING_WEAKER in found.advice
    assert not found.weaker
    assert found.listed[0].role is ListRole.BEGIN_STRENGTHEN
    assert {item.role for item in found.listed[1:]} <= {ListRole.STRENGTHEN, ListRole.SECOND, ListRole.AGAIN}


def test_what_the_list_rests_on_is_said():
    figures = [placed(Cell(Level.COMMUNITY, "a"), scale, Placement.SAME) for scale in SCALES]
    assert ListAdvice.PLACEMENT_ONLY in lists_of(publication(figures), catalogue()).course_list("a").advice
    assert ListAdvice.REGION_ONLY in lists_of(publication([]), catalogue()).course_list("a").advice


def test_one_course_only_makes_a_list_of_one():
    found = lists_of(region({"a": {"control": 40.0}, "b": {}}), [course("k", {"control": 3})]).course_list("a")
    assert ids(found) == ["k"]
    assert found.listed[0].expected_seats > 0


def test_one_course_for_many_communities_leaves_no_list_empty():
    made = region({f"u{number}": {"control": 40.0 + number} for number in range(20)})
    lists = lists_of(made, [course("k", {"control": 3}, offerings=(offering("k-1", capacity=6),))])
    assert {tuple(ids(lists.course_list(name))) for name in lists.units} == {("k",)}
    assert 0 < lists.expected_seats_by_course["k"] <= 6


def test_no_course_makes_an_empty_list():
    found = lists_of(region({"a": {"control": 40.0}}), []).course_list("a")
    assert found.listed == ()
    assert [unmet.why for unmet in found.unmet if unmet.is_greatest] == [UnmetReason.NO_COURSE]


def test_a_list_asks_for_courses_in_the_language_of_the_community():
    finnish = course("fi", {"control": 3})
    swedish = course("sv", {"control": 3}, languages=(Language.SV,))
    made = region({"a": {"control": 40.0}, "b": {"control": 40.0}})
    units = [ListUnit(each, languages=frozenset({Language.SV})) for each in made.region.units]
    lists = build_lists(publication_needs(made), units, [finnish, swedish], today=TODAY)
    assert ids(lists.course_list("a"))[0] == "sv"


def test_seats_asked_for_follow_the_people_a_course_is_meant_for():
    community = replace(unit("a"), invited={"teachers": 30, "assistants": 10})
    assert total_seat_demand_of_unit(community) == 8
    assert course_seat_demand_of_unit(community, course(audience=("teachers",))) == 6
    assert course_seat_demand_of_unit(community, course(audience=("teachers", "everyone"))) == 8
    assert course_seat_demand_of_unit(community, course(target=ChangeTarget.LEADER)) == LEADERS
    assert course_seat_demand_of_unit(unit("b", size=3), course()) == 2


def test_no_course_stands_on_more_lists_than_its_share_of_the_region():
    names = [f"u{number}" for number in range(24)]
    lists = lists_of(region({name: {} for name in names}), catalogue(4, capacity=1000))
    counted = {}
    for name in names:
        for course_id in ids(lists.course_list(name))[:3]:
            counted[course_id] = counted.get(course_id, 0) + 1
    assert max(counted.values()) <= max(1, LARGEST_SHARE * len(names))


def test_wishes_of_others_take_room_on_lists():
    made = region({name: {"control": 45.0} for name in "abcdef"})
    few = [
        course("k", {"control": 3}, evidence_grade=EvidenceGrade.A, offerings=(offering("k-1", capacity=4),)),
        course("l", {"control": 2}, offerings=(offering("l-1", capacity=100),)),
    ]
    free = lists_of(made, few)
    wished = lists_of(made, few, requests={name: {"k": 4} for name in "abcdef"})
    listing = [sum("k" in ids(lists.course_list(name)) for name in "abcdef") for lists in (free, wished)]
    assert listing[0] > listing[1] >= 1


def test_expected_seats_of_all_never_exceed_what_a_course_has():
    made = region({f"u{number}": {"control": 40.0 + number % 20} for number in range(20)})
    lists = lists_of(made, catalogue(2, capacity=7))
    for name, expected in lists.expected_seats_by_course.items():
        assert expected <= lists.seats[name]
    assert sum(lists.expected_seats_by_course.values()) > 0


def test_who_got_a_part_of_a_course_can_expect_the_rest_where_seats_are_left():
    """The programme serves a community once in all; beside many free seats "you can expect one" would be wrong."""
    made = region({"a": {"leadership": 30.0}}, size=24)
    leaders = [
        course(f"leaders{number}", {"leadership": 3}, target=ChangeTarget.LEADER, evidence_grade=EvidenceGrade.A)
        for number in range(2)
    ]
    for_all = course("all", {"control": 3}, evidence_grade=EvidenceGrade.C)
    lists = lists_of(made, [*leaders, for_all])
    # Five seats in all: two for each course for leaders, which leaves one of the third.
    assert total_seat_demand_of_unit(lists.units["a"].unit) == 5
    assert {listed.course.external_id: listed.expected_seats for listed in lists.course_list("a").listed} == {
        "leaders0": 2,
        "leaders1": 2,
        "all": 5,
    }


def test_the_same_input_gives_the_same_lists():
    made = region({f"u{number}": {"control": 40.0 + number} for number in range(12)})
    assert lists_of(made, catalogue()).plans == lists_of(made, catalogue()).plans


def test_a_programme_serves_every_community_before_anybody_twice():
    gain = np.array([[5.0, 1.0], [1.0, 0.5]])
    problem = SeatProblem(gain, np.full((2, 2), 4), np.array([4, 4]), np.array([4, 0]))
    served = solve_seat_programme(problem)
    assert served[:, 0].tolist() == [3, 1]
    assert served.sum() == 4


def test_a_programme_that_cannot_serve_all_serves_those_who_gain_most():
    problem = SeatProblem(np.array([[1.0], [9.0]]), np.full((2, 1), 2), np.array([2, 2]), np.array([1]))
    assert solve_seat_programme(problem)[:, 0].tolist() == [0, 1]


def test_a_programme_of_many_courses_looks_at_the_best_of_each_community():
    rng = np.random.default_rng(1)
    gain = rng.random((5, 2 * CANDIDATES))
    served = solve_seat_programme(SeatProblem(gain, np.full(gain.shape, 2), np.full(5, 2), np.full(2 * CANDIDATES, 1)))
    for row in range(5):
        chosen = np.flatnonzero(served[row])
        assert (np.argsort(-gain[row]).argsort()[chosen] < CANDIDATES).all()


def test_a_programme_whose_parts_do_not_fit_is_refused():
    with pytest.raises(ValueError, match="gain and asks"):
        SeatProblem(np.ones((2, 2)), np.ones((2, 3), dtype=int), np.array([1, 1]), np.array([1, 1]))


@given(
    st.integers(1, 5),
    st.integers(0, 6),
    st.randoms(use_true_random=False),
)
def test_a_programme_never_gives_more_than_there_is_or_was_asked(communities, courses, chance):
    rng = np.random.default_rng(chance.randrange(2**32))
    gain = rng.random((communities, courses)) * (rng.random((communities, courses)) < 0.7)
    asks = rng.integers(0, 4, (communities, courses))
    totals = rng.integers(0, 5, communities)
    seats = rng.integers(0, 5, courses)
    served = solve_seat_programme(SeatProblem(gain, asks, totals, seats))
    assert (served <= asks).all()
    assert (served.sum(axis=0) <= seats).all()
    assert (served.sum(axis=1) <= totals).all()
    assert not served[gain == 0].any()
