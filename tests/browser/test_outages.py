"""The service falls away under somebody who answers on a phone: the answers stay on the page."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_answering import begin, code, to_check, wait_for_title
from tests.web.open_round import is_unspent
from tests.web.test_outages import cut

__all__ = ["code", "cut"]
pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def page(page):
    page.set_viewport_size(PHONE)
    return page


def press(page, words):
    page.get_by_role("button", name=words, exact=True).click()


def keep_picture(page, name):
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_a_phone_that_lost_its_connection_stays_on_the_page_and_sends_later(app, session, page, live, code):
    begin(page, live, code)
    page.locator("#q0-3").check()
    page.context.set_offline(True)
    press(page, "Continue")
    expect(page.get_by_text("The service cannot be reached just now")).to_be_visible()
    keep_picture(page, "offline-answering")
    page.context.set_offline(False)
    press(page, "Continue")
    wait_for_title(page, "Page 2 of")
    for number in range(3, 8):
        press(page, "Continue")
        wait_for_title(page, f"Page {number} of")
    page.context.set_offline(True)
    press(page, "Send my answers")
    expect(page.get_by_text("The service cannot be reached just now")).to_be_visible()
    wait_for_title(page, "Check your answers")
    page.context.set_offline(False)
    press(page, "Send my answers")
    expect(page.get_by_text("your answers have been sent")).to_be_visible()
    assert not is_unspent(app, session, code)


def test_a_database_that_is_away_keeps_the_answers_on_the_page_until_it_is_back(app, session, page, live, code, cut):
    begin(page, live, code)
    to_check(page)
    cut()
    press(page, "Send my answers")
    wait_for_title(page, "The service is temporarily unavailable")
    keep_picture(page, "database-away")
    with page.expect_response("**/send") as again:  # the page that comes looks like the one that is there
        press(page, "Try again")
    assert again.value.status == 503
    page.wait_for_load_state()
    cut(gone=False)
    press(page, "Try again")
    expect(page.get_by_text("your answers have been sent")).to_be_visible()
    assert not is_unspent(app, session, code)


def test_a_proxy_that_answers_for_a_dead_service_does_not_take_the_page_away(app, session, page, live, code):
    begin(page, live, code)
    to_check(page)
    page.route("**/healthz", lambda route: route.fulfill(status=502, body="Bad gateway"))
    press(page, "Send my answers")
    expect(page.get_by_text("The service cannot be reached just now")).to_be_visible()
    assert is_unspent(app, session, code)
    session.rollback()
    page.unroute("**/healthz")
    press(page, "Send my answers")
    expect(page.get_by_text("your answers have been sent")).to_be_visible()
