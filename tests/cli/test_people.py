import re

import pyotp
import pytest

from app.core.accounts import Grant, Role
from app.core.organisations import Community, CommunityKind, Municipality
from app.services import accounts, second_factor
from app.store import organisations as store
from app.store.database import database
from tests.conftest import NOON


@pytest.fixture
def run(app):
    session = database.session()
    school = Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 12})
    store.upsert(session, municipalities=[Municipality("m1", "Järvelä")], communities=[school])
    session.commit()
    return lambda *words: app.test_cli_runner().invoke(args=["people", *words])


def add(run, *more):
    return run("add", "Pat@example.test", "--name", "Pat Demo", *(more or ("--role", "coordinator")))


def pat():
    database.session().expire_all()
    return accounts.by_email(database.session(), "pat@example.test")


def test_a_person_is_added_with_a_one_time_code(run):
    code = re.search(r"One-time code: (\S+)", add(run).output)[1]
    assert pat().grants == (Grant(Role.COORDINATOR),)
    accounts.set_password_by_link(database.session(), code, "a quiet forest path", now=NOON)
    assert pat().has_password


def test_roles_are_granted_revoked_and_listed(run):
    add(run, "--role", "principal", "--community", "c1")
    assert pat().grants == (Grant(Role.PRINCIPAL, "m1", "c1"),)
    assert run("grant", "pat@example.test", "--role", "coordinator", "--municipality", "m1").exit_code == 0
    assert run("revoke", "pat@example.test", "--role", "principal", "--community", "c1").exit_code == 0
    assert pat().grants == (Grant(Role.COORDINATOR, "m1"),)
    assert "pat@example.test\tPat Demo\tinvited\tcoordinator of m1" in run("list").output


def test_a_wider_role_brings_a_new_code(run):
    add(run, "--role", "principal", "--community", "c1")
    assert "One-time code: " in run("grant", "pat@example.test", "--role", "coordinator").output
    assert run("grant", "pat@example.test", "--role", "trustee").output == ""


def test_an_account_is_closed(run):
    add(run)
    run("close", "pat@example.test")
    assert pat().closed
    assert "closed" in run("list").output


def test_a_password_is_asked_for_and_never_shown(app, run):
    add(run)
    typed = "a quiet forest path\na quiet forest path\n"
    result = app.test_cli_runner().invoke(args=["people", "password", "pat@example.test", "--ask"], input=typed)
    assert (result.exit_code, pat().has_password) == (0, True)
    assert "forest" not in result.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "pat@example.test", "--name", "P", "--role", "coordinator"), "Another account has this"),
        (("add", "new@example.test", "--name", "P", "--role", "principal"), "give --community"),
        (("add", "new@example.test", "--name", "P", "--role", "principal", "--community", "c9"), "no such"),
        (("grant", "nobody@example.test", "--role", "coordinator"), "No account has this"),
        (("revoke", "pat@example.test", "--role", "trustee"), "has no such role"),
        (("close", "nobody@example.test"), "No account has this"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_changes(run, words, told):
    add(run)
    before = accounts.accounts(database.session())
    result = run(*words)
    assert (result.exit_code, told in result.output) == (1, True)
    database.session().expire_all()
    assert accounts.accounts(database.session()) == before


def test_whoever_lost_phone_and_recovery_words_is_let_in_again(run):
    add(run)
    session, secret = database.session(), b"a secret of some installation..."
    shared = second_factor.begin(session, pat().id, secret=secret)
    second_factor.confirm(session, pat().id, pyotp.TOTP(shared).at(NOON), secret=secret, now=NOON)
    session.commit()
    assert second_factor.is_on(session, pat().id)
    assert run("second-step-off", "nobody@example.test").exit_code == 1
    assert second_factor.is_on(session, pat().id)
    assert run("second-step-off", "pat@example.test").exit_code == 0
    session.rollback()
    assert not second_factor.is_on(session, pat().id)
