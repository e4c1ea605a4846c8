import pytest
from flask import Blueprint

from app.core.accounts import ROLE_PERMISSIONS, Grant, Permission, Role
from app.store import accounts, login_sessions
from app.store.database import database
from app.web.shared import access
from app.web.staff import blueprints
from tests.web.staff_client import add_account, client_of, signed_in

OPEN_TO_ALL = {
    "signin.sign_in", "signin.second_step", "signin.set_password_with_code",
    "single_signon.start", "single_signon.callback",
}  # fmt: skip


def staff_rules(app):
    names = {room.name for room in blueprints.BLUEPRINTS}
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in names]


def path_of(app, rule):
    first = {name: next(iter(getattr(one, "items", ["1"]))) for name, one in rule._converters.items()}
    return app.url_map.bind("").build(rule.endpoint, first)


def test_every_staff_route_has_a_permission_and_only_signing_in_is_open(app):
    marks = {rule.endpoint: access.permission_of(app, rule.endpoint) for rule in staff_rules(app)}
    assert {endpoint for endpoint, mark in marks.items() if mark is None} == OPEN_TO_ALL
    assert all(mark in set(Permission) for endpoint, mark in marks.items() if endpoint not in OPEN_TO_ALL)


@pytest.mark.parametrize("path", ["/staff/bare", "/elsewhere"])
def test_a_route_without_a_permission_or_outside_the_wing_stops_the_start(app, path):
    room = Blueprint("bare", "bare")
    view = (lambda: "open") if path == "/staff/bare" else access.requires(Permission.SEE_OWN_PAGE)(lambda: "open")
    room.add_url_rule(path, "page", view)
    app.register_blueprint(room)
    with pytest.raises(access.UnguardedRoute, match=r"bare\.page"):
        access.install_access_control(app, [room])


def test_nobody_sees_a_staff_page_without_signing_in(app):
    client = app.test_client()
    for rule in staff_rules(app):
        if rule.endpoint in OPEN_TO_ALL or "GET" not in rule.methods:
            continue
        path = path_of(app, rule)
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.location.startswith("/staff/sign-in"), path


@pytest.mark.parametrize("role", list(Role))
def test_each_page_opens_to_the_roles_of_the_table_and_to_no_other(app, role):
    client = signed_in(app, Grant(role))
    for rule in staff_rules(app):
        needed = access.permission_of(app, rule.endpoint)
        if needed is None or needed in ROLE_PERMISSIONS[role]:
            continue
        path = path_of(app, rule)
        method = "POST" if "POST" in rule.methods else "GET"
        assert client.open(path, method=method).status_code == 403, (role, path)


def test_a_post_without_the_form_guard_is_refused(app):
    client = signed_in(app, Grant(Role.COORDINATOR))
    client.environ_base.pop("HTTP_X_CSRFTOKEN")
    assert client.post("/staff/language", data={"language": "sv"}).status_code == 400
    assert accounts.accounts(database.session())[0].language == "en"


def test_a_post_from_another_site_is_refused_even_with_the_guard(app):
    client = signed_in(app, Grant(Role.COORDINATOR))
    answer = client.post("/staff/language", data={"language": "sv"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/staff/sign-in", {"email": "a\0b@example.test", "password": "a quiet forest path"}),
        ("/staff/language?next=%00", {"language": "sv"}),
        ("/staff/catalogue/course/%00", {}),
        ("/staff/organisations/support/%00", {}),
        ("/staff/questionnaires/keys/%00/remove", {}),
    ],
)
def test_the_sign_that_no_text_holds_is_refused_before_a_database_is_asked(app, path, fields):
    client = signed_in(app, Grant(Role.COORDINATOR))
    assert client.post(path, data=fields).status_code == 400


