"""How long the steps after a round may take: chosen by the coordinator, followed by every clock."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.accounts import Grant, Role
from app.core.followup import DEFAULT_DEADLINES, FollowUpStep
from app.core.rounds import RoundKind
from app.services import followup
from app.store.rounds import RoundRow
from tests.follow_ups import PINE, SMALL, planned, write_action, write_meeting
from tests.publications import NOON, made, store
from tests.web.open_round import open_round, own_secret
from tests.web.page_checks import audit
from tests.web.staff_client import signed_in
from tests.web.test_followup_pages import by_word
from tests.web.visitor import Visitor

DAY = timedelta(days=1)
USUAL = {name: str(days) for name, days in DEFAULT_DEADLINES.days.items()}


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


@pytest.fixture
def desk(app):
    return signed_in(app, Grant(Role.COORDINATOR))


def test_every_clock_follows_the_days_that_were_chosen(app, session, desk, round_id):
    before = followup.follow_up_of_unit(session, round_id, "pine").timeline
    chosen = USUAL | {"preview": "3", "meeting": "21", "answer": "10"}
    assert desk.post(f"/staff/timelines/{round_id}/days", data=chosen).status_code == 302
    session.expire_all()
    after = followup.follow_up_of_unit(session, round_id, "pine").timeline
    moved = {
        step: (after.find(step).due - before.find(step).due).days
        for step in (FollowUpStep.PREVIEWED, FollowUpStep.DISCUSSED)
    }
    assert moved == {FollowUpStep.PREVIEWED: -4, FollowUpStep.DISCUSSED: 7}
    reminded = followup.due_reminders(session, now=NOON)
    assert {one.due for one in reminded if one.unit == "pine"} == {after.find(FollowUpStep.PREVIEWED).due}
    word = followup.access_phrase(session, round_id, "pine", secret=own_secret(app))
    assert str(after.find(FollowUpStep.DISCUSSED).due.day) in by_word(app, word).response.text
    number = planned(session, round_id, "small", power="municipality")
    followup.escalate(session, round_id, "small", number, "Two groups are too large.", by=None, now=NOON)
    assert followup.all_escalations(session)[0].due == (NOON + 10 * DAY).date()
    asked = signed_in(app, SMALL, email="small@example.test").get(f"/staff/followup/{round_id}/small/action/1/hand-on")
    assert "answers within 10 days" in asked.text


def test_an_action_begins_within_the_days_of_its_round(session, desk, round_id):
    desk.post(f"/staff/timelines/{round_id}/days", data=USUAL | {"first_step": "60"})
    write_meeting(session, round_id, "pine")
    saved = write_action(session, round_id, "pine", first_by=(NOON + 50 * DAY).date().isoformat())
    assert saved.number


def test_other_rounds_keep_the_usual_days(session, desk, round_id):
    desk.post(f"/staff/timelines/{round_id}/days", data=USUAL | {"plan": "30"})
    later = store(session, made(2, title="Later", days=200)).round
    assert followup.deadlines_of_round(session, later) == DEFAULT_DEADLINES
    assert followup.deadlines_of_round(session, round_id).plan == 30 * DAY


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"plan": "soon"}, "Write the number of days as a whole number."),
        ({"plan": ""}, "Write the number of days as a whole number."),
        ({"plan": "0"}, "Write from 1 to 365 days."),
        ({"plan": "9" * 40}, "Write from 1 to 365 days."),
        ({"pulse_from": "80", "pulse_by": "70"}, "The pulse survey cannot end before it may begin."),
    ],
)
def test_days_that_cannot_be_are_named_and_nothing_is_kept(session, desk, round_id, changed, told):
    answer = desk.post(f"/staff/timelines/{round_id}/days", data=USUAL | changed)
    assert answer.status_code == 422 and told in answer.text and not audit(answer)
    assert followup.deadlines_of_round(session, round_id) == DEFAULT_DEADLINES


def test_only_the_coordinator_of_the_whole_region_chooses(app, desk, round_id):
    page = desk.get(f"/staff/timelines/{round_id}/days")
    assert page.status_code == 200 and not audit(page)
    assert desk.get("/staff/timelines/99/days").status_code == 404
    for place, grant in enumerate((PINE, Grant(Role.COORDINATOR, "south"))):
        other = signed_in(app, grant, email=f"other-{place}@example.test")
        assert other.post(f"/staff/timelines/{round_id}/days", data=USUAL).status_code == 403


def said(app, language="en"):
    return Visitor(app).get(f"/{language}/thanks").one("main").text


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fi", ("Kokous pidetään 21 päivän kuluessa julkaisusta.", "Suunnitelmasta sovitaan vuorokauden kuluessa")),
        ("sv", ("Mötet hålls inom 21 dagar efter publiceringen.", "Planen görs inom en dag efter mötet.")),
        ("en", ("The meeting is held within 21 days of the release.", "The plan is agreed within one day")),
    ],
)
def test_respondents_read_the_days_of_their_own_round(app, session, desk, language, told):
    number, _codes = open_round(app, session, alder=12)
    usual = said(app, language)
    assert usual.count("14 ") == 2 and not any(words in usual for words in told)
    desk.post(f"/staff/timelines/{number}/days", data=USUAL | {"meeting": "21", "plan": "1"})
    page = said(app, language)
    assert all(words in page for words in told) and "14 " not in page


def test_two_open_rounds_of_other_days_are_told_apart_and_a_pulse_promises_no_plan(app, session, desk):
    quick, _codes = open_round(app, session, alder=12)
    open_round(app, session, birch=12)
    desk.post(f"/staff/timelines/{quick}/days", data=USUAL | {"meeting": "5"})
    page = said(app)
    assert page.count("“Autumn survey”: The meeting is held within") == 2 and "within 5 days of the release" in page
    for row in session.scalars(select(RoundRow)):
        row.kind = RoundKind.PULSE
    session.commit()
    assert "agrees on a plan" not in said(app)


def test_where_no_round_is_open_no_days_are_promised(app):
    page = said(app)
    assert "agrees on a plan." in page and "days of the release" not in page
