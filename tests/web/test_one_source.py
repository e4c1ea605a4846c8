"""Results page, list, map of needs, seats and dossier of every community say the same of one thing."""

import pytest

from app.core.catalogue import DIMENSIONS
from app.core.instruments import Polarity
from app.core.matching.course_lists import ALWAYS_LISTED, LARGEST_SHARE
from app.core.matching.linear_programme import AllocationLimits
from app.core.publication import Cell, Level, RegionComparisonOutcome, compare_measures_with_region
from app.services import dossier, matching, seats
from tests.publications import NOON
from tests.web.test_newest_survey import survey

__all__ = ["survey"]


@pytest.fixture
def lists(app, session, survey):
    return matching.find_or_build_region_lists(session, now=NOON)


def weaker_on_the_results_page(publication, unit):
    told = compare_measures_with_region(publication, Cell(Level.COMMUNITY, unit))
    worse = {Polarity.HIGH_IS_GOOD: RegionComparisonOutcome.LOWER, Polarity.HIGH_IS_BAD: RegionComparisonOutcome.HIGHER}
    return {
        scale.dimension
        for scale in publication.scales
        if scale.dimension in DIMENSIONS and told.get(scale.id) is worse[scale.polarity]
    }


def test_what_the_results_call_weaker_is_on_the_list_or_has_a_sentence_why_not(app, session, lists):
    weaker = 0
    for unit in lists.units:
        found = lists.course_list(unit)
        result = matching.newest_result_of_community(session, unit)
        assert found.weaker == weaker_on_the_results_page(result.publication, result.unit.id)
        answered = {
            each.dimension
            for item in found.listed
            for each in item.recommendation.contributions
            if each.dimension == item.dimension or each.relevance_share >= 2 / 3
        }
        assert found.weaker <= answered | {unmet.need.dimension for unmet in found.unmet}
        weaker += len(found.weaker)
    assert weaker > 3


def test_lists_and_allocations_rest_on_the_same_gains_and_seats(app, session, lists):
    desk = seats.allocation_inputs(session, now=NOON)
    homes = {time.external_id: course.external_id for course, time in seats.requestable_offerings(session, now=NOON)}
    offered = {}
    for supply in desk.supplies:
        offered[homes[supply.offering]] = offered.get(homes[supply.offering], 0) + supply.capacity
    assert {course: number for course, number in lists.seats.items() if number} == offered
    assert len(desk.applicants) > 3
    for applicant in desk.applicants:
        gains = lists.expected_gains_of_unit(applicant.community)
        assert applicant.weights == {name: gains[course] for name, course in homes.items() if gains.get(course, 0) > 0}
    for unit in lists.units:
        for item in lists.course_list(unit).listed:
            assert item.recommendation.offered_seats == lists.seats[item.course.external_id]
            assert item.expected_seats <= item.recommendation.offered_seats
    assert all(lists.expected_seats_by_course[course] <= lists.seats[course] for course in lists.seats)


def test_the_map_of_needs_and_the_dossier_show_the_needs_of_the_lists(app, session, lists):
    gap_map = matching.gap_map(session, now=NOON)
    evidence = dossier.gather_funding_dossier(session, now=NOON)
    staff = lists.needs.staff
    assert {row.dimension for row in gap_map.rows} == set(DIMENSIONS) - {"safety"}  # which this survey did not ask
    for row in gap_map.rows:
        known = [(staff[unit], needs[row.dimension].value) for unit, needs in lists.needs.units.items()]
        mean = sum(people * value for people, value in known) / sum(people for people, _value in known)
        assert row.need == pytest.approx(mean)
        line = next(line for line in evidence.dimensions if line.dimension == row.dimension)
        assert line.need == pytest.approx(row.need)
        assert line.offered == row.offered_seats
    assert sum(row.offered for row in gap_map.rows) == pytest.approx(sum(lists.seats.values()))


def test_the_dossier_shows_the_seats_that_the_lists_expect(app, session, lists):
    evidence = dossier.gather_funding_dossier(session, now=NOON)
    assert sum(line.expected for line in evidence.municipalities) == sum(lists.expected_seats_by_course.values()) > 0
    number = seats.run_allocation(session, seed=1, limits=AllocationLimits(), by=None, now=NOON)
    seats.publish_allocation(session, number, by=None, now=NOON)
    session.commit()
    later = matching.find_or_build_region_lists(session, now=NOON)
    evidence = dossier.gather_funding_dossier(session, now=NOON)
    assert sum(line.expected for line in evidence.municipalities) == sum(later.expected_seats_by_course.values())
    assert all(line.expected >= line.granted for line in evidence.municipalities)


def test_seats_given_and_wished_are_the_same_in_the_allocation_and_in_the_dossier(app, session, lists):
    number = seats.run_allocation(session, seed=1, limits=AllocationLimits(), by=None, now=NOON)
    seats.publish_allocation(session, number, by=None, now=NOON)
    session.commit()
    published = seats.find_published_allocation(session)
    evidence = dossier.gather_funding_dossier(session, now=NOON)
    assert sum(line.granted for line in evidence.municipalities) == sum(seats.final_seats(published).values())
    assert sum(line.requested for line in evidence.municipalities) == sum(
        grant.request.seats for grant in published.allocation.grants
    )


def test_no_list_has_two_firsts_and_no_course_stands_on_too_many(app, session, lists):
    first_three = {}
    for unit in lists.units:
        roles = [item.role.value for item in lists.course_list(unit).listed]
        assert [role.startswith("begin") for role in roles] == [True, *[False] * (len(roles) - 1)]
        for item in lists.course_list(unit).listed[:3]:
            first_three[item.course.external_id] = first_three.get(item.course.external_id, 0) + 1
    assert max(first_three.values()) <= max(ALWAYS_LISTED, LARGEST_SHARE * len(lists.units))
