"""A real browser on a real server; whatever a page asks of another host fails the test."""

import os
from pathlib import Path

import pytest

from tests.browser.actions import lay_out
from tests.browser.chromium import BROWSERS, QUIET
from tests.browser.server import serving
from tests.browser.world import PEOPLE, World
from tests.mailbox import mailbox


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, playwright):
    """Launch the browser that is there: CHROMIUM_PATH, Debian's, Chrome, else Playwright's own."""
    own = playwright.chromium.executable_path
    found = next(
        (path for path in (os.environ.get("CHROMIUM_PATH"), *BROWSERS, own) if path and Path(path).exists()), None
    )
    if found is None:
        absent = pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip
        absent(
            "no browser here: set CHROMIUM_PATH, or install Chromium (Debian: sudo apt install chromium-headless-shell)"
        )
    return {**browser_type_launch_args, "executable_path": found, "args": list(QUIET)}


@pytest.fixture
def context(context):
    """A browser window of its own that reaches this machine and nothing else."""
    strangers = []

    def look(route):
        strangers.append(route.request.url)
        route.abort()

    context.route(lambda url: not url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:")), look)
    context.set_default_timeout(10_000)
    yield context
    assert not strangers, f"pages asked other hosts: {strangers}"


@pytest.fixture
def live(app):
    """The address of a server that runs the test's own application."""
    with serving(app) as address:
        yield address


@pytest.fixture
def world(app, session, live, page):
    lay_out(session, {"alder": 24, "birch": 30, "cedar": 6}, PEOPLE)
    with mailbox() as (box, smtp_url):
        made = World(app, live, page, box, smtp_url)
        yield made
        made.timetable.leadership.release()  # its connection stands outside the pool, and nobody else closes it
