import re
from contextlib import suppress
from datetime import timedelta

import pyotp
import pytest

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent
from app.services import accounts as service
from app.services import authentication, second_factor
from app.store import audit
from app.store.database import database
from app.vault import second_factor as vault
from tests.conftest import NOON
from tests.web.staff_client import add_account, client_of, signed_in

PASSWORD = "a quiet forest path"


@pytest.fixture
def who(app):
    added = add_account(Grant(Role.COORDINATOR))
    service.set_password(database.session(), added.id, PASSWORD, by=None, now=NOON)
    database.session().commit()
    return added


@pytest.fixture
def client(app, who):
    app.config["WTF_CSRF_ENABLED"] = False
    signed = app.test_client()
    signed.post("/staff/sign-in", data={"email": "kim@example.test", "password": PASSWORD})
    return signed


@pytest.fixture
def shared(client):
    return re.search(r'key-sheet">([A-Z2-7]{32})<', client.get("/staff/account/second-step").text)[1]


def digits(shared, moment=NOON):
    return pyotp.TOTP(shared).at(moment)


def set_up(client, shared):
    chosen = {"digits": digits(shared, NOON - timedelta(seconds=30)), "password": PASSWORD}
    page = client.post("/staff/account/second-step", data=chosen).text
    return re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", page)


def password_step(client):
    client.delete_cookie("voimavara", path="/staff")
    return client.post("/staff/sign-in", data={"email": "kim@example.test", "password": PASSWORD})


def second(client, typed):
    return client.post("/staff/second-step", data={"digits": typed})


def test_the_password_alone_opens_nothing(client, shared):
    assert len(set_up(client, shared)) == 10
    assert password_step(client).location.startswith("/staff/second-step")
    assert client.get("/staff/").location.startswith("/staff/sign-in")
    assert second(client, "000000").status_code == 422
    assert client.get("/staff/").status_code == 302


def test_the_digits_open_the_wing_with_a_new_session(client, shared):
    set_up(client, shared)
    password_step(client)
    half = client.get_cookie("voimavara", path="/staff").value
    assert second(client, digits(shared)).location == "/staff/"
    assert client.get("/staff/").status_code == 200
    assert client.get_cookie("voimavara", path="/staff").value != half


def test_the_same_digits_work_once(client, shared):
    set_up(client, shared)
    password_step(client)
    assert second(client, digits(shared)).status_code == 302
    password_step(client)
    assert second(client, digits(shared)).status_code == 422


