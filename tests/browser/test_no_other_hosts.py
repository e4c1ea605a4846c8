"""Everything that a browser, and the process that serves it, asks for on a journey through both wings."""

import sys

import pytest

from tests.browser.actions import answer, lay_out, plan_and_open, print_slips, sign_in
from tests.browser.world import PEOPLE

pytestmark = pytest.mark.browser

HERE = ("127.0.0.1", "::1", "localhost", "")
heard = []
listening = []


def _hear(event, arguments):
    """Note which hosts this process looks up or connects to; paths of sockets in the file system are none."""
    if listening and event == "socket.getaddrinfo":
        heard.append(arguments[0])
    if listening and event == "socket.connect" and isinstance(arguments[1], tuple):
        heard.append(arguments[1][0])


sys.addaudithook(_hear)


@pytest.fixture
def ears():
    heard.clear()
    listening.append(True)
    yield heard
    listening.clear()


@pytest.fixture
def requests_of(context):
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    return asked


def links(page):
    return page.eval_on_selector_all("a[href^='/']", "all => all.map(one => one.getAttribute('href'))")


def look_around(page, live, start, *, most=25):
    """Open one page after another that can be reached from `start`, each once."""
    waiting = [start]
    seen = set()
    while waiting and len(seen) < most:
        path = waiting.pop(0).partition("#")[0]
        kind = "/".join(part for part in path.partition("?")[0].split("/") if not part.isdigit())
        if kind in seen or path.endswith((".csv", ".xlsx", ".pdf", ".ics", ".jsonld", ".pptx")):
            continue
        seen.add(kind)
        page.goto(live + path)
        waiting += links(page)
    return seen


def test_a_journey_through_both_wings_asks_this_host_and_no_other(page, live, app, session, requests_of, ears):
    lay_out(session, {"alder": 14, "birch": 30, "cedar": 6}, PEOPLE)
    sign_in(page, live, "coordinator@example.test")
    plan_and_open(page, live)
    codes = print_slips(page, live, "Alder School")
    rooms = look_around(page, live, "/staff/")
    for language, code in zip(("fi", "sv", "en"), codes, strict=False):
        answer(page, live, code, language)
    halls = look_around(page, live, "/en/", most=12)
    assert len(rooms) >= 15
    assert len(halls) >= 6
    assert len(requests_of) > 60
    strangers = [url for url in requests_of if not url.startswith((f"{live}/", "data:", "blob:"))]
    assert strangers == []
    assert [host for host in ears if str(host) not in HERE] == []


def test_every_request_of_a_page_is_recorded(page, live, requests_of):
    page.goto(f"{live}/en/")
    page.evaluate("fetch('/static/no.css')")
    assert any(url == f"{live}/static/no.css" for url in requests_of)
