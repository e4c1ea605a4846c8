"""Contacts for support: kept per municipality by its coordinator, read beside one's own feedback."""

import pytest

from app.core.accounts import Grant, Role
from app.core.organisations import Community, CommunityKind, Municipality
from app.services import support
from app.store import organisations
from app.store.database import database
from tests.web.open_round import begin, open_round, to_check
from tests.web.staff_client import signed_in
from tests.web.visitor import Visitor

PAGE = "/staff/organisations/support/town"
WORDS = "Occupational health, telephone 09 1234 (8-15)"


@pytest.fixture
def places(session):
    towns = [Municipality("town", "Town"), Municipality("village", "Village")]
    alder = Community("alder", "Alder School", "town", CommunityKind.SCHOOL, {"teachers": 24})
    birch = Community("birch", "Birch School", "village", CommunityKind.SCHOOL, {"teachers": 24})
    organisations.upsert(session, municipalities=towns, communities=[alder, birch], region=("region", "Region"))
    session.commit()


def feedback_of(app, session, unit):
    code = open_round(app, session, alder=24, birch=24)[1][unit][0]
    database.session.remove()
    visitor = Visitor(app, anonymous=True)
    begin(visitor, code, shared="")
    to_check(visitor)
    visitor.press("Send my answers", profile="yes")
    return visitor


def test_what_a_coordinator_writes_is_read_beside_the_own_feedback_of_that_municipality(app, session, places):
    coordinator = signed_in(app, Grant(Role.COORDINATOR))
    saved = coordinator.post(PAGE, data={"occupational_health": WORDS, "other": "Chaplain\n<b>on Mondays</b>"})
    assert saved.status_code == 302
    assert WORDS in coordinator.get(PAGE).text
    visitor = feedback_of(app, session, "alder")
    assert WORDS in visitor.page.one("main").text
    assert "<b>on Mondays" not in visitor.response.text
    visitor.press("Svenska")
    assert WORDS in visitor.page.one("main").text and "Företagshälsovård" in visitor.page.one("main").text
    assert WORDS not in feedback_of(app, session, "birch").page.one("main").text


def test_what_is_emptied_is_gone_and_what_is_too_long_is_refused(app, session, places):
    coordinator = signed_in(app, Grant(Role.COORDINATOR))
    coordinator.post(PAGE, data={"occupational_health": WORDS})
    refused = coordinator.post(PAGE, data={"occupational_health": "x" * 301})
    assert refused.status_code == 422 and "At most 300 characters." in refused.text
    assert list(support.support_contacts_by_kind(database.session(), "town").values()) == [WORDS]
    database.session.remove()
    coordinator.post(PAGE, data={"occupational_health": " "})
    assert support.support_contacts_by_kind(database.session(), "town") == {}


def test_only_whoever_may_edit_a_municipality_writes_its_contacts(app, places):
    principal = signed_in(app, Grant(Role.PRINCIPAL, "town", "alder"))
    villager = signed_in(app, Grant(Role.COORDINATOR, "village"), email="villager@example.test")
    assert principal.get(PAGE).status_code == 403
    assert villager.get(PAGE.replace("town", "village")).status_code == 200
    assert villager.post(PAGE, data={"other": "mine"}).status_code == 403
    assert villager.get(PAGE.replace("town", "nowhere")).status_code == 404


def test_a_place_that_was_invented_names_nobody(app, session, places):
    visitor = feedback_of(app, session, "alder")
    fields = {name: value for name, value in visitor.fields().items() if name != "file"}
    visitor.post("/en/profile", fields | {"place": "nowhere", "go": "compare"})
    assert visitor.page.h1 == "Your own feedback"
