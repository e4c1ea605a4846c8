"""The audit log is complete: no staff route changes, reads results or takes a file away without an entry."""

from datetime import timedelta

import pytest
from flask import Response, render_template

from app.core.accounts import ROLE_PERMISSIONS, AccountId, Grant, Permission, Role
from app.core.audit import CHANGE_EVENTS, READ_EVENTS, AuditEntry, AuditEvent, AuditFilter
from app.core.languages import Language
from app.services import accounts as service
from app.services import audit as audit_service
from app.store import audit
from app.store.database import database, write_session
from app.web.shared import access, audit_hooks
from app.web.shared.errors import OTHER
from tests.conftest import NOON
from tests.exports import records
from tests.publications import made, store
from tests.web.open_round import begin, to_check
from tests.web.page_checks import audit as faults_of
from tests.web.staff_client import add_account, client_of, signed_in
from tests.web.test_access import OPEN_TO_ALL, path_of, staff_rules

OF_NO_RESULTS = {"tokens"}  # one's own programs; what these read is recorded where they read it
EVERY_ROLE = tuple(Grant(role) for role in Role)


def a_page():
    """Render any page that is without fault."""
    return render_template("shared/error.html", error=OTHER)


def entries(**asked):
    return audit.entries(database.session(), AuditFilter(**asked), limit=None)


def forget_all(session):
    audit.delete_before(session, NOON + timedelta(days=1))
    session.commit()


@pytest.fixture
def everyone(app):
    """Somebody with every role, so that no page is closed."""
    return signed_in(app, *EVERY_ROLE)


def put_in_place(app, rule, view):
    """Let a probe stand where a page stands, behind the same permission."""
    setattr(view, access._MARK, getattr(app.view_functions[rule.endpoint], access._MARK))
    app.view_functions[rule.endpoint] = view


def of_the_wing(app, *, changing):
    for rule in staff_rules(app):
        if rule.endpoint not in OPEN_TO_ALL and (("POST" in rule.methods) if changing else ("GET" in rule.methods)):
            yield rule, access.permission_of(app, rule.endpoint)


def change_something(**_where):
    who = access.current_account()
    language = Language.SV if who.language == "fi" else Language.FI
    with write_session() as session:
        service.choose_language(session, who.id, language)
    return a_page()


def test_whatever_a_staff_route_changes_makes_an_entry_in_the_same_transaction(app, everyone, session):
    walked = 0
    for rule, needed in of_the_wing(app, changing=True):
        put_in_place(app, rule, change_something)
        forget_all(session)
        assert everyone.post(path_of(app, rule)).status_code == 200, rule
        (entry,) = entries()
        assert (entry.event, entry.account) == (CHANGE_EVENTS[needed], 1), rule
        walked += 1
    assert walked > 50


def test_a_change_that_fails_leaves_no_entry_and_an_entry_that_fails_no_change(app, everyone, session):
    def fail(**_where):
        with write_session() as store:
            service.choose_language(store, access.current_account().id, Language.SV)
            store.flush()
            raise ValueError

    rule = next(rule for rule in staff_rules(app) if rule.endpoint == "home.choose_language")
    put_in_place(app, rule, fail)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    assert everyone.post("/staff/language").status_code == 500
    assert entries() == ()
    session.commit()  # else the table could not be dropped
    audit.AuditEntryRow.__table__.drop(database.engine)
    put_in_place(app, rule, change_something)
    assert everyone.post("/staff/language").status_code == 500
    assert service.find_account(session, AccountId(1)).language == "en"


@pytest.mark.parametrize("mimetype", ["text/html", "text/csv", "application/pdf"])
def test_whoever_reads_results_or_takes_a_file_away_is_noted_on_every_route(app, everyone, session, mimetype):
    walked = 0
    for rule, needed in of_the_wing(app, changing=False):
        body = a_page if mimetype == "text/html" else lambda: "found"
        put_in_place(app, rule, lambda body=body, **_where: Response(body(), mimetype=mimetype))
        forget_all(session)
        assert everyone.get(path_of(app, rule)).status_code == 200, rule
        read, taken = READ_EVENTS.get(needed, (None, AuditEvent.FILE_EXPORTED))
        tells = rule.endpoint.partition(".")[0] not in OF_NO_RESULTS
        wanted = (read if tells else None) if mimetype == "text/html" else taken
        assert [one.event for one in entries()] == ([] if wanted is None else [wanted]), rule
        walked += wanted is not None
    assert walked > 30


