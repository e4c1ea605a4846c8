"""A whole round in a real browser: planned, opened, answered in three languages, counted, read, followed."""

import pytest
from playwright.sync_api import expect

from app.core.accounts import Grant, Role
from tests.browser.actions import answer, lay_out, others_answer, plan_and_open, print_slips, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def region(session):
    """A region of two schools, a small daycare centre, a catalogue, a coordinator and a principal."""
    people = {
        "coordinator@example.test": Grant(Role.COORDINATOR),
        "principal@example.test": Grant(Role.PRINCIPAL, "town", "alder"),
    }
    lay_out(session, {"alder": 14, "birch": 34, "cedar": 6}, people)


def test_a_round_goes_from_slips_to_a_course_that_helps(page, live, app, region, context):
    sign_in(page, live, "coordinator@example.test")
    plan_and_open(page, live)
    alder = print_slips(page, live, "Alder School")
    birch = print_slips(page, live, "Birch School")
    assert (len(alder), len(birch)) == (14, 34)

    for language, code in zip(("fi", "sv", "en"), alder, strict=False):
        answer(page, live, code, language)
    others_answer(app, alder[3:12] + birch[:30])

    page.goto(f"{live}/staff/rounds/1/close")
    page.get_by_role("button", name="Close the round now").click()
    page.goto(f"{live}/staff/rounds/1/count")
    page.get_by_role("button", name="Count now").click()
    page.goto(f"{live}/staff/rounds/1/release")
    page.get_by_role("button", name="Release the results").click()
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, live, "principal@example.test")
    page.goto(f"{live}/staff/results/")
    expect(page.locator("h1")).to_contain_text("Alder School")
    expect(page.get_by_text("10–14 people answered").or_(page.get_by_text("10-14 people answered"))).to_be_visible()
    assert page.locator("figure img").count() >= 2
    page.locator("summary", has_text="Courses that may help").click()
    course = page.locator("section[aria-labelledby=recommended] a[href*='/courses/']").first
    title = course.inner_text()
    course.click()
    expect(page.locator("h1")).to_contain_text(title)
