"""A browser on its way to the provider of single sign-on and back, for the tests of both."""

import urllib.request
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError

import pytest

from app.config import load_settings
from app.core.accounts import Grant, Role
from app.factory import create_app
from app.store.database import database
from tests.conftest import Client
from tests.identity_provider import CLIENT, SECRET, identity_provider
from tests.web.staff_client import add_account

__all__ = ["clock", "make", "provider", "running", "service_app", "who"]

COMES_BACK_TO = "http://127.0.0.1:5000/staff/provider/back"


class Clock:
    def __init__(self):
        self.ahead = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.ahead


@pytest.fixture(scope="module")
def running():
    with identity_provider() as one:
        yield one


@pytest.fixture
def provider(running):
    running.lie()
    return running


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(tmp_path, database_url, clock):
    def made(**chosen):
        settings = load_settings(
            {}, instance=tmp_path / "instance", database_url=database_url, default_language="en", **chosen
        )
        app = create_app(settings, clock=clock)
        app.config.update(TESTING=True)
        app.test_client_class = Client
        return app

    return made


@pytest.fixture
def service_app(make, provider):
    app = make(oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_name="Town ID")
    with app.app_context():
        yield app
        database.session.remove()
        database.engine.dispose()


@pytest.fixture
def who(service_app):
    return add_account(Grant(Role.COORDINATOR))


class StaysHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_anything):
        return None


def at_provider(url):
    """Follow the browser to the provider and return the address that it is sent back to."""
    try:
        urllib.request.build_opener(StaysHere).open(url, timeout=10)
    except HTTPError as answer:
        return answer.headers["Location"]
    raise AssertionError(url)


def come_back(client, url):
    assert url.startswith(COMES_BACK_TO)
    return client.get(url.removeprefix("http://127.0.0.1:5000"))


def begin(client, **more):
    return client.get("/staff/provider/", **more).location


def sign_in(client):
    return come_back(client, at_provider(begin(client)))


def is_in(client):
    return client.get("/staff/").status_code == 200