def test_every_permission_says_what_doing_and_reading_is_called():
    assert set(CHANGE_EVENTS) == set(Permission)
    tell_of_no_results = {
        *("see_own_page", "plan_round", "open_round", "count_round", "issue_codes", "edit_catalogue"),
        *("read_catalogue", "answer_inbox", "edit_organisations", "edit_accounts"),
    }
    assert set(Permission) - set(READ_EVENTS) == tell_of_no_results


def test_an_answer_does_not_leave_where_the_audit_log_cannot_be_written(app, everyone, session):
    publication = made(1)
    store(session, publication)
    audit.AuditEntryRow.__table__.drop(database.engine)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    answer = everyone.get(f"/staff/results/{publication.round}/community/pine")
    assert answer.status_code == 500
    assert "Pine" not in answer.text


def test_a_refused_page_is_noted(app):
    client = signed_in(app, Grant(Role.TRUSTEE))
    assert client.get("/staff/trail/").status_code == 403
    (entry,) = entries()
    assert (entry.event, entry.subject) == (AuditEvent.ACCESS_REFUSED, "audit.index")


def test_real_pages_and_files_are_noted_by_what_they_show(app, session):
    found = store(session, made(1))
    client = signed_in(app, Grant(Role.COORDINATOR))
    root = f"/staff/results/{found.round}"
    south = found.region.municipalities[0].id
    for path in ("", "/community/pine", "/community/pine/dimensions-wide.svg", f"/area/municipality/{south}"):
        assert client.get(root + path).status_code == 200, path
    client.get(f"{root}/community/pine/figures.csv")
    told = [(one.event, one.subject) for one in reversed(entries())]
    number = f"round:{found.round}"
    assert told == [
        (AuditEvent.RESULTS_READ, number),
        (AuditEvent.RESULTS_READ, f"{number} unit:pine"),  # its picture is the same reading
        (AuditEvent.RESULTS_READ, f"{number} municipality:{south}"),
        (AuditEvent.RESULTS_EXPORTED, f"{number}-pine"),
    ]


def test_a_reading_is_noted_once_an_hour_and_each_export_every_time(session, app):
    add_account()
    entry = AuditEntry(NOON, AccountId(1), AuditEvent.RESULTS_READ, "round:1")
    audit_service.record_entry(session, entry)
    later = AuditEntry(NOON + timedelta(minutes=59), AccountId(1), AuditEvent.RESULTS_READ, "round:1")
    assert audit_service.is_recently_recorded(session, later)
    assert not audit_service.is_recently_recorded(session, AuditEntry(NOON + timedelta(hours=1), *_rest(entry)))
    assert not audit_service.is_recently_recorded(
        session, AuditEntry(NOON, AccountId(1), AuditEvent.RESULTS_READ, "round:2")
    )
    found = store(session, made(1))
    client = signed_in(app, *EVERY_ROLE, email="b@example.test")
    for _ in range(3):
        client.get(f"/staff/results/{found.round}/figures.csv")
    assert len(entries(event=AuditEvent.RESULTS_EXPORTED)) == 3


def _rest(entry):
    return entry.account, entry.event, entry.subject


def test_answering_never_makes_an_entry(app, session, code, visitor):
    before = entries()
    begin(visitor, code)
    to_check(visitor)
    visitor.press("Send my answers")
    assert entries() == before


def test_no_route_outside_the_wing_makes_an_entry_even_for_somebody_who_is_signed_in(app, everyone, asked, session):
    wing = {rule.endpoint for rule in staff_rules(app)}
    before = entries()
    walked = 0
    cookie = everyone.get_cookie("voimavara", path="/staff").value
    headers = {"Cookie": f"voimavara={cookie}"}  # as if a browser sent it beyond its path
    for rule in app.url_map.iter_rules():
        if rule.endpoint in wing:
            continue
        for method in rule.methods & {"GET", "POST"}:
            client = app.test_client(use_cookies=False)
            answer = client.open(path_of(app, rule), method=method, headers=headers, data={"code": "ACDE-FGHJ"})
            assert answer.status_code < 500 or rule.endpoint == "ready", rule  # no migration ran here
            walked += 1
    assert entries() == before
    assert walked > 25


