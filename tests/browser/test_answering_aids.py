"""Comfort in a real browser: few presses, warnings in time, a lost connection, large letters, forced colours."""

import re

import pytest
from playwright.sync_api import expect

from app.config import ROOT
from app.store.database import database
from app.store.instruments import read_questionnaire_file
from tests.browser.actions import follow_link
from tests.web.open_round import WELLBEING, is_unspent, open_round

pytestmark = pytest.mark.browser

ITEMS = len(read_questionnaire_file(WELLBEING).items)
GROUP = 1
STATIC = ROOT / "app" / "web" / "static"


@pytest.fixture
def code(app, session):
    found = open_round(app, session, alder=24)[1]["alder"][0]
    database.session.remove()
    return found


def begin(page, live, code, *, shared=False):
    follow_link(page, live, code)
    if shared:
        page.get_by_label("Shared device").check()
    page.get_by_role("button", name="Begin").click()
    expect(page).to_have_title(re.compile("Page 1 of"))


def test_a_first_time_respondent_presses_once_for_each_question_and_once_for_each_page(
    app, session, page, live, code, context
):
    pressed = []
    pages = []
    context.expose_binding("pressed", lambda _source, what: pressed.append(what))
    context.add_init_script("addEventListener('pointerdown', event => window.pressed(event.target.tagName), true)")
    follow_link(page, live, code, "fi")  # the square of the slip
    pages.append("information")
    while page.locator("main button[value=send]").count() == 0:
        before = page.title()
        page.locator("main button[value=next]").click()
        expect(page).not_to_have_title(before)
        pages.append(page.title())
        for question in page.locator("fieldset").all():
            question.locator("label").nth(2).click()
    page.locator("main button[value=send]").click()
    expect(page.locator(".notice-success")).to_be_visible()
    assert not is_unspent(app, session, code)
    assert len(pressed) <= ITEMS + GROUP + len(pages)
    assert len(pages) == 8


def test_a_shared_computer_warns_two_minutes_before_it_closes_the_page(app, session, page, live, code):
    page.clock.install()
    begin(page, live, code, shared=True)
    page.locator("#q0-3").check()
    page.clock.fast_forward("12:30")
    expect(page.locator("#time-warning")).to_be_hidden()
    page.clock.fast_forward("00:40")
    expect(page.get_by_role("alert")).to_contain_text("closes in two minutes")
    page.get_by_role("button", name="I am still here").click()
    expect(page.locator("#time-warning")).to_be_hidden()
    page.clock.fast_forward("13:10")
    expect(page.locator("#time-warning")).to_be_visible()
    page.clock.fast_forward("02:00")
    page.get_by_role("heading", name="The page was closed").wait_for()
    assert is_unspent(app, session, code)


def test_an_own_device_is_never_hurried(page, live, code):
    page.clock.install()
    begin(page, live, code)
    page.clock.fast_forward("40:00")
    expect(page.locator("#time-warning")).to_be_hidden()
    assert "Page 1 of" in page.title()


def test_a_lost_connection_is_told_and_takes_no_answer_away(app, session, page, live, code, context):
    begin(page, live, code)
    page.locator("#q0-3").check()
    context.set_offline(True)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#no-connection")).to_be_visible()
    assert page.locator("#q0-3").is_checked()
    context.set_offline(False)
    for number in range(2, 8):
        page.get_by_role("button", name="Continue").click()
        expect(page).to_have_title(re.compile(f"Page {number} of"))
    context.set_offline(True)
    page.get_by_role("button", name="Send my answers").click()
    expect(page.locator("#no-connection")).to_be_visible()
    context.set_offline(False)
    page.get_by_role("button", name="Send my answers").click()
    expect(page.locator(".notice-success")).to_be_visible()
    assert not is_unspent(app, session, code)


@pytest.mark.parametrize(("percent", "letters"), [(100, "200%"), (200, "100%"), (200, "200%"), (400, "100%")])
def test_an_enlarged_page_loses_nothing_and_scrolls_one_way(page, live, code, percent, letters):
    """A window of 1280 at 400 % is one of 320; letters alone may be doubled as well."""
    page.set_viewport_size({"width": 1280 * 100 // percent, "height": 720 * 100 // percent})
    begin(page, live, code)
    page.evaluate("size => { document.documentElement.style.fontSize = size }", letters)
    width = page.evaluate("document.documentElement.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        """() => [...document.querySelectorAll('main *, header *')].filter(one => one.children.length === 0
            && one.textContent.trim() && !one.closest('.visually-hidden') && one.checkVisibility()
            && (one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)).map(one => one.textContent)"""
    )
    assert cut == []


def test_with_forced_colours_a_choice_and_the_focus_can_still_be_told(page, live, code):
    page.emulate_media(forced_colors="active")
    begin(page, live, code)
    page.locator("#q0-3").focus()
    page.keyboard.press("Space")
    look = """one => { const style = getComputedStyle(one.closest('.choice'));
        return [style.borderColor, style.outlineStyle, parseFloat(style.outlineWidth)] }"""
    chosen, other = (page.locator(one).evaluate(look) for one in ("#q0-3", "#q0-1"))
    assert chosen[1] == "solid" and chosen[2] >= 2
    assert other[1] == "none"
    button = page.get_by_role("button", name="Continue").evaluate("one => getComputedStyle(one).borderTopWidth")
    assert float(button.removesuffix("px")) >= 1


@pytest.mark.parametrize("path", ["/en/", "/staff/sign-in"])
def test_who_asks_for_less_motion_gets_none(page, live, path):
    moving = """() => [...document.querySelectorAll('*')].map(one => getComputedStyle(one)).filter(style =>
        style.animationName !== 'none'
        || style.transitionDuration.split(',').some(time => parseFloat(time) > 0)).length"""
    page.goto(f"{live}{path}")
    assert page.evaluate(moving) > 0, "nothing moves at all, so this test could not fail"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moving) == 0


def test_the_scripts_are_under_ten_kilobytes_in_all():
    assert 0 < sum(one.stat().st_size for one in STATIC.glob("**/*.js")) < 10_000
