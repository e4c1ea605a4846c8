"""One's own sessions, password and second step; and a community that changes hands."""

import re

import pytest

from app.core.accounts import DeviceKind, Grant, LoginSession, Role, SignInMethod, device_from_user_agent
from app.core.audit import AuditEvent, AuditFilter
from app.services import accounts as service
from app.services import authentication
from app.store import accounts, audit, second_factor
from app.store import login_sessions as store
from app.store.database import database
from app.vault.tokens import digest_token
from tests.conftest import NOON
from tests.web.page_checks import audit as faults_of
from tests.web.staff_client import add_account, client_of, signed_in

PASSWORD = "a quiet forest path"
NEXT = "an even quieter lake shore"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 MarkedBrowser/9"


@pytest.fixture
def who(app):
    added = add_account(Grant(Role.PRINCIPAL, "m1", "c1"))
    service.set_password(database.session(), added.id, PASSWORD, by=None, now=NOON)
    database.session().commit()
    return added


@pytest.fixture
def sign_in(app, who):
    app.config["WTF_CSRF_ENABLED"] = False

    def signed(agent="Mozilla/5.0 (X11; Linux x86_64)"):
        client = app.test_client()
        client.environ_base["HTTP_USER_AGENT"] = agent
        client.post("/staff/sign-in", data={"email": who.email, "password": PASSWORD})
        return client

    return signed


def is_in(client):
    return client.get("/staff/").status_code == 200


def handles(page):
    return re.findall(r'name="handle" value="([0-9a-f]{16})"', page.text)


def test_the_page_lists_ones_sessions_by_kind_of_device_and_nothing_finer(sign_in, session):
    desk = sign_in()
    phone = sign_in(PHONE)
    page = phone.get("/staff/account/")
    assert not faults_of(page)
    assert "Phone" in page.text and "Computer" in page.text
    assert "used in the last quarter of an hour" in page.text
    assert not re.search(r"\d\d:\d\d", page.text)
    kept = str(session.connection().exec_driver_sql("select * from signed_in").all())
    assert "MarkedBrowser" not in kept and "iPhone" not in kept and "127.0.0.1" not in kept
    assert is_in(desk)


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (PHONE, DeviceKind.PHONE),
        ("Mozilla/5.0 (Linux; Android 15; SM-X810)", DeviceKind.TABLET),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", DeviceKind.COMPUTER),
        ("", DeviceKind.OTHER),
    ],
)
def test_a_device_is_known_by_its_kind(agent, kind):
    assert device_from_user_agent(agent) is kind


def test_one_session_is_ended_and_the_others_go_on(sign_in):
    desk = sign_in()
    phone = sign_in(PHONE)
    tablet = sign_in("Android")
    others = handles(desk.get("/staff/account/"))
    assert len(others) == 2
    assert desk.post("/staff/account/sessions/end", data={"handle": others[0]}).location == "/staff/account/"
    assert [is_in(one) for one in (desk, phone, tablet)].count(True) == 2
    assert is_in(desk)


def test_nobody_ends_the_session_of_another(app, sign_in, session):
    mine = sign_in()
    stranger = client_of(app, add_account(Grant(Role.PRINCIPAL, "m1", "c2"), email="b@example.test"))
    (visit,) = authentication.account_sessions(
        session, accounts.find_account_by_email(session, "kim@example.test").id, now=NOON
    )
    stranger.post("/staff/account/sessions/end", data={"handle": visit.handle})
    assert is_in(mine) and is_in(stranger)


def test_the_name_of_a_session_opens_nothing(app, sign_in):
    desk = sign_in()
    sign_in(PHONE)
    (handle,) = handles(desk.get("/staff/account/"))
    thief = app.test_client()
    thief.set_cookie("voimavara", handle, path="/staff")
    assert not is_in(thief)


def test_an_administrator_sees_and_ends_the_sessions_of_another(app, sign_in, who, session):
    boss = signed_in(app, Grant(Role.ADMINISTRATOR), email="boss@example.test")
    desk = sign_in()
    phone = sign_in(PHONE)
    page = boss.get(f"/staff/people/{who.id}")
    assert not faults_of(page)
    assert len(handles(page)) == 2
    boss.post(f"/staff/people/{who.id}/sessions/end", data={"handle": handles(page)[0]})
    assert [is_in(desk), is_in(phone)].count(True) == 1
    boss.post(f"/staff/people/{who.id}/sessions/end")
    assert not is_in(desk) and not is_in(phone)
    assert is_in(boss)
    told = [one.subject for one in audit.entries(session, AuditFilter(event=AuditEvent.ACCOUNT_CHANGED), limit=2)]
    assert told == [f"account:{who.id}", f"account:{who.id} session ended"]


def test_sessions_that_ran_out_are_not_listed(session, who):
    begun = {
        "old": (NOON - authentication.ABSOLUTE, NOON),
        "idle": (NOON - authentication.IDLE, NOON - authentication.IDLE),
        "good": (NOON, NOON),
    }
    for word, (began, seen) in begun.items():
        store.add_session(
            session, digest_token(word), LoginSession("", who.id, DeviceKind.OTHER, SignInMethod.PASSWORD, began, seen)
        )
    (left,) = authentication.account_sessions(session, who.id, now=NOON)
    assert left.handle == store.handle_of(digest_token("good"))


def change(client, old=PASSWORD, new=NEXT):
    return client.post("/staff/account/password", data={"password": old, "new": new})


