"""The review of a course on a page: rounds, who took part, the three wordings."""

from zoneinfo import ZoneInfo

import pytest

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.core.matching.effect import EffectVerdict
from app.services import catalogue, effect, followup
from app.store import course_participation
from tests.publications import NOON, made, store
from tests.web.staff_client import add_account, client_of, signed_in
from tests.web.visitor import Visitor

TREATED = tuple(f"other-{n}" for n in range(12))


@pytest.fixture
def course(app, session):
    """A course, and two released rounds in which those who took it rose by much."""
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    first = store(session, made(others=24, lift=-0.8))
    moods = dict.fromkeys(TREATED, 1.0)
    store(session, made(2, earlier=[first], others=24, moods=moods, lift=-0.8, days=180, title="Spring 2027"))
    return next(
        one for one in effect.non_draft_courses_with_dimensions(session) if one.dimensions[0].dimension == "practices"
    )


@pytest.fixture
def desk(app):
    return signed_in(app, Grant(Role.COORDINATOR))


def test_few_communities_get_no_verdict(course, desk):
    desk.post(f"/staff/effect/course/{course.external_id}", data={"took": list(TREATED[:7])})
    page = desk.get(f"/staff/effect/course/{course.external_id}").text
    assert "There are too few communities to say anything." in page
    assert "7 communities took part" in page
    assert "95 per cent interval" not in page


def test_a_great_change_of_many_is_told_in_two_estimates_with_their_intervals(session, course, desk):
    desk.post(f"/staff/effect/course/{course.external_id}", data={"took": list(TREATED)})
    page = desk.get(f"/staff/effect/course/{course.external_id}").text
    assert "A better change than in the others, by more than chance usually explains." in page
    assert page.count("95 per cent interval") == 2
    assert "If the first results decided who took part" in page
    assert "If the true situation decided" in page
    early, late = followup.released_surveys(session)
    found = effect.review_effect(session, course, early, late)
    assert found.effect.verdict is EffectVerdict.CLEARLY_BETTER
    for estimate in (found.effect.by_results, found.effect.by_situation):
        low, high = estimate.interval
        assert 0 < low < estimate.points < high
    assert found.took_part == frozenset(TREATED)
    assert effect.review_effect(session, course, early, late) == found


def test_a_worse_change_is_said_as_plainly(session, app, desk):
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    first = store(session, made(others=24, lift=-0.8))
    moods = dict.fromkeys(TREATED, -1.0)
    store(session, made(2, earlier=[first], others=24, moods=moods, lift=-0.8, days=180, title="Spring 2027"))
    course = next(
        one for one in effect.non_draft_courses_with_dimensions(session) if one.dimensions[0].dimension == "practices"
    )
    desk.post(f"/staff/effect/course/{course.external_id}", data={"took": list(TREATED)})
    page = desk.get(f"/staff/effect/course/{course.external_id}").text
    assert "A worse change than in the others, by more than chance usually explains." in page
    early, late = followup.released_surveys(session)
    assert effect.review_effect(session, course, early, late).effect.verdict is EffectVerdict.CLEARLY_WORSE


def test_what_was_reported_of_communities_outside_the_round_stays(session, course):
    earlier = {"joined-since": True, "other-1": True}
    course_participation.replace_participation_in_course(session, course.external_id, earlier, by=None, now=NOON)
    effect.set_participating_communities(session, course, ["other-2"], among=["other-1", "other-2"], by=None, now=NOON)
    assert course_participation.participation_by_community(session, course.external_id) == {
        "joined-since": True,
        "other-1": False,
        "other-2": True,
    }


def test_rounds_in_the_wrong_order_are_not_compared(session, course):
    early, late = followup.released_surveys(session)
    with pytest.raises(effect.NotComparable):
        effect.review_effect(session, course, late, early)


def test_only_a_coordinator_of_the_whole_region_reviews(app, course):
    for grant in (Grant(Role.PRINCIPAL, "north", "pine"), Grant(Role.COORDINATOR, "north")):
        client = signed_in(app, grant, email=f"{grant.role}@example.test")
        assert client.get("/staff/effect/").status_code == 403
        assert client.post(f"/staff/effect/course/{course.external_id}").status_code == 403


def test_the_pages_are_faultless(app, course):
    visitor = Visitor(app)
    visitor.client = client_of(app, add_account(Grant(Role.COORDINATOR)))
    visitor.get("/staff/effect/")
    visitor.get(f"/staff/effect/course/{course.external_id}")
    visitor.get("/staff/effect/course/none", status=404)
    visitor.get(f"/staff/effect/course/{course.external_id}?before=77", status=404)
