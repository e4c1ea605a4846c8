"""Answering in a real browser: what the comfort script adds, and what must not be found afterwards."""

import re

import pytest
from playwright.sync_api import Error, expect

from app.store.database import database
from tests.browser.actions import follow_link
from tests.web.open_round import is_unspent, open_round

TOO_SMALL = """() => [...document.querySelectorAll('a, button:not([aria-hidden]), .choice, .skip-question')]
    .filter(one => one.offsetHeight && one.getBoundingClientRect().height < 24 && !one.matches('.skip, p a'))
    .map(one => one.textContent)"""

pytestmark = pytest.mark.browser


@pytest.fixture
def code(app, session):
    found = open_round(app, session, alder=24)[1]["alder"][0]
    database.session.remove()
    return found


def wait_for_title(page, words):
    expect(page).to_have_title(re.compile(words))


def begin(page, live, code):
    follow_link(page, live, code)
    page.get_by_role("button", name="Begin").click()
    wait_for_title(page, "Page 1 of")


def to_check(page):
    for number in range(2, 8):
        page.get_by_role("button", name="Continue").click()
        wait_for_title(page, f"Page {number} of")


def test_the_code_of_a_slip_opens_the_survey_without_a_press_and_leaves_the_address(page, live, code):
    page.goto(f"{live}/en/#{code}")
    page.get_by_role("heading", name="Before you begin").wait_for()
    assert page.url == f"{live}/en/answer"
    assert not page.get_by_label("Shared device").is_checked()
    page.go_back()
    expect(page).to_have_url("about:blank")  # the page with the code has no entry in the history


def test_a_link_with_a_wrong_code_is_tried_once(page, live, code):
    page.goto(f"{live}/en/#0000-0000-0000-0000")
    page.get_by_text("This code cannot be used.").first.wait_for()
    assert page.get_by_label("Your code").input_value() == "0000-0000-0000-0000"


def type_code(page, live, code):
    """Begin on a computer that others use too."""
    page.goto(f"{live}/en/")
    page.get_by_label("Your code").fill(code)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Shared device")).to_be_checked()
    page.get_by_role("button", name="Begin").click()
    wait_for_title(page, "Page 1 of")


@pytest.mark.parametrize("keys", ["F5", "Control+r"])
def test_a_reload_by_key_on_a_shared_computer_keeps_page_and_answers(page, live, code, keys):
    type_code(page, live, code)
    page.locator("#q0-3").check()
    page.get_by_role("button", name="Continue").click()
    wait_for_title(page, "Page 2 of")
    page.locator("#q5-1").check()
    with page.expect_response(f"{live}/en/answer"):
        page.keyboard.press(keys)
    page.locator("h1:focus").wait_for()
    wait_for_title(page, "Page 2 of")
    assert page.locator("#q5-1").is_checked()
    page.get_by_role("button", name="Back").click()
    wait_for_title(page, "Page 1 of")
    assert page.locator("#q0-3").is_checked()
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0


def test_a_reload_of_the_browser_on_a_shared_computer_asks_first(page, live, code):
    type_code(page, live, code)
    page.get_by_role("button", name="Continue").click()
    wait_for_title(page, "Page 2 of")
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.evaluate("() => setTimeout(() => location.reload())")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert "Page 2 of" in page.title()


def test_an_open_question_of_the_check_page_is_scrolled_to(page, live, code):
    page.set_viewport_size({"width": 390, "height": 800})
    begin(page, live, code)
    to_check(page)
    page.get_by_role("button", name="The plans for my working day are changed without asking me.").click()
    expect(page.locator("#q4")).to_be_focused()
    expect(page.locator("#q4 legend")).to_be_in_viewport()
    page.get_by_label("Somewhat agree").last.check()
    page.get_by_role("button", name="Continue").click()
    wait_for_title(page, "Page 7 of")


