"""A whole round in a real browser: planned, opened, answered in three languages, counted, read, followed."""

import io
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from app.cli.demo.courses import demo_catalogue
from app.core.accounts import Grant, Role
from app.core.organisations import Community, CommunityKind, Municipality
from app.services import accounts, answering, catalogue
from app.store import organisations
from app.store.database import database
from app.store.instruments import read_file
from tests.conftest import NOON
from tests.web.asking import WELLBEING, own_secret
from tests.web.staffing import add_account

pytestmark = pytest.mark.browser

PASSWORD = "seven quiet lakes at dawn"
CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")


@pytest.fixture
def region(app, session):
    """A region of two schools, a small daycare centre, a catalogue, a coordinator and a principal."""
    town = Municipality("town", "Town")
    sizes = {"alder": 14, "birch": 34, "cedar": 6}
    communities = [
        Community(name, f"{name.title()} School", "town", CommunityKind.SCHOOL, {"teachers": size})
        for name, size in sizes.items()
    ]
    organisations.upsert(session, municipalities=[town], communities=communities, region=("region", "Region"))
    catalogue.import_courses(session, demo_catalogue(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    session.commit()
    for email, grant in (
        ("coordinator@example.test", Grant(Role.COORDINATOR)),
        ("principal@example.test", Grant(Role.PRINCIPAL, "town", "alder")),
    ):
        who = add_account(grant, email=email, name=email.partition("@")[0].title())
        accounts.set_password(session, who.id, PASSWORD, by=None, now=NOON)
    session.commit()
    database.session.remove()


def sign_in(page, live, email):
    page.goto(f"{live}/staff/")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_title(re.compile("Overview"))


def plan_and_open(page, live):
    page.goto(f"{live}/staff/rounds/plan")
    page.locator("input[name=title]").fill("Autumn survey")
    page.locator("select[name=instrument]").select_option("wellbeing")
    page.locator("input[name=opens_on]").fill(NOON.date().isoformat())
    page.locator("input[name=closes_on]").fill((NOON + timedelta(days=14)).date().isoformat())
    page.locator("input[name=key_mode][value=automatic]").check()
    page.get_by_role("button", name="Plan the round").click()
    page.get_by_role("link", name="Check and open").first.click()
    page.get_by_role("button", name="Open the round now").click()


def print_slips(page, live, name):
    page.goto(f"{live}/staff/rounds/1/slips")
    with page.expect_download() as waiting:
        page.get_by_role("row", name=name).get_by_role("button").click()
    content = waiting.value.path().read_bytes()
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages)
    return list(dict.fromkeys(CODE.findall("".join(text.split()))))


def answer(page, live, code, language):
    page.goto(f"{live}/{language}/#{code}")
    assert page.locator("html").get_attribute("lang") == language
    page.locator("main button[name=go][value=next]").click()
    page.locator("main form button.button").first.click()
    while page.locator("main button[value=send]").count() == 0:
        before = page.title()
        for question in page.locator("fieldset").all():
            question.locator("input[type=radio]").nth(1).check()
        page.locator("main button[name=go][value=next]").click()
        expect(page).not_to_have_title(before)
    page.locator("main button[value=send]").click()
    expect(page.locator("main button[value=send]")).to_have_count(0)


def others_answer(app, codes):
    session = database.session()
    items = read_file(WELLBEING).items
    for number, code in enumerate(codes):
        ratings = {item.id: item.options[(number + place) % 3].value for place, item in enumerate(items)}
        answering.cast(session, code, ratings=ratings, group="teachers", comment=None, secret=own_secret(app), now=NOON)
        session.commit()
    database.session.remove()


def test_a_round_goes_from_slips_to_a_course_that_helps(page, live, app, region, context):
    sign_in(page, live, "coordinator@example.test")
    plan_and_open(page, live)
    alder, birch = print_slips(page, live, "Alder School"), print_slips(page, live, "Birch School")
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
    course = page.locator("main a[href*='/courses/']").first
    title = course.inner_text()
    course.click()
    expect(page.locator("h1")).to_contain_text(title)
