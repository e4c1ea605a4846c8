"""Nothing is wider than the screen, and no word or range is broken: the checks that `test_accessible_fi` uses."""

import pytest
from playwright.sync_api import expect

from app.core.organisations import Municipality
from app.core.support import SupportContactKind
from app.services import support
from app.store import organisations
from app.store.database import database
from tests.browser.width_checks import width_faults
from tests.conftest import NOON

pytestmark = pytest.mark.browser

LANGUAGE = "fi"  # the longest words


def test_the_contacts_of_support_keep_their_words_whole_on_every_width(page, live, app, session):
    contacts = dict.fromkeys(SupportContactKind, "Työterveyshuolto Kuntaportti\ntyosuojelu@kunta.example.fi")
    organisations.upsert(session, municipalities=[Municipality("town", "Town")], communities=[], region=("r", "Region"))
    support.save_support_contacts(session, "town", contacts, by=None, now=NOON)
    session.commit()
    database.session.remove()
    page.goto(f"{live}/{LANGUAGE}/self-assessment?place=town")
    page.locator("main button[value=next]").click()
    while page.locator("main button[value=send]").count() == 0:
        before = page.title()
        page.locator("main button[value=next]").click()
        expect(page).not_to_have_title(before)
    page.locator("main button[value=send]").click()
    page.locator("dl.facts").wait_for()
    assert width_faults(page, "own feedback") == []
    crowd = """() => {
        for (const one of document.querySelectorAll('.facts')) one.style.gridTemplateColumns = '1fr 1fr';
        for (const one of document.querySelectorAll('.facts > div')) one.style.flexWrap = 'nowrap';
        for (const one of document.querySelectorAll('.facts dd')) one.style.overflowWrap = 'anywhere';
    }"""
    page.evaluate(crowd)
    assert any("is broken" in fault for fault in width_faults(page, "two columns again"))


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<p style='width: 2000px'>wide</p>", "the page is 2"),
        ("<div class='scroll' style='width: 40px; overflow: auto'>" + "x" * 99 + "</div>", "a box of 40 holds"),
        ("<p style='width: 2em; word-break: break-all'>kehityskeskustelu</p>", "kehityskeskustelu is broken"),
        ("<p style='width: 2em'>68–77</p>", "the range 68–77 is broken"),
        ("<div class='scroll'></div>", "a box without role or name"),
    ],
)
def test_each_of_these_faults_would_be_found(page, markup, fault):
    page.set_content(f"<!doctype html><style>body {{ font-size: 20px }}</style><body>{markup}</body>")
    assert any(fault in one for one in width_faults(page, "page"))
    page.set_content("<!doctype html><body><p>kehityskeskustelu 68–77</p></body>")
    assert width_faults(page, "page") == []