def test_a_new_password_needs_the_old_one_ends_the_other_sessions_and_renews_this_one(sign_in, who):
    desk = sign_in()
    phone = sign_in(PHONE)
    assert not faults_of(desk.get("/staff/account/password"))
    before = desk.get_cookie("voimavara", path="/staff").value
    assert change(desk, old="something else").status_code == 422
    assert is_in(phone)
    assert change(desk).location == "/staff/account/"
    assert is_in(desk) and not is_in(phone)
    assert desk.get_cookie("voimavara", path="/staff").value != before
    assert service.password_matches_or_unset(database.session(), who.id, NEXT)


@pytest.mark.parametrize("new", ["short", "kim demo kim", "Salasana2027!", "x" * 300, ""])
def test_a_poor_new_password_changes_nothing(sign_in, who, new):
    desk = sign_in()
    assert change(desk, new=new).status_code == 422
    assert service.password_matches_or_unset(database.session(), who.id, PASSWORD)


def test_guessing_the_old_password_in_a_browser_left_open_is_slowed_down_and_recorded(sign_in, session):
    desk = sign_in()
    for _ in range(authentication.FROM_ONE_ADDRESS_TO_ONE_ACCOUNT):
        change(desk, old="wrong")
    assert "Too many attempts" in change(desk).text
    deeds = [one.event for one in audit.entries(session)]
    assert deeds.count(AuditEvent.SIGN_IN_FAILED) == authentication.FROM_ONE_ADDRESS_TO_ONE_ACCOUNT


def test_the_second_step_is_not_set_up_without_the_password(sign_in, who):
    desk = sign_in()
    desk.get("/staff/account/second-step")
    answer = desk.post("/staff/account/second-step", data={"digits": "123456", "password": "wrong"})
    assert "This is not your password" in answer.text


@pytest.mark.parametrize("change", ["grant", "revoke", "second step off", "close", "password"])
def test_whatever_changes_the_rights_ends_the_sessions(sign_in, who, session, change):
    desk = sign_in()
    deeds = {
        "grant": lambda: service.grant_role(session, who.id, Grant(Role.TRUSTEE), by=None, now=NOON),
        "revoke": lambda: service.revoke_role(session, who.id, who.grants[0], by=None, now=NOON),
        "second step off": lambda: _switch_off(session, who),
        "close": lambda: service.close(session, who.id, by=None, now=NOON),
        "password": lambda: service.set_password(session, who.id, NEXT, by=None, now=NOON),
    }
    assert is_in(desk)
    deeds[change]()
    assert not is_in(desk)


def _switch_off(session, who):
    from app.services import second_factor as factor  # noqa: PLC0415 - its name is taken by the store's

    factor.disable(session, who.id, by=None, now=NOON)


def test_a_role_that_is_given_leaves_the_invitation_that_waits_good(session, who):
    code = service.unlink_and_create_password_code(session, who.id, now=NOON)
    assert not service.grant_role(session, who.id, Grant(Role.TRUSTEE, "m1"), by=None, now=NOON)
    assert service.set_password_with_code(session, code, NEXT, now=NOON).id == who.id


def test_where_the_second_step_is_required_nothing_else_opens_before_it(app, sign_in, who, monkeypatch):
    door = app.extensions["voimavara"]
    settings = type(door.settings)(instance=door.settings.instance, second_step_required=True, default_language="en")
    app.extensions["voimavara"] = type(door)(settings=settings, clock=door.clock, secret=door.secret)
    desk = sign_in()
    for path in ("/staff/", "/staff/results/", "/staff/followup/"):
        assert desk.get(path).location == "/staff/account/second-step", path
    assert "requires it before it shows anything else" in desk.get("/staff/account/").text
    monkeypatch.setattr(second_factor, "sealed_secret", lambda *_args, confirmed: b"x" if confirmed else None)
    assert is_in(desk)


def test_a_sentence_of_small_letters_is_as_good_as_any():
    for password in ("a quiet forest path", "83920174651029384", "ПРИВЕТ осенний лес", "ÄÄKKÖSIÄ JA YÖTYÖTÄ"):
        service.require_strong(password)


def test_a_password_counts_as_it_was_typed(session, who):
    long = "Pitkä lause, jossa on yli kuusikymmentäneljä merkkiä ja lopussa väli " + "x1" * 30
    service.set_password(session, who.id, f" {long} ", by=None, now=NOON)
    assert service.password_matches_or_unset(session, who.id, f" {long} ")
    for other in (long, f" {long.upper()} ", f" {long}"[:72]):
        assert not service.password_matches_or_unset(session, who.id, other)


def test_a_new_password_by_code_leaves_the_second_step_on(session, who):
    second_factor.store_unconfirmed_secret(session, who.id, b"sealed")
    second_factor.activate_with_recovery_words(session, who.id, [], now=NOON)
    code = service.unlink_and_create_password_code(session, who.id, now=NOON)
    service.set_password_with_code(session, code, NEXT, now=NOON)
    assert second_factor.sealed_secret(session, who.id, confirmed=True)


def test_signing_in_again_ends_the_session_before(app, sign_in, who):
    desk = sign_in()
    before = desk.get_cookie("voimavara", path="/staff").value
    desk.post("/staff/sign-in", data={"email": who.email, "password": PASSWORD})
    old = app.test_client()
    old.set_cookie("voimavara", before, path="/staff")
    assert is_in(desk) and not is_in(old)
