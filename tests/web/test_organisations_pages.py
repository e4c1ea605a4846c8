import io

import pytest

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent
from app.core.organisations import Community, CommunityKind, Municipality
from app.services import organisations
from app.store import audit
from app.store import organisations as store
from app.store.database import database
from tests.web.staff_client import signed_in

HEADER = "region;municipality_id;municipality;community_id;community;kind;teachers;joined_to\n"
GOOD = HEADER + "Lakeland;m1;Järvelä;c1;Järvelän koulu;school;12;\n" + "Lakeland;m1;Järvelä;c2;Äijälä;school;3;c1\n"
BAD = HEADER + "Lakeland;m1;Järvelä;c1;Järvelän koulu;factory;12;\n"


@pytest.fixture
def coordinator(app):
    return signed_in(app, Grant(Role.COORDINATOR))


@pytest.fixture
def region(app):
    session = database.session()
    store.upsert(
        session,
        municipalities=[Municipality("m1", "Järvelä"), Municipality("m2", "Mäkelä")],
        communities=[
            Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 12}),
            Community("c2", "Äijälä", "m1", CommunityKind.SCHOOL, {"teachers": 3}),
            Community("c3", "Mäkelän lukio", "m2", CommunityKind.UPPER_SECONDARY, {"teachers": 9}),
        ],
        region=("region", "Lakeland"),
    )
    session.commit()


def hand_in(client, text):
    return client.post("/staff/organisations/import", data={"file": (io.BytesIO(text.encode()), "table.csv")})


def stored():
    return [one.id for one in organisations.communities(database.session())]


def test_an_empty_service_says_how_to_begin(coordinator):
    page = coordinator.get("/staff/organisations/").text
    assert "There are no communities yet" in page
    assert "/staff/organisations/import" in page


def test_a_table_is_checked_then_confirmed(coordinator):
    checked = hand_in(coordinator, GOOD)
    assert (checked.status_code, stored()) == (302, [])
    preview = coordinator.get(checked.location)
    assert "Järvelän koulu" in preview.text
    assert stored() == []
    assert coordinator.post(checked.location).location == "/staff/organisations/"
    assert stored() == ["c1", "c2"]
    again = coordinator.post(checked.location, follow_redirects=True)
    assert "already been imported or cancelled" in again.text
    assert audit.entries(database.session())[0].event is AuditEvent.ORGANISATIONS_IMPORTED


def test_a_table_that_is_given_up_changes_nothing(coordinator):
    checked = hand_in(coordinator, GOOD)
    assert coordinator.post(checked.location, data={"give_up": "1"}).location == "/staff/organisations/"
    assert stored() == []


def test_a_bad_table_is_told_row_by_row(coordinator):
    answer = hand_in(coordinator, BAD)
    assert answer.status_code == 422
    assert "Row 2, column kind" in answer.text
    assert stored() == []


def test_a_file_that_waits_is_only_for_whoever_handed_it_in(app, coordinator):
    checked = hand_in(coordinator, GOOD)
    other = signed_in(app, Grant(Role.COORDINATOR), email="other@example.test")
    assert other.get(checked.location).status_code == 404
    assert "already been imported or cancelled" in other.post(checked.location, follow_redirects=True).text
    assert stored() == []


def test_small_communities_are_marked_with_an_offer_to_join(coordinator, region):
    page = coordinator.get("/staff/organisations/").text
    assert "fewer than five: no results of its own" in page
    assert "fewer than ten: placement only" in page


def test_a_small_community_is_joined_to_another(coordinator, region):
    form = {"name": "Äijälä", "kind": "school", "joined_to": "c1", "staff_teachers": "3", "contact": ""}
    assert coordinator.post("/staff/organisations/community/c2", data=form).status_code == 302
    assert [unit.invited_count for unit in organisations.region(database.session()).units] == [15, 9]


def test_a_community_cannot_be_joined_into_another_municipality(coordinator, region):
    form = {"name": "Äijälä", "kind": "school", "joined_to": "c3", "staff_teachers": "3", "contact": ""}
    assert coordinator.post("/staff/organisations/community/c2", data=form).status_code == 422


def test_a_bad_number_is_told_beside_its_field(coordinator, region):
    form = {"name": "", "kind": "school", "joined_to": "", "staff_teachers": "-4", "contact": "nobody"}
    answer = coordinator.post("/staff/organisations/community/c2", data=form)
    assert answer.status_code == 422
    assert "Write a whole number from 0 to 5000." in answer.text
    assert "Write an e-mail address" in answer.text


def test_a_coordinator_of_one_municipality_sees_and_edits_that_one(app, region):
    client = signed_in(app, Grant(Role.COORDINATOR, "m2"))
    page = client.get("/staff/organisations/").text
    assert "Mäkelän lukio" in page
    assert "Järvelän koulu" not in page
    assert client.get("/staff/organisations/community/c3").status_code == 200
    assert client.get("/staff/organisations/community/c1").status_code == 403
    assert client.get("/staff/organisations/import").status_code == 403
    assert client.get("/staff/organisations/communities.csv").status_code == 403


@pytest.mark.parametrize("what", ["template", "communities"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_tables_are_handed_out(coordinator, region, what, kind):
    answer = coordinator.get(f"/staff/organisations/{what}.{kind}")
    groups = {"teachers": (), "early_childhood": (), "assistants": (), "other_staff": ()}
    checked = organisations.check_import(database.session(), answer.data, groups=groups)
    assert (checked.problems, len(checked.communities)) == ((), 0 if what == "template" else 3)
