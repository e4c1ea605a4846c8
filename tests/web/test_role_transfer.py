"""A community changes hands: the successor has the whole of it at once, and the one before nothing."""

from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent, AuditFilter
from app.core.matching.networking import Consent, ConsentSide
from app.core.organisations import Community, CommunityKind, Municipality
from app.services import accounts as service
from app.services import tokens
from app.store import accounts, audit, networking, organisations
from app.store.database import database
from tests.conftest import NOON
from tests.web.page_checks import audit as faults_of
from tests.web.staff_client import add_account, client_of, signed_in
from tests.web.test_own_account import is_in


@pytest.fixture
def who(app):
    return add_account(Grant(Role.PRINCIPAL, "m1", "c1"))


@pytest.fixture
def region(app):
    organisations.upsert(
        database.session(),
        municipalities=[Municipality("m1", "Järvelä"), Municipality("m2", "Mäkelä")],
        communities=[
            Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 12}),
            Community("c2", "Lammen koulu", "m1", CommunityKind.SCHOOL, {"teachers": 12}),
        ],
    )
    database.session().commit()


@pytest.fixture
def boss(app, region):
    return signed_in(app, Grant(Role.ADMINISTRATOR), email="boss@example.test")


HEIR = {"email": "heir@example.test", "name": "Uusi Rehtori", "language": "fi"}


def test_a_successor_from_elsewhere_begins_anew(boss, who, session):
    heir = add_account(Grant(Role.PRINCIPAL, "m2", "c9"), email=HEIR["email"])
    service.set_password(session, heir.id, "a quiet forest path", by=None, now=NOON)
    session.commit()
    answer = boss.post(f"/staff/people/{who.id}/hand-over/c1", data=HEIR)
    assert "One-time code for heir@example.test" in answer.text
    session.expire_all()
    assert not service.find_account(session, heir.id).has_password


def test_a_community_is_handed_over_and_the_one_before_keeps_nothing(app, boss, who, session):
    desk = client_of(app, who)
    token = tokens.create_token(session, who.id, "report", lasts=timedelta(days=30), now=NOON)
    consent = Consent("c1", "control", ConsentSide.SHARES, "Kim Demo, 040 123")
    networking.set_consents(session, "c1", [consent], by=who.id, now=NOON)
    session.commit()
    path = f"/staff/people/{who.id}/hand-over/c1"
    page = boss.get(path)
    assert not faults_of(page)
    assert "Järvelän koulu" in page.text and "is closed" in page.text
    answer = boss.post(path, data=HEIR)
    assert "One-time code for heir@example.test" in answer.text
    heir, old = (accounts.find_account_by_email(session, one) for one in (HEIR["email"], who.email))
    assert heir.grants == (Grant(Role.PRINCIPAL, "m1", "c1"),)
    assert (old.grants, old.closed, old.has_password) == ((), True, False)
    assert not is_in(desk)
    assert tokens.resolve_bearer_token(session, token, now=NOON) is None
    assert networking.consents(session) == ()
    entry = audit.entries(session, AuditFilter(event=AuditEvent.COMMUNITY_HANDED_OVER))[0]
    assert entry.subject == f"account:{old.id} account:{heir.id} principal:c1"


def test_one_who_has_another_role_keeps_it_and_the_account(app, boss, who, session):
    service.grant_role(session, who.id, Grant(Role.PRINCIPAL, "m1", "c2"), by=None, now=NOON)
    boss.post(f"/staff/people/{who.id}/hand-over/c1", data=HEIR)
    old = accounts.find_account_by_email(session, who.email)
    assert (old.grants, old.closed) == ((Grant(Role.PRINCIPAL, "m1", "c2"),), False)


def test_an_account_that_exists_takes_over_without_losing_what_it_has(app, boss, who, session):
    heir = add_account(Grant(Role.PRINCIPAL, "m1", "c2"), email=HEIR["email"], name="Toinen Rehtori")
    boss.post(f"/staff/people/{who.id}/hand-over/c1", data=HEIR)
    found = accounts.find_account(session, heir.id)
    assert set(found.grants) == {Grant(Role.PRINCIPAL, "m1", "c2"), Grant(Role.PRINCIPAL, "m1", "c1")}
    assert found.name == "Toinen Rehtori"


@pytest.mark.parametrize("email", ["kim@example.test", "closed@example.test", "no address"])
def test_a_successor_who_cannot_be_one_changes_nothing(app, boss, who, session, email):
    closed = add_account(email="closed@example.test")
    service.close(session, closed.id, by=None, now=NOON)
    assert boss.post(f"/staff/people/{who.id}/hand-over/c1", data=HEIR | {"email": email}).status_code == 422
    assert accounts.find_account(session, who.id).grants == who.grants


def test_only_who_handles_both_hands_over(app, region, who, session):
    elsewhere = signed_in(app, Grant(Role.ADMINISTRATOR, "m2"), email="m2@example.test")
    assert elsewhere.post(f"/staff/people/{who.id}/hand-over/c1", data=HEIR).status_code == 403
    here = signed_in(app, Grant(Role.ADMINISTRATOR, "m1"), email="m1@example.test")
    add_account(Grant(Role.COORDINATOR), email=HEIR["email"])
    assert here.post(f"/staff/people/{who.id}/hand-over/c1", data=HEIR).status_code == 403
    assert here.post(f"/staff/people/{who.id}/hand-over/c9", data=HEIR).status_code == 404
    assert accounts.find_account(session, who.id).grants == who.grants
