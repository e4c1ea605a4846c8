"""Nothing is wider than the screen: no page, no box, no table, on any width between a small phone and a desk."""

import pytest
from playwright.sync_api import expect

from app.core.organisations import Municipality
from app.core.support import SupportKind
from app.services import support
from app.store import organisations
from app.store.database import database
from tests.browser.actions import follow_link
from tests.browser.axe_walk import load_demo
from tests.conftest import NOON
from tests.web.open_round import open_round

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 376, 390, 434, 520, 640, 736, 768, 1024, 1280)
LANGUAGE = "fi"  # the longest words
PUBLIC = (
    "/fi/", "/fi/self-assessment", "/fi/community", "/fi/vote", "/fi/thanks", "/fi/ended", "/fi/privacy", "/fi/stored",
    "/fi/accessibility", "/courses/?lang=fi", "/staff/sign-in?lang=fi",
)  # fmt: skip
STAFF = {"rehtori": 10, "koordinaattori": 12}  # how many pages, one of each kind: they are to take less than a minute
NO_PAGE = ("/files/", ".pdf", ".csv", ".xlsx", ".png", ".svg", ".ics", "sign-out", "/static/", "/api")
# What reaches over the edge, but for what lies in a box that may be pulled sideways; and words of a list of facts that
# are broken although they would fit a line.
TOO_WIDE = """width => {
    const found = [];
    if (document.documentElement.scrollWidth > width) found.push(`the page is ${document.documentElement.scrollWidth}`);
    for (const one of document.querySelectorAll('body *')) {
        const box = one.getBoundingClientRect();
        if (box.width && box.right > width + 1 && !one.closest('.scroll, .figure, svg, .skip, .visually-hidden')
            && one.checkVisibility()) found.push(`${one.tagName}.${one.className} ends at ${Math.round(box.right)}`);
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, node =>
        node.parentElement.closest('.facts') && !node.parentElement.closest('code')
            ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP);
    while (texts.nextNode()) {
        for (const word of texts.currentNode.data.matchAll(/[\\p{L}\\p{N}]{2,24}/gu)) {
            const range = document.createRange();
            range.setStart(texts.currentNode, word.index);
            range.setEnd(texts.currentNode, word.index + word[0].length);
            if (range.getClientRects().length > 1) found.push(`${word[0]} is broken`);
        }
    }
    return [...new Set(found)].slice(0, 5);
}"""

# Boxes that may be pulled sideways are reached with the keyboard: each has to say what it is.
UNNAMED = """() => [...document.querySelectorAll('.scroll')]
    .filter(box => box.getAttribute('role') !== 'region' || !(box.ariaLabel || box.getAttribute('aria-labelledby')))
    .map(box => box.outerHTML.slice(0, 80))"""


def too_wide(page, name):
    """Return what is too wide on the page as it stands, at each width."""
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"{name} at {width}: {fault}" for fault in page.evaluate(TOO_WIDE, width)]
    return found + [f"{name}: a box without role or name: {box}" for box in page.evaluate(UNNAMED)]


def kind(path):
    """Return an address without its numbers and names, so that one page of each kind is looked at."""
    return tuple(part for part in path.split("?")[0].split("#")[0].split("/") if part.isalpha())


def walk(page, live, start, most):
    """Look at one page of each kind that links lead to; return the faults and how many pages were looked at."""
    found = []
    waiting = [start]
    seen = set()
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        if kind(path) in seen or any(part in path for part in NO_PAGE):
            continue
        seen.add(kind(path))
        page.goto(f"{live}{path}")
        found += too_wide(page, path)
        waiting += page.eval_on_selector_all(
            "main a[href^='/staff']", "all => all.map(one => one.getAttribute('href'))"
        )
    return found, len(seen)


def sign_in(page, live, email, password):
    page.goto(f"{live}/staff/sign-in?lang={LANGUAGE}")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button[type=submit]").click()
    page.locator("form.account-who button").wait_for(state="attached")


def test_no_public_page_is_wider_than_the_screen(page, live, app, session):
    code = open_round(app, session, comments=True, alder=7)[1]["alder"][0]
    database.session.remove()
    found = []
    for path in PUBLIC:
        page.goto(f"{live}{path}")
        found += too_wide(page, path)
    follow_link(page, live, code, LANGUAGE)
    found += too_wide(page, "information")
    while page.locator("main button[value=send]").count() == 0:
        before = page.title()
        page.locator("main button[value=next]").click()
        expect(page).not_to_have_title(before)
        found += too_wide(page, page.title())
    page.locator("#profile").check()
    page.locator("main button[value=send]").click()
    page.locator("#file").wait_for()
    found += too_wide(page, "own feedback")
    assert not found, "\n".join(found)


def test_the_contacts_of_support_keep_their_words_whole_on_every_width(page, live, app, session):
    contacts = dict.fromkeys(SupportKind, "Työterveyshuolto Kuntaportti\ntyosuojelu@kunta.example.fi")
    organisations.upsert(session, municipalities=[Municipality("town", "Town")], communities=[], region=("r", "Region"))
    support.save(session, "town", contacts, by=None, now=NOON)
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
    assert too_wide(page, "own feedback") == []
    crowd = """() => {
        for (const one of document.querySelectorAll('.facts')) one.style.gridTemplateColumns = '1fr 1fr';
        for (const one of document.querySelectorAll('.facts > div')) one.style.flexWrap = 'nowrap';
        for (const one of document.querySelectorAll('.facts dd')) one.style.overflowWrap = 'anywhere';
    }"""
    page.evaluate(crowd)
    assert any("is broken" in fault for fault in too_wide(page, "two columns again"))


def test_no_staff_page_is_wider_than_the_screen(page, live, app):
    password = load_demo(app)
    for who, most in STAFF.items():
        sign_in(page, live, f"{who}@demo.example", password)
        found, looked_at = walk(page, live, "/staff/", most)
        assert looked_at == most
        assert not found, "\n".join(found)
        page.goto(f"{live}/staff/")  # the last page of the walk may be one for a projector, without the menu
        page.locator("form.account-who button").click()
