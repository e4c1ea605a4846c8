"""What people do in the browser, in more than one test: sign in, plan, print slips, answer."""

import io
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect
from pypdf import PdfReader

from app.cli.demo.courses import demo_catalogue_csv
from app.core.organisations import Community, CommunityKind, Municipality
from app.services import accounts, answering, catalogue
from app.store import organisations
from app.store.database import database
from app.store.instruments import get_questionnaire, read_questionnaire_file
from tests.conftest import NOON
from tests.web.open_round import WELLBEING, own_secret
from tests.web.staff_client import add_account

PASSWORD = "seven quiet lakes at dawn"
CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")
VOTE_CODE = re.compile(r"[0-9A-Z]{4}-\s?[0-9A-Z]{4}(?![0-9A-Z-])")


def lay_out(session, sizes, people):
    """Store a town of schools by size, the demo's courses, and people by address and grant, with a password."""
    communities = [
        Community(name, f"{name.title()} School", "town", CommunityKind.SCHOOL, {"teachers": size})
        for name, size in sizes.items()
    ]
    organisations.upsert(
        session, municipalities=[Municipality("town", "Town")], communities=communities, region=("region", "Region")
    )
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    session.commit()
    for email, grant in people.items():
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


def plan_and_open(page, live, *, title="Autumn survey", number=1, now=NOON):
    page.goto(f"{live}/staff/rounds/plan")
    page.locator("input[name=title_en]").fill(title)
    page.locator("select[name=instrument]").select_option("wellbeing")
    page.locator("input[name=opens_on]").fill(now.date().isoformat())
    page.locator("input[name=closes_on]").fill((now + timedelta(days=14)).date().isoformat())
    page.locator("input[name=key_mode][value=automatic]").check()
    page.get_by_role("button", name="Plan the round").click()
    again = page.locator("input[name=is_confirmed]")
    if again.count():  # another round is near
        again.check()
        page.get_by_role("button", name="Plan the round").click()
    page.goto(f"{live}/staff/rounds/{number}/open")
    page.get_by_role("button", name="Open the round now").click()
    expect(page.get_by_role("button", name="Open the round now")).to_have_count(0)


def printed(page, button, pattern=CODE):
    """Press a button that hands out a PDF of slips; return the codes that stand on them."""
    with page.expect_download() as waiting:
        button.click()
    content = waiting.value.path().read_bytes()
    text = "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages)
    if pattern is CODE:
        text = "".join(text.split())
    return list(dict.fromkeys(code.replace("\n", "") for code in pattern.findall(text)))


def print_slips(page, live, name, *, number=1):
    page.goto(f"{live}/staff/rounds/{number}/slips")
    return printed(page, page.get_by_role("row", name=name).get_by_role("button"))


def follow_link(page, live, code, language="en"):
    """Come by the link of a slip or a letter: the script takes the code to the information page."""
    page.goto(f"{live}/{language}/#{code}")
    expect(page.locator("input[name=step]")).to_have_count(1)


def open_questions(page, live, code, language="en"):
    """Go from a slip's link past the first page; return the text of what stood before the first question."""
    follow_link(page, live, code, language)
    assert page.locator("html").get_attribute("lang") == language
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
    told = page.locator("main").inner_text()
    before = page.title()
    page.locator("main form button.button").first.click()
    expect(page).not_to_have_title(before)
    return told


def answer(page, live, code, language="en", option=1):
    told = open_questions(page, live, code, language)
    while page.locator("main button[value=send]").count() == 0:
        before = page.title()
        for question in page.locator("fieldset").all():
            question.locator("input[type=radio]").nth(option).check()
        page.locator("main button[name=go][value=next]").click()
        expect(page).not_to_have_title(before)
    page.locator("main button[value=send]").click()
    expect(page.locator("main button[value=send]")).to_have_count(0)
    return told


def others_answer(app, codes, *, now=NOON, digest=None, lift=0):
    """Let the holders of codes answer without a browser; `lift` raises what they choose."""
    session = database.session()
    items = get_questionnaire(session, digest).items if digest else read_questionnaire_file(WELLBEING).items
    for number, code in enumerate(codes):
        ratings = {
            item.id: item.options[min(lift + (number + place) % 3, len(item.options) - 1)].value
            for place, item in enumerate(items)
        }
        answering.submit(
            session, code, ratings=ratings, group="teachers", comment=None, secret=own_secret(app), now=now
        )
        session.commit()
    database.session.remove()