def test_a_file_whose_name_holds_that_sign_is_refused(app):
    client = signed_in(app, Grant(Role.COORDINATOR))
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\0b.csv"\r\nContent-Type: text/csv\r\n\r\n'
    answer = client.post(
        "/staff/catalogue/import", data=head + b"y\r\n--x--\r\n", content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 400


def test_the_account_chooses_its_language(app):
    client = signed_in(app, Grant(Role.COORDINATOR))
    assert client.post("/staff/language", data={"language": "sv", "next": "/staff/"}).location == "/staff/"
    assert '<html lang="sv"' in client.get("/staff/").text


OUTSIDE = (
    "//evil.test/staff/",
    "https://evil.test",
    "/staff/\\evil",
    "/answer",
    "/staff//x",
    "/staff/../../x",
    "/staff/..",
    "/staff/./x",
    "/staff/rounds/../../fi/",
    "/staff/%2e%2e/x",
    "/staff/%2E./x",
    "/staff/.%2e/x",
    "/staff/%252e%252e/x",
    "/staff/%25252525252525252e%25252525252525252e/x",
    "/staff/..%2fx",
    "/staff/..;a=b/x",
    "/staff/.. ",
    "/staff/%5c..%5c/x",
    "/staff/%5cevil.test",
    "/staff/.\t./x",
    "/staff/.\n./x",
    "/staff/%09../x",
    "/staff/x\x00",
    "/staff/%2f%2fevil.test",
    "/staff\u2028/",
    "/staff/?q=//evil.test",
    "/staff/?q=\\evil",
    "/staff/?q=a\nb",
    "/Staff/",
    "",
    None,
)
INSIDE = (
    "/staff/",
    "/staff/rounds/1",
    "/staff/catalogue/?q=a%2Fb&dimension=demands#first",
    "/staff/results/1/community/a.b-c_d",
    "/staff/catalogue/?q=..",
    "/staff/trail/?from=2026-01-01&to=2026-02-01",
)


@pytest.mark.parametrize("target", OUTSIDE)
def test_the_way_back_never_leaves_the_wing(app, target):
    with app.test_request_context("/staff/"):
        assert access.safe_next_url(target) == "/staff/"


@pytest.mark.parametrize("target", INSIDE)
def test_the_way_back_leads_to_every_page_of_the_wing(app, target):
    with app.test_request_context("/staff/"):
        assert access.safe_next_url(target) == target


@pytest.mark.parametrize("target", ["/staff/../../x", "/staff/%2e%2e/x", "/staff/.\t./x"])
def test_no_form_sends_anybody_out_of_the_wing(app, target):
    client = signed_in(app, Grant(Role.COORDINATOR))
    assert client.post("/staff/language", data={"language": "sv", "next": target}).location == "/staff/"


def test_an_ended_session_opens_nothing(app):
    who = add_account(Grant(Role.COORDINATOR))
    client = client_of(app, who)
    assert client.get("/staff/").status_code == 200
    login_sessions.delete_account_sessions_and_links(database.session(), who.id)
    assert client.get("/staff/").status_code == 302


def test_a_closed_account_opens_nothing(app):
    who = add_account(Grant(Role.COORDINATOR))
    client = client_of(app, who)
    accounts.set_closed(database.session(), who.id, who and app.extensions["voimavara"].clock())
    assert client.get("/staff/").status_code == 302


def test_the_cookies_of_the_wing_never_reach_the_answering_pages(app):
    client = app.test_client()
    answer = client.get("/staff/sign-in")
    assert "Path=/staff" in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


def test_a_role_at_one_place_is_nothing_elsewhere(app):
    who = add_account(Grant(Role.PRINCIPAL, "m1", "c1"))
    with app.test_request_context("/staff/"):
        access.g.account = who
        access.require_permission_at(Permission.READ_COMMUNITY, municipality="m1", community="c1")
        assert not access.has_permission_at(Permission.READ_COMMUNITY, municipality="m1", community="c2")
        assert not access.has_permission_at(Permission.READ_COMMUNITY, municipality="m1")
        assert not access.has_permission_at(Permission.READ_COMMUNITY)