def test_the_browsers_back_keeps_the_answers(page, live, code):
    begin(page, live, code)
    page.locator("#q0-3").check()
    page.get_by_role("button", name="Continue").click()
    wait_for_title(page, "Page 2 of")
    page.locator("#q5-1").check()
    page.go_back()
    wait_for_title(page, "Page 1 of")
    assert page.locator("#q0-3").is_checked()
    page.go_forward()
    wait_for_title(page, "Page 2 of")
    assert page.locator("#q5-1").is_checked()


def test_a_new_page_puts_the_focus_on_its_heading_and_a_new_language_keeps_the_answer(page, live, code):
    begin(page, live, code)
    page.locator("#q0-3").check()
    page.get_by_role("button", name="Svenska").click()
    page.locator("html[lang=sv]").wait_for(state="attached")
    assert page.locator("#q0-3").is_checked()
    assert page.locator("h1:focus").count() == 1


def test_after_sending_the_browsers_back_shows_neither_code_nor_answer(app, page, live, code):
    begin(page, live, code)
    page.locator("#q0-3").check()
    to_check(page)
    page.get_by_role("button", name="Send my answers").click()
    page.get_by_role("heading", name="Your own feedback").wait_for()
    for _ in range(4):
        page.go_back()
        expect(page).to_have_url(f"{live}/en/")
        assert code not in page.content()
        assert page.get_by_label("Your code").input_value() == ""
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0
    assert page.context.cookies() == []


def test_after_a_self_assessment_the_browsers_back_shows_no_answer(page, live):
    page.goto(f"{live}/en/")
    page.get_by_role("link", name="Self-assessment").click()
    page.get_by_role("button", name="Begin").click()
    wait_for_title(page, "page 1 of ")
    pages = int(re.search(r"page 1 of (\d+)", page.title())[1])  # the newest questionnaire, whichever it is
    page.locator("#q0-3").check()
    for number in range(2, pages + 1):
        page.get_by_role("button", name="Continue").click()
        wait_for_title(page, f"page {number} of {pages}")
    page.get_by_role("button", name="Show my own feedback").click()
    page.get_by_role("heading", name="Your own feedback").wait_for()
    expect(page).to_have_url(f"{live}/en/self-assessment")
    for _ in range(3):
        page.go_back()
        page.get_by_role("heading", name="Self-assessment").wait_for()
        assert not re.search("[0-9]", page.locator("input[name=marks]").get_attribute("value"))
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0
    assert page.context.cookies() == []


def test_the_way_through_works_by_keyboard_alone(app, session, page, live, code):
    page.goto(f"{live}/en/")
    page.get_by_label("Your code").focus()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Before you begin").wait_for()
    page.get_by_role("button", name="Begin").press("Enter")
    for number in range(1, 7):
        wait_for_title(page, f"Page {number} of")
        page.locator("input[type=radio]").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")  # Enter in a field continues; it neither changes the language nor goes back
    wait_for_title(page, "Page 7 of")
    page.get_by_label("Show me my own feedback straight away").press("Enter")  # sends nothing
    page.locator("h1:focus").wait_for()
    assert is_unspent(app, session, code)
    session.rollback()
    page.get_by_role("button", name="Send my answers").press("Enter")
    page.get_by_role("heading", name="Thank you").wait_for()
    assert not is_unspent(app, session, code)


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_scrolls_sideways(page, live, code, width):
    page.set_viewport_size({"width": width, "height": 700})
    begin(page, live, code)
    for _ in range(9):
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        small = page.evaluate(TOO_SMALL)
        assert small == []
        if "Check" in page.title():
            break
        before = page.title()
        page.get_by_role("button", name="Continue").click()
        expect(page).not_to_have_title(before)


def test_without_script_the_whole_way_works(app, session, browser, live, code):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live}/en/")
    page.get_by_label("Your code").fill(code)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Begin").click()
    to_check(page)
    page.get_by_role("button", name="Send my answers").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert not is_unspent(app, session, code)
    with pytest.raises(Error, match="ERR_CACHE_MISS"):  # the browser asks whether to send again, and shows nothing
        page.go_back()
    context.close()