@pytest.mark.parametrize(("seconds", "step"), [(-60, None), (-30, -1), (0, 0), (30, 1), (60, None)])
def test_a_phone_may_be_half_a_minute_off(seconds, step):
    shared = vault.draw_secret()
    found = vault.matching_step(shared, digits(shared, NOON + timedelta(seconds=seconds)), now=NOON)
    assert found == (None if step is None else int(NOON.timestamp()) // 30 + step)


def test_a_recovery_word_works_once(client, shared):
    word = set_up(client, shared)[0]
    password_step(client)
    assert second(client, word.upper()).status_code == 302
    password_step(client)
    assert second(client, word).status_code == 422


def test_the_second_step_is_asked_in_the_language_that_was_chosen(client, shared):
    set_up(client, shared)
    asked = {"email": "kim@example.test", "password": PASSWORD}
    answer = client.post("/staff/sign-in?lang=sv", data=asked)
    assert "lang=sv" in answer.location and '<html lang="sv">' in client.get(answer.location).text


def test_guesses_of_the_second_step_are_slowed_down(client, shared):
    set_up(client, shared)
    password_step(client)
    for guess in range(authentication.FROM_ONE_ADDRESS_TO_ONE_ACCOUNT):
        second(client, f"{guess:06d}")
    assert "Too many attempts" in second(client, digits(shared)).text
    assert failures() == authentication.FROM_ONE_ADDRESS_TO_ONE_ACCOUNT


def failures():
    return [entry.event for entry in audit.entries(database.session())].count(AuditEvent.SIGN_IN_FAILED)


def test_setting_the_second_step_up_ends_every_other_session(app, client, shared, who):
    other = client_of(app, who)
    assert other.get("/staff/").status_code == 200
    set_up(client, shared)
    assert other.get("/staff/").status_code == 302
    assert client.get("/staff/").status_code == 200


def test_wrong_digits_put_nothing_to_use(client, shared, who):
    assert client.post("/staff/account/second-step", data={"digits": "000000", "password": PASSWORD}).status_code == 422
    assert not second_factor.is_enabled(database.session(), who.id)
    assert password_step(client).location == "/staff/"


def test_switching_off_needs_the_second_step(client, shared, who):
    set_up(client, shared)
    client.post("/staff/account/second-step/off", data={"digits": "000000"})
    assert second_factor.is_enabled(database.session(), who.id)
    client.post("/staff/account/second-step/off", data={"digits": digits(shared)})
    assert not second_factor.is_enabled(database.session(), who.id)


def test_guessing_digits_in_a_browser_left_open_is_slowed_down_and_recorded(client, shared, who, session):
    set_up(client, shared)
    for guess in range(authentication.FROM_ONE_ADDRESS_TO_ONE_ACCOUNT):
        client.post("/staff/account/second-step/off", data={"digits": f"{guess:06d}"})
    client.post("/staff/account/second-step/off", data={"digits": digits(shared)})
    assert second_factor.is_enabled(session, who.id)
    assert "Too many attempts" in client.get("/staff/account/").text
    assert failures() == authentication.FROM_ONE_ADDRESS_TO_ONE_ACCOUNT


def test_whoever_takes_the_second_step_often_is_not_held_up(client, shared):
    words = set_up(client, shared)
    for word in words[: authentication.FROM_ONE_ADDRESS_TO_ONE_ACCOUNT + 2]:
        password_step(client)
        assert second(client, word).status_code == 302


def test_guesses_elsewhere_hold_nobody_up_where_the_second_step_was_taken_lately(app, client, shared, who):
    words = set_up(client, shared)
    given = app.extensions["voimavara"]
    password_step(client)
    second(client, words[0])
    for number in range(authentication.TO_ONE_ACCOUNT + 5):
        with suppress(authentication.TooManyAttempts):
            attempt = authentication.second_step_attempt(who.id, f"10.0.0.{number}")
            authentication.count_attempt_or_refuse(database.session(), attempt, secret=given.secret, now=NOON)
    password_step(client)
    assert second(client, words[1]).status_code == 302


def test_an_administrator_switches_it_off_when_the_phone_is_lost(app, client, shared, who):
    set_up(client, shared)
    boss = signed_in(app, Grant(Role.ADMINISTRATOR), email="boss@example.test")
    assert "Switch the second step off" in boss.get(f"/staff/people/{who.id}").text
    boss.post(f"/staff/people/{who.id}/second-step/off")
    assert password_step(client).location == "/staff/"


def test_the_database_alone_gives_no_second_factor_away(client, shared, who):
    words = set_up(client, shared)
    connection = database.session().connection()
    rows = str(connection.exec_driver_sql("select * from second_factor").all())
    rows += str(connection.exec_driver_sql("select * from recovery_word").all())
    assert shared not in rows
    assert not any(word in rows or word.replace("-", "") in rows for word in words)


def test_a_half_signed_in_session_runs_out(client, shared, session, who):
    set_up(client, shared)
    password_step(client)
    word = client.get_cookie("voimavara", path="/staff").value
    assert authentication.account_awaiting_second_step(session, word, now=NOON)
    assert (
        authentication.account_awaiting_second_step(session, word, now=NOON + authentication.SECOND_STEP_WITHIN) is None
    )


def test_all_sessions_end_at_once(app, client, who):
    other = client_of(app, add_account(Grant(Role.COORDINATOR), email="b@example.test"))
    assert client.post("/staff/account/sessions/end").location == "/staff/sign-in"
    assert client.get("/staff/").status_code == 302
    assert other.get("/staff/").status_code == 200
