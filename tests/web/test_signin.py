from contextlib import suppress
from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent
from app.services import accounts as service
from app.services import authentication
from app.store import accounts, audit
from app.store.database import database
from tests.conftest import NOON
from tests.web.staff_client import add_account

PASSWORD = "a quiet forest path"


@pytest.fixture
def who(app):
    added = add_account(Grant(Role.COORDINATOR))
    service.set_password(database.session(), added.id, PASSWORD, by=None, now=NOON)
    database.session().commit()
    return added


@pytest.fixture
def client(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def post(client, password=PASSWORD, email="kim@example.test", **more):
    return client.post("/staff/sign-in", data={"email": email, "password": password}, **more)


def test_the_right_password_opens_the_wing(client, who):
    answer = post(client, email=" Kim@Example.test ")
    assert (answer.status_code, answer.location) == (302, "/staff/")
    assert client.get("/staff/").status_code == 200


def test_only_a_digest_of_the_cookie_is_kept(client, who):
    post(client)
    word = client.get_cookie("voimavara", path="/staff").value
    kept = database.session().connection().exec_driver_sql("select * from signed_in").one()
    assert word.encode() not in b"".join(str(value).encode() for value in kept)


@pytest.mark.parametrize(("email", "password"), [("kim@example.test", "wrong"), ("nobody@example.test", PASSWORD)])
def test_wrong_and_unknown_look_the_same(client, who, email, password):
    answer = post(client, password, email)
    assert answer.status_code == 422
    assert "The e-mail address or the password is wrong" in answer.text
    assert client.get_cookie("voimavara", path="/staff") is None


def test_a_closed_account_looks_like_an_unknown_one(client, who):
    service.close(database.session(), who.id, by=None, now=NOON)
    assert "or the password is wrong" in post(client).text


def test_an_unknown_account_is_checked_against_a_password_all_the_same(monkeypatch):
    checked = []
    monkeypatch.setattr(authentication, "password_matches", lambda kept, password: checked.append((kept, password)))
    with pytest.raises(authentication.SignInRefused):
        authentication.require_password_match(None, None, "x")
    assert checked == [(None, "x")]


def test_guesses_from_one_address_are_slowed_down_and_then_allowed_again(app, client, who):
    for _ in range(authentication.FROM_ONE_ADDRESS_TO_ONE_ACCOUNT):
        assert post(client, "wrong").status_code == 422
    assert post(client).status_code == 429
    attempt = authentication.SignInAttempt("kim@example.test", "127.0.0.1")
    authentication.count_attempt_or_refuse(database.session(), attempt, secret=b"s", now=NOON + authentication.WINDOW)


ELSEWHERE = {"environ_overrides": {"REMOTE_ADDR": "10.9.9.9"}}


def attack(app, *, addresses=(), times=1, email="kim@example.test"):
    """Guess from many addresses, each so many times."""
    for address in addresses:
        for _ in range(times):
            attempt = authentication.SignInAttempt(email, address)
            with suppress(authentication.TooManyAttempts):
                authentication.count_attempt_or_refuse(
                    database.session(), attempt, secret=app.extensions["voimavara"].secret, now=NOON
                )


def test_strangers_guesses_lock_the_owner_out_neither_of_the_own_browser_nor_of_the_usual_place(app, client, who):
    assert post(client).status_code == 302
    attack(app, addresses=[f"10.0.0.{n}" for n in range(authentication.TO_ONE_ACCOUNT + 5)])
    other = app.test_client()
    assert post(other, **ELSEWHERE).status_code == 429
    assert post(other).status_code == 302
    assert post(client, **ELSEWHERE).status_code == 302


def test_a_guesser_behind_the_same_address_does_not_lock_the_owner_out(app, client, who):
    """A pupil on the school's network guesses at the principal's account, and at everybody's."""
    assert post(client).status_code == 302
    attack(app, addresses=["127.0.0.1"], times=authentication.FROM_ONE_ADDRESS_TO_ONE_ACCOUNT + 5)
    attack(app, addresses=["127.0.0.1"], times=authentication.FROM_ONE_ADDRESS + 5, email="someone@example.test")
    assert post(app.test_client()).status_code == 429
    assert post(client).status_code == 302


def test_a_known_browser_is_slowed_down_by_its_own_guesses(app, client, who):
    post(client)
    for _ in range(authentication.FROM_ONE_ADDRESS_TO_ONE_ACCOUNT):
        assert post(client, "wrong").status_code == 422
    assert post(client).status_code == 429


@pytest.mark.parametrize("word", ["", ".", "20261124.x.00", "20261124..", "\u00e4.\u00e4"])
def test_a_made_up_word_makes_no_browser_known(word):
    assert not authentication.is_known_browser(
        authentication.SignInAttempt("kim@example.test", "", known=word), secret=b"s", now=NOON
    )


def test_the_word_of_a_browser_counts_for_one_address_and_ninety_days():
    word = authentication.known_browser_token("Kim@example.test", secret=b"s", now=NOON)

    def known(email="kim@example.test", *, secret=b"s", days=0):
        return authentication.is_known_browser(
            authentication.SignInAttempt(email, "", known=word), secret=secret, now=NOON + timedelta(days=days)
        )

    assert known() and known(days=89)
    assert not known("other@example.test") and not known(secret=b"t") and not known(days=91)


def test_a_one_time_code_lets_the_owner_in_from_a_new_place_in_the_middle_of_an_attack(app, client, who, session):
    attack(app, addresses=[f"10.0.0.{n}" for n in range(authentication.TO_ONE_ACCOUNT + 5)])
    assert post(client, **ELSEWHERE).status_code == 429
    code = service.unlink_and_create_password_code(session, who.id, now=NOON)
    chosen = {"code": code, "password": "another quiet path"}
    assert client.post("/staff/password", data=chosen, **ELSEWHERE).status_code == 302
    assert post(client, "another quiet path", **ELSEWHERE).status_code == 302


def test_strangers_who_try_codes_hold_up_nobody_who_has_one(app, client, who, session):
    wrong = {"code": "no code", "password": "another quiet path"}
    for number in range(authentication.TO_ONE_ACCOUNT + 5):
        strange = {"environ_overrides": {"REMOTE_ADDR": f"10.0.1.{number}"}}
        assert client.post("/staff/password", data=wrong, **strange).status_code == 422
    chosen = wrong | {"code": service.unlink_and_create_password_code(session, who.id, now=NOON)}
    assert client.post("/staff/password", data=chosen).status_code == 302


def test_a_whole_staff_room_sets_its_passwords_from_one_address(client, who, session):
    for _ in range(authentication.FROM_ONE_ADDRESS + 5):
        chosen = {
            "code": service.unlink_and_create_password_code(session, who.id, now=NOON),
            "password": "another quiet path",
        }
        assert client.post("/staff/password", data=chosen).status_code == 302


def test_trying_codes_from_one_address_is_slowed_down(client, who):
    wrong = {"code": "no code", "password": "another quiet path"}
    for _ in range(authentication.FROM_ONE_ADDRESS):
        client.post("/staff/password", data=wrong)
    assert "Too many attempts" in client.post("/staff/password", data=wrong).text


def test_guesses_from_one_address_at_many_accounts_are_slowed_down(app):
    def knock(number):
        authentication.count_attempt_or_refuse(
            database.session(),
            authentication.SignInAttempt(f"p{number}@example.test", "10.0.0.1"),
            secret=b"s",
            now=NOON,
        )

    for number in range(authentication.FROM_ONE_ADDRESS):
        knock(number)
    with pytest.raises(authentication.TooManyAttempts):
        knock(authentication.FROM_ONE_ADDRESS)


def test_attempts_are_kept_under_keyed_digests_alone(client, who):
    post(client, "wrong")
    rows = database.session().connection().exec_driver_sql("select * from sign_in_attempt").all()
    assert rows
    assert "127.0.0.1" not in str(rows)
    assert "kim" not in str(rows)


def test_a_session_ends_when_idle_and_in_any_case_after_half_a_day(session, who):
    attempt = authentication.SignInAttempt("kim@example.test", "127.0.0.1")
    word = authentication.create_login_session_after_password(session, who, attempt, PASSWORD, secret=b"s", now=NOON)
    assert authentication.resolve_session_token(session, word, now=NOON + authentication.IDLE - timedelta(seconds=1))
    assert authentication.resolve_session_token(session, word, now=NOON + authentication.IDLE) is None
    for hours in range(1, 24):
        authentication.update_session_last_seen(session, word, now=NOON + timedelta(minutes=30 * hours))
    assert authentication.resolve_session_token(
        session, word, now=NOON + authentication.ABSOLUTE - timedelta(minutes=1)
    )
    assert authentication.resolve_session_token(session, word, now=NOON + authentication.ABSOLUTE) is None


def test_signing_out_ends_the_session_on_the_server(client, who):
    post(client)
    word = client.get_cookie("voimavara", path="/staff").value
    assert client.post("/staff/sign-out").location == "/staff/sign-in"
    client.set_cookie("voimavara", word, path="/staff")
    assert client.get("/staff/").status_code == 302


def test_each_sign_in_has_a_session_of_its_own(client, who):
    post(client)
    first = client.get_cookie("voimavara", path="/staff").value
    post(client)
    assert client.get_cookie("voimavara", path="/staff").value != first


def test_a_new_password_ends_every_session(client, who):
    post(client)
    service.set_password(database.session(), who.id, "another quiet path", by=who.id, now=NOON)
    assert client.get("/staff/").status_code == 302


def test_a_one_time_code_sets_a_password_once(client, session):
    added = add_account(Grant(Role.COORDINATOR))
    code = service.unlink_and_create_password_code(session, added.id, now=NOON)
    assert client.post("/staff/password", data={"code": code, "password": PASSWORD}).status_code == 302
    assert post(client).status_code == 302
    again = client.post("/staff/password", data={"code": code, "password": "some other sentence"})
    assert again.status_code == 422
    assert "has been used" in again.text


@pytest.mark.parametrize(
    "password",
    ["short", "aaaaaaaaaaaaaa", "1234567890123", "x" * 257, "Salasana12345", "Voimavara2027!", "kim.demo kim.demo"],
)
def test_a_poor_password_is_refused_and_the_code_is_not_used_up(client, session, password):
    added = add_account(Grant(Role.COORDINATOR))
    code = service.unlink_and_create_password_code(session, added.id, now=NOON)
    assert client.post("/staff/password", data={"code": code, "password": password}).status_code == 422
    assert client.post("/staff/password", data={"code": code, "password": PASSWORD}).status_code == 302


def test_an_old_code_sets_nothing(session, app):
    added = add_account(Grant(Role.COORDINATOR))
    code = service.unlink_and_create_password_code(session, added.id, now=NOON - service.LINK_LASTS)
    with pytest.raises(service.AccountError):
        service.set_password_with_code(session, code, PASSWORD, now=NOON)
    assert accounts.password_hash(session, added.id) is None


def test_signing_in_and_failing_are_in_the_audit_log(client, who):
    post(client, "wrong")
    post(client)
    deeds = [entry.event for entry in audit.entries(database.session())]
    assert deeds[:2] == [AuditEvent.SIGNED_IN, AuditEvent.SIGN_IN_FAILED]


def test_what_has_run_out_is_swept_and_the_rest_stays(client, who, session):
    post(client, "wrong")
    post(client)
    code = service.unlink_and_create_password_code(session, who.id, now=NOON)
    tables = ("signed_in", "sign_in_attempt", "one_time_link")

    def rows():
        return [session.connection().exec_driver_sql(f"select count(*) from {one}").scalar() for one in tables]

    authentication.delete_expired(session, now=NOON)
    assert code
    assert all(rows())
    authentication.delete_expired(session, now=NOON + authentication.FAMILIAR_FOR)
    assert rows() == [0, 0, 0]


@pytest.mark.parametrize("asked", ["sv", "fi"])
def test_the_language_chosen_before_signing_in_goes_on(client, who, asked):
    page = client.get(f"/staff/sign-in?lang={asked}").text
    assert f'href="/staff/password?lang={asked}"' in page
    wrong = client.post(f"/staff/sign-in?lang={asked}", data={"email": "kim@example.test", "password": "x"})
    assert f'<html lang="{asked}">' in wrong.text
    assert f'href="/staff/sign-in?lang={asked}"' in client.get(f"/staff/password?lang={asked}").text
    assert post(client).location == "/staff/"  # signed in, the account has a language of its own


def test_a_language_that_there_is_not_is_not_carried_on(client):
    assert 'href="/staff/password"' in client.get("/staff/sign-in?lang=x").text
