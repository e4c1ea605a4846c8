"""The handbook's way in a real browser: nobody and nothing is there, and in the end a person answers."""

import csv
import io
import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.store.database import database
from tests.browser.actions import PASSWORD, answer, print_slips, sign_in
from tests.conftest import NOON

pytestmark = pytest.mark.browser

COMMUNITIES = (
    {"community_id": "harbour", "community": "Harbour School", "kind": "school", "teachers": "18", "assistants": "4"},
    {"community_id": "islet", "community": "Islet School", "kind": "school", "teachers": "6", "joined_to": "harbour"},
)


def run(app, *command):
    """Run one command as the handbook writes it; return what it printed."""
    database.session.remove()
    done = app.test_cli_runner().invoke(args=command)
    assert done.exit_code == 0, done.output
    return done.output


def set_password(page, live, code):
    page.goto(f"{live}/staff/")
    page.get_by_role("link", name="I have a one-time code and want to set my password").click()
    page.locator("input[name=code]").fill(code)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page).to_have_title(re.compile("Sign in"))


def fill_template(app):
    """Fill in the empty table that the service gives."""
    head = next(csv.reader(io.StringIO(run(app, "organisations", "template").lstrip("\ufeff")), delimiter=";"))
    file = io.StringIO()
    rows = csv.DictWriter(file, head)
    rows.writeheader()
    for one in COMMUNITIES:
        rows.writerow({"region": "Coast", "municipality_id": "town", "municipality": "Town"} | one)
    return {"name": "communities.csv", "mimeType": "text/csv", "buffer": file.getvalue().encode()}


def plan_with_a_key_on_paper(page):
    page.get_by_role("link", name="Rounds", exact=True).click()
    page.get_by_role("link", name="Plan a round").click()
    page.locator("input[name=title_en]").fill("First survey")
    page.locator("select[name=instrument]").select_option("wellbeing")
    page.locator("input[name=opens_on]").fill(NOON.date().isoformat())
    page.locator("input[name=closes_on]").fill((NOON + timedelta(days=14)).date().isoformat())
    page.locator("input[name=key_mode][value=trustee]").check()
    page.get_by_role("button", name="Plan the round").click()
    page.get_by_role("link", name="Check and open").first.click()
    page.get_by_role("button", name="Open the round now").click()
    words = " ".join(page.locator("ol.key-sheet li").all_inner_texts())
    page.get_by_role("link", name="The sheet is printed: test the key").click()
    return words


def test_a_newcomer_comes_from_nothing_to_the_first_answer(page, live, app, session):
    made = run(app, "people", "add", "it@town.example", "--name", "Demo Administrator", "--role", "administrator",
               "--language", "en")  # fmt: skip
    set_password(page, live, re.search(r"code: (\S+)", made)[1])
    sign_in(page, live, "it@town.example")

    page.get_by_role("link", name="Communities", exact=True).click()
    page.get_by_role("link", name="Import a table").click()
    page.locator("input[type=file]").set_input_files(fill_template(app))
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Harbour School").first).to_be_visible()

    page.get_by_role("link", name="People").click()
    page.get_by_role("link", name="Add a person").click()
    page.locator("input[name=name]").fill("Demo Coordinator")
    page.locator("input[name=email]").fill("coordinator@town.example")
    page.locator("select[name=language]").select_option("en")
    page.locator("select[name=role]").select_option("coordinator")
    page.locator("select[name=place]").select_option("region")
    page.get_by_role("button", name="Add").click()
    code = page.locator("p.key-sheet").inner_text()
    page.get_by_role("button", name="Sign out").click()

    set_password(page, live, code)
    sign_in(page, live, "coordinator@town.example")
    words = plan_with_a_key_on_paper(page)
    page.goto(f"{live}/staff/rounds/1/slips")
    assert page.get_by_role("row", name="Harbour School").get_by_role("button").count() == 0, "the sheet was not tried"
    page.goto(f"{live}/staff/rounds/1/key")
    page.locator("[name=first]").fill(words)
    page.get_by_role("button", name="Test the key").click()

    slips = print_slips(page, live, "Harbour School")
    assert len(slips) == 18 + 4 + 6
    answer(page, live, slips[0], "en")
    expect(page.locator("h1")).to_have_text("Your own feedback")
