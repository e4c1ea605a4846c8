"""From needs and catalogue to a planning problem: what can be held, whom it suits, and what was used before."""

from dataclasses import replace

import numpy as np
import pytest

from app.core.catalogue import DeliveryMode
from app.core.matching.seat_use import PRIOR_SEATS, CompletionRates, SeatUse, completion_rates
from app.core.matching.supply_case import SupplyPlanRequest, SupplyUnit, build_supply_case, supply_candidates
from app.core.organisations import Municipality
from tests.core.matching.synthetic_region import TODAY, course, offering, unit

TOWNS = (Municipality("m", "Tyrskylä"), Municipality("p", "Ostaja", member=False))


def case(units, courses, request=None, rates=None, towns=TOWNS):
    request = request or SupplyPlanRequest()
    candidates = supply_candidates(courses, today=TODAY, times=request.times)
    return build_supply_case(request, units, candidates, towns, rates or CompletionRates())


def test_what_can_be_registered_to_and_a_course_once_more_can_be_held():
    past = offering("o1", days=-9)
    known = [
        course("k", {"control": 3}, offerings=(past, offering("o2"))),
        course("bare", {"control": 3}, offerings=()),
    ]
    once = supply_candidates(known, today=TODAY, times=1)
    assert [(one.key, one.most) for one in once] == [("o2", 1)]
    thrice = supply_candidates(known, today=TODAY, times=3)
    assert [(one.key, one.most, one.is_new) for one in thrice] == [("o2", 1, False), ("+k", 2, True)]


def test_a_gain_is_that_of_the_course_times_what_is_used_and_none_for_another_audience():
    teachers = course("k", {"control": 3}, audience=("teachers",))
    daycare = course("d", {"control": 3}, audience=("early_childhood",), offerings=(offering("od"),))
    sender = SupplyUnit(unit("a"), {"k": 2.0, "d": 2.0})
    problem = case([sender], [teachers, daycare], rates=CompletionRates(1.0, {"k": 0.5}))
    assert problem.gains[0, 0] == 1.0 and np.isnan(problem.gains[0, 1])
    kind = case([replace(sender, kinds=frozenset({"early_childhood"}))], [daycare])
    assert kind.gains[0, 0] == 2.0


def test_a_time_on_a_day_that_does_not_suit_is_no_choice_but_a_new_time_is():
    known = [course("k", {"control": 3})]
    day = known[0].offerings[0].first_day
    sender = SupplyUnit(unit("a"), {"k": 2.0}, unsuitable=frozenset({day}))
    problem = case([sender], known, SupplyPlanRequest(times=2))
    assert np.isnan(problem.gains[0, 0]) and problem.gains[0, 1] == 2.0


def test_members_are_planned_for_with_seats_and_floors_by_their_staff():
    units = [SupplyUnit(unit("a", "m", 33), {"k": 1.0}), SupplyUnit(unit("b", "p", 50), {"k": 1.0})]
    request = SupplyPlanRequest(floor_per_100=10.0, uptake=0.2)
    problem = case(units, [course("k", {"control": 3})], request)
    assert [(one.community, one.seats) for one in problem.communities] == [("a", 7)]
    assert dict(problem.limits.floors) == {"m": 3}
    own = case(units, [course("k", {"control": 3})], replace(request, floors={"m": 1}))
    assert dict(own.limits.floors) == {"m": 1}
    nobody = case(units, [course("k", {"control": 3})], request, towns=(replace(TOWNS[0], member=False), TOWNS[1]))
    assert len(nobody.communities) == 2


def test_only_what_is_held_on_site_takes_a_room():
    online = replace(offering("o1"), mode=DeliveryMode.ONLINE, place="Somewhere")
    onsite = replace(offering("o2"), mode=DeliveryMode.ONSITE, place="Hall")
    problem = case([SupplyUnit(unit("a"), {"k": 1.0})], [course("k", {"control": 3}, offerings=(online, onsite))])
    assert [one.place for one in problem.offerings] == ["", "Hall"]


def test_rates_of_use_are_drawn_towards_that_of_all_courses():
    assert completion_rates([]).of_course("k") == 1.0
    rates = completion_rates([SeatUse("o1", "k", 20, 10, 5), SeatUse("o2", "other", 60, 60, 55)])
    assert rates.overall == pytest.approx(60 / 80)
    assert rates.of_course("k") == pytest.approx((5 + PRIOR_SEATS * 0.75) / (20 + PRIOR_SEATS))
    assert rates.of_course("never held") == rates.overall
    assert completion_rates([SeatUse("o1", "k", 10, 12, 12)]).of_course("k") == 1.0