def test_the_guard_knows_nothing_of_respondents(app):
    """The hooks that write entries hang on the rooms of the wing alone, not on the application."""
    hooked = {name for name, hooks in app.after_request_funcs.items() if audit_hooks.record_read_or_refusal in hooks}
    rooms = {rule.endpoint.partition(".")[0] for rule in staff_rules(app)}
    assert hooked == rooms
    assert None not in hooked


def fill(session, *, times=120):
    for number in range(times):
        event = AuditEvent.RESULTS_READ if number % 2 else AuditEvent.ACCOUNT_CHANGED
        audit.add(
            session, AuditEntry(NOON - timedelta(hours=number), AccountId(1 + number % 2), event, f"round:{number}")
        )
    session.commit()


@pytest.fixture
def filled(app, session):
    boss = add_account(Grant(Role.ADMINISTRATOR), name="Bo Demo")
    add_account(Grant(Role.COORDINATOR), email="b@example.test", name="=cmd|' /C calc'!A0")
    fill(session)
    return client_of(app, boss)


def rows(page):
    return page.text.count('<tr role="row"><td')


def test_the_page_goes_through_the_whole_trail_in_parts(filled):
    first = filled.get("/staff/trail/")
    assert not faults_of(first)
    assert (rows(first), "Next" in first.text, "Previous" in first.text) == (50, True, False)
    last = filled.get("/staff/trail/?page=3")
    assert "Next" not in last.text
    assert rows(last) in (20, 21)  # the reading itself is in it
    assert rows(filled.get("/staff/trail/?page=99")) == 0


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"deed": "results_read"}, 50),
        ({"who": "2"}, 50),
        ({"first": "2026-11-24"}, 15),
        ({"first": "2026-11-23", "last": "2026-11-23"}, 24),
        ({"deed": "results_read", "who": "1"}, 0),
        ({"who": "9" * 20}, 0),
        ({"page": "9" * 20}, 0),
        ({"last": "9999-12-31"}, 50),
        ({"deed": "no such deed", "who": "x", "first": "2026-13-01", "last": "99999999999"}, 50),
    ],
)
def test_the_page_is_narrowed_by_event_person_and_days(filled, asked, number):
    page = filled.get("/staff/trail/", query_string=asked)
    assert page.status_code == 200
    assert rows(page) == number


def test_the_file_has_the_whole_of_what_is_asked_for_and_no_formula(filled):
    answer = filled.get("/staff/trail/trail.csv?who=2")
    lines = records(answer.data)
    assert len(lines) == 60
    assert {line["name"] for line in lines} == {"'=cmd|' /C calc'!A0"}
    assert lines[0]["at"] == "2026-11-24T11:00:00+00:00"
    assert entries(event=AuditEvent.TRAIL_EXPORTED)[0].account == 1
    assert filled.get("/staff/trail/").status_code == 200
    assert entries(event=AuditEvent.TRAIL_READ)


def test_only_an_administrator_of_the_whole_region_reads_the_trail(app):
    for role in Role:
        client = signed_in(app, Grant(role), email=f"{role}@example.test")
        wanted = 200 if Permission.READ_AUDIT in ROLE_PERMISSIONS[role] else 403
        assert client.get("/staff/trail/").status_code == wanted
        assert client.get("/staff/trail/trail.csv").status_code == wanted
    local = signed_in(app, Grant(Role.ADMINISTRATOR, "m1"), email="local@example.test")
    assert {local.get(f"/staff/trail/{one}").status_code for one in ("", "trail.csv")} == {403}


def test_an_entry_outlives_its_account(session, app):
    who = add_account()
    audit.add(session, AuditEntry(NOON, who.id, AuditEvent.ROUND_RELEASED, "round:1"))
    service.close(session, who.id, by=None, now=NOON)
    assert entries(event=AuditEvent.ROUND_RELEASED)[0].account == who.id
