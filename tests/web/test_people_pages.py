import re
from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent
from app.core.organisations import Community, CommunityKind, Municipality
from app.services import accounts as service
from app.services import tokens
from app.store import accounts, audit, second_factor
from app.store import organisations as store
from app.store.database import database
from tests.conftest import NOON
from tests.web.staff_client import add_account, client_of

NEW = {"name": "Pat Demo", "email": "pat@example.test", "language": "sv", "role": "principal", "place": "c:c1"}


@pytest.fixture(autouse=True)
def region(app):
    session = database.session()
    store.upsert(
        session,
        municipalities=[Municipality("m1", "Järvelä"), Municipality("m2", "Mäkelä")],
        communities=[
            Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 12}),
            Community("c3", "Mäkelän lukio", "m2", CommunityKind.UPPER_SECONDARY, {"teachers": 9}),
        ],
    )
    session.commit()


@pytest.fixture
def boss():
    return add_account(Grant(Role.ADMINISTRATOR), email="boss@example.test", name="Bo Demo")


@pytest.fixture
def client(app, boss):
    return client_of(app, boss)


def person(email="pat@example.test"):
    return service.find_account_by_email(database.session(), email)


def test_a_person_is_added_and_sets_a_password_with_the_code_on_the_page(app, client):
    page = client.post("/staff/people/add", data=NEW).text
    code = re.search(r'key-sheet">([\w-]+)<', page)[1]
    assert person().grants == (Grant(Role.PRINCIPAL, "m1", "c1"),)
    service.set_password_with_code(database.session(), code, "a quiet forest path", now=NOON)
    assert person().has_password


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "boss@example.test"),
        ("email", "pat"),
        ("name", ""),
        ("place", "c:c9"),
        ("place", ""),
        ("place", "m:m1"),
        ("place", "region"),
    ],
)
def test_a_bad_person_is_not_added(client, field, value):
    answer = client.post("/staff/people/add", data=NEW | {field: value})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert person() is None


def test_roles_are_given_and_taken(client):
    client.post("/staff/people/add", data=NEW)
    path = f"/staff/people/{person().id}"
    client.post(f"{path}/grant", data={"role": "coordinator", "place": "m:m2"})
    assert Grant(Role.COORDINATOR, "m2") in person().grants
    client.post(f"{path}/revoke", data={"grant": "principal c:c1"})
    assert person().grants == (Grant(Role.COORDINATOR, "m2"),)
    assert "Coordinator, Mäkelä" in client.get(path).text


def test_a_principal_is_never_given_more_than_a_community(client):
    client.post("/staff/people/add", data=NEW)
    wide = client.post(f"/staff/people/{person().id}/grant", data={"role": "principal", "place": "region"})
    assert (wide.status_code, "assigned to one community" in wide.text) == (422, True)
    assert person().grants == (Grant(Role.PRINCIPAL, "m1", "c1"),)


def test_closing_asks_first_and_then_ends_everything(app, client):
    who = add_account(Grant(Role.PRINCIPAL, "m1", "c1"))
    theirs = client_of(app, who)
    assert "Close the account of Kim Demo?" in client.get(f"/staff/people/{who.id}/close").text
    assert theirs.get("/staff/").status_code == 200
    client.post(f"/staff/people/{who.id}/close")
    assert theirs.get("/staff/").status_code == 302
    client.post(f"/staff/people/{who.id}/reopen")
    assert not accounts.find_account(database.session(), who.id).closed


def test_nobody_shuts_themselves_out(client, boss):
    client.post(f"/staff/people/{boss.id}/close")
    client.post(f"/staff/people/{boss.id}/revoke", data={"grant": "administrator region"})
    assert accounts.find_account(database.session(), boss.id) == boss


def test_an_administrator_of_one_municipality_stays_within_it(app, boss):
    local = client_of(app, add_account(Grant(Role.ADMINISTRATOR, "m1")))
    assert "boss@example.test" not in local.get("/staff/people/").text
    for path in ("", "/close"):
        assert local.get(f"/staff/people/{boss.id}{path}").status_code == 403
    assert local.post(f"/staff/people/{boss.id}/invite").status_code == 403
    assert local.post("/staff/people/add", data=NEW | {"role": "coordinator", "place": "region"}).status_code == 403
    assert local.post("/staff/people/add", data=NEW | {"place": "c:c3"}).status_code == 403
    assert person() is None
    assert local.post("/staff/people/add", data=NEW).status_code == 200
    assert (
        local.post(f"/staff/people/{person().id}/grant", data={"role": "coordinator", "place": "region"}).status_code
        == 403
    )
    assert local.get("/staff/trail/").status_code == 403


def test_whoever_gets_a_wider_role_begins_anew(app, client, session):
    """An administrator of one municipality makes an account for the region's coordinator and waits for the role."""
    local = client_of(app, add_account(Grant(Role.ADMINISTRATOR, "m1"), email="local@example.test"))
    page = local.post("/staff/people/add", data=NEW | {"role": "coordinator", "place": "m:m1"}).text
    code = re.search(r'key-sheet">([\w-]+)<', page)[1]
    service.set_password_with_code(session, code, "a quiet forest path", now=NOON)
    word = tokens.create_token(session, person().id, "report", lasts=timedelta(days=300), now=NOON)
    waiting = service.unlink_and_create_password_code(session, person().id, now=NOON)
    answer = client.post(
        f"/staff/people/{person().id}/grant", data={"role": "coordinator", "place": "region"}, follow_redirects=True
    )
    assert "starts again: provide a one-time code" in answer.text
    assert not person().has_password and tokens.resolve_bearer_token(session, word, now=NOON) is None
    with pytest.raises(service.AccountError):
        service.set_password_with_code(session, waiting, "a quiet forest path", now=NOON)
    assert local.post(f"/staff/people/{person().id}/invite").status_code == 403


@pytest.mark.parametrize(
    ("before", "given", "anew"),
    [
        ((), Grant(Role.COORDINATOR, "m1"), True),
        ((Grant(Role.PRINCIPAL, "m1", "c1"),), Grant(Role.COORDINATOR, "m1"), False),
        ((Grant(Role.PRINCIPAL, "m1", "c1"),), Grant(Role.PRINCIPAL, "m2", "c3"), True),
        ((Grant(Role.TRUSTEE),), Grant(Role.ADMINISTRATOR), False),
        ((Grant(Role.COORDINATOR, "m1"), Grant(Role.COORDINATOR, "m2")), Grant(Role.COORDINATOR), False),
    ],
)
def test_only_what_other_administrators_handled_begins_anew(session, before, given, anew):
    who = add_account(*before)
    service.set_password(session, who.id, "a quiet forest path", by=None, now=NOON)
    second_factor.store_unconfirmed_secret(session, who.id, b"sealed")
    assert service.grant_role(session, who.id, given, by=None, now=NOON) is anew
    found = service.find_account(session, who.id)
    assert (found.has_password, given in found.grants) == (not anew, True)
    assert (second_factor.sealed_secret(session, who.id, confirmed=False) is None) is anew


def test_the_audit_log_tells_who_did_what(client, boss):
    client.post("/staff/people/add", data=NEW)
    page = client.get("/staff/trail/").text
    assert "Bo Demo" in page
    assert f"account:{person().id}" in page
    assert AuditEvent.ACCOUNT_CHANGED in [one.event for one in audit.entries(database.session())]
    assert "No such events yet" in client.get("/staff/trail/?deed=round_released").text
