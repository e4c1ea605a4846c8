import re
from dataclasses import replace

import pyotp
import pytest
from sqlalchemy import text

from app.core.accounts import Grant, Role
from app.core.organisations import Community, CommunityKind, Municipality
from app.services import accounts, second_factor
from app.store import organisations as store
from app.store.database import database
from tests.conftest import NOON


@pytest.fixture
def run(app):
    given = app.extensions["voimavara"]  # verbs speak English wherever they are given
    app.extensions["voimavara"] = replace(given, settings=replace(given.settings, default_language="fi"))
    session = database.session()
    school = Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 12})
    store.upsert(session, municipalities=[Municipality("m1", "Järvelä")], communities=[school])
    session.commit()
    return lambda *words: app.test_cli_runner().invoke(args=["people", *words])


def add(run, *more):
    return run("add", "Pat@example.test", "--name", "Pat Demo", *(more or ("--role", "coordinator")))


def pat():
    database.session().expire_all()
    return accounts.find_account_by_email(database.session(), "pat@example.test")


def test_a_person_is_added_with_a_one_time_code(run):
    code = re.search(r"One-time code: (\S+)", add(run).output)[1]
    assert pat().grants == (Grant(Role.COORDINATOR),)
    accounts.set_password_with_code(database.session(), code, "a quiet forest path", now=NOON)
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
    session = database.session()
    secret = b"a secret of some installation..."
    shared = second_factor.begin_setup(session, pat().id, secret=secret)
    second_factor.confirm_setup(session, pat().id, pyotp.TOTP(shared).at(NOON), secret=secret, now=NOON)
    session.commit()
    assert second_factor.is_enabled(session, pat().id)
    assert run("second-step-off", "nobody@example.test").exit_code == 1
    assert second_factor.is_enabled(session, pat().id)
    assert run("second-step-off", "pat@example.test").exit_code == 0
    session.rollback()
    assert not second_factor.is_enabled(session, pat().id)


TABLE = """email,name,role,municipality,community,language
ann@example.test,Ann Demo,principal,,c1,sv
bo@example.test,Bo Demo,coordinator,m1,,
kim@example.test,Kim Demo,administrator,,,en
"""


def table(tmp_path, content=TABLE):
    file = tmp_path / "people.csv"
    file.write_text(content, encoding="utf-8")
    return str(file)


def everybody():
    database.session().expire_all()
    return {one.email: one for one in accounts.accounts(database.session())}


def test_many_people_come_from_one_table_each_with_a_code(run, tmp_path):
    done = run("import", table(tmp_path))
    assert done.exit_code == 0, done.output
    codes = dict(line.split("\t") for line in done.output.splitlines())
    found = everybody()
    assert found.keys() == codes.keys() == {"ann@example.test", "bo@example.test", "kim@example.test"}
    assert found["ann@example.test"].grants == (Grant(Role.PRINCIPAL, "m1", "c1"),)
    assert [found[f"{one}@example.test"].language for one in ("ann", "bo", "kim")] == ["sv", "fi", "en"]
    accounts.set_password_with_code(database.session(), codes["bo@example.test"], "a quiet forest path", now=NOON)


def test_a_table_may_be_brought_in_again_and_adds_only_what_is_new(run, tmp_path):
    run("import", table(tmp_path))
    more = TABLE + "ann@example.test,Ann Demo,coordinator,m1,,\neve@example.test,Eve Demo,trustee,,,\n"
    done = run("import", table(tmp_path, more))
    assert "eve@example.test\t" in done.output
    assert "bo@example.test" not in done.output  # who has it already is left alone
    assert Grant(Role.COORDINATOR, "m1") in everybody()["ann@example.test"].grants


def test_a_table_with_faults_stores_nothing_and_names_each(run, tmp_path):
    rows = ["nobody,No Demo,principal,,c1,", "ann@example.test,,boss,,,xx", "bo@example.test,Bo,principal,,,",
            "kim@example.test,Kim,coordinator,nowhere,,", "eve@example.test,Eve,trustee,,,"]  # fmt: skip
    done = run("import", table(tmp_path, TABLE.splitlines()[0] + "\n" + "\n".join(rows) + "\n"))
    assert done.exit_code == 1
    places = re.findall(r"row (\d), column ([a-z ]+):", done.output)
    told = [("2", "email"), ("3", "name"), ("3", "role"), ("3", "language"), ("4", "community")]
    assert sorted(places) == sorted([*told, ("5", "municipality")])
    assert "6 faults; nothing was stored" in done.output
    assert not everybody()


@pytest.mark.parametrize("content", ["", "email,name\n", "email,name,role,shoe\n"])
def test_a_table_of_another_shape_is_refused(run, tmp_path, content):
    done = run("import", table(tmp_path, content))
    assert (done.exit_code, "nothing was stored" in done.output) == (1, True)


def test_letters_are_refused_before_anything_is_stored_where_there_is_no_mail_server(run, tmp_path):
    done = run("import", table(tmp_path), "--letters")
    assert done.exit_code == 1
    assert "SMTP_URL" in done.output
    assert not everybody()


def test_each_gets_a_letter_and_no_code_is_printed(app, run, tmp_path):
    given = app.extensions["voimavara"]
    app.extensions["voimavara"] = replace(given, settings=replace(given.settings, smtp_url="smtp://127.0.0.1:1"))
    done = run("import", table(tmp_path), "--letters")
    assert (done.exit_code, done.output) == (0, "")
    assert len(everybody()) == 3
    assert database.session().scalar(text("SELECT count(*) FROM letter")) == 3
