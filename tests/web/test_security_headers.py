"""What every answer says to browsers, and how much a request may bring."""

import pytest

from app.config import ROOT, load_settings
from app.core.accounts import Grant, Role
from app.factory import create_app
from app.store.database import database
from app.web.shared import access
from tests.conftest import NOON, Client
from tests.web.staff_client import signed_in


@pytest.fixture
def encrypted(tmp_path, database_url):
    chosen = {"base_url": "https://survey.example", "secure_cookies": True, "default_language": "en"}
    app = create_app(
        load_settings({}, instance=tmp_path / "instance", database_url=database_url, **chosen), clock=lambda: NOON
    )
    app.test_client_class = Client
    with app.app_context():
        yield app
        database.session.remove()
        database.engine.dispose()


@pytest.mark.parametrize("path", ["/en/", "/staff/sign-in", "/nothing", "/static/voimavara.css", "/healthz"])
def test_where_it_is_served_encrypted_browsers_are_told_to_insist(encrypted, app, path):
    with encrypted.test_client().get(path) as answer, app.test_client().get(path) as plain:
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
        assert "Strict-Transport-Security" not in plain.headers


def test_where_it_is_served_encrypted_cookies_are_secure_and_called_so(encrypted):
    cookies = encrypted.test_client().get("/staff/sign-in").headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Secure-")
        assert "; Secure" in cookie and "Path=/staff" in cookie


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH"])
def test_a_method_that_no_page_has_is_refused(app, method):
    assert {app.test_client().open(path, method=method).status_code for path in ("/en/", "/staff/sign-in")} == {405}


def test_a_staff_request_is_bounded_too(app):
    client = signed_in(app, Grant(Role.COORDINATOR))
    big = b"file=" + b"x" * access.LARGEST_REQUEST
    kind = "application/x-www-form-urlencoded"
    assert client.post("/staff/catalogue/import", data=big, content_type=kind).status_code == 413


def test_fields_for_passwords_hide_and_let_a_manager_help(app):
    page = app.test_client().get("/staff/sign-in").text
    assert 'type="password"' in page
    assert 'autocomplete="current-password"' in page and 'autocomplete="username"' in page
    assert 'autocomplete="new-password"' in app.test_client().get("/staff/password").text
    scripts = [path.read_text(encoding="utf-8") for path in (ROOT / "app" / "web" / "static").glob("*.js")]
    assert scripts and not [text for text in scripts if '"paste"' in text or "innerHTML" in text]
