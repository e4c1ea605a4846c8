"""Charts in the browser: room is kept for them, they suit a dark page, and paper gets the light ones."""

import re

import pytest
from playwright.sync_api import expect

from app.core.accounts import Grant, Role
from app.render import design_tokens
from tests.publications import made, store
from tests.web.staff_client import add_account, client_of

pytestmark = pytest.mark.browser

CHART = re.compile(r"/staff/results/.*\.svg")
DARK = re.compile(r"scheme=dark")
# One chart of all dimensions, two for each of the seven, and three that are folded below them.
PAGES = {"community/pine": 18, "community/pine/questions/": 7, "area/region/region": 18, "?by=control": 1}
OPEN_SECTIONS = 2  # the suggested ones
PLACES = (
    "[...document.querySelectorAll('main *')].map(one => one.offsetTop).concat(document.documentElement.scrollHeight)"
)
AT_ONCE = "document.querySelectorAll('picture img').forEach(one => { one.loading = 'eager' })"
STYLED = "() => [...document.querySelectorAll('link[rel=stylesheet]')].every(one => one.sheet)"
LOADED = "() => [...document.querySelectorAll('picture img')].every(one => one.complete && one.naturalWidth > 0)"
UNFOLDED = "[...document.querySelectorAll('img.on-paper')].filter(one => !one.closest('details:not([open])'))"
PRINTED = f"() => {UNFOLDED}.every(one => one.complete && one.naturalWidth > 0)"


@pytest.fixture
def results(app, session, live, context):
    """The address of a round with one before it, read by somebody who may read all of it."""
    first = made(1, days=-200)
    store(session, first)
    number = store(session, made(2, earlier=(first,))).round
    cookie = client_of(app, add_account(Grant(Role.COORDINATOR))).get_cookie("voimavara", path="/staff")
    context.add_cookies([{"name": "voimavara", "value": cookie.value, "domain": "127.0.0.1", "path": "/staff"}])
    return f"{live}/staff/results/{number}/"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_on_a_page_moves_when_its_charts_come_in_late(page, results, path, width):
    page.set_viewport_size({"width": width, "height": 800})
    held = []
    page.route(CHART, lambda one: held.append(one))
    page.goto((results + path).replace("/?", "?"), wait_until="domcontentloaded")
    page.evaluate(AT_ONCE)
    while len(held) < PAGES[path]:
        page.wait_for_timeout(20)
    assert page.locator("picture img").count() == PAGES[path]
    page.wait_for_function(STYLED)
    before = page.evaluate(PLACES)
    for one in held:
        one.continue_()
    page.wait_for_function(LOADED)
    assert page.evaluate(PLACES) == before


@pytest.mark.parametrize("width", [390, 1280])
def test_a_dark_page_has_dark_charts_and_a_light_one_light_ones(page, results, width):
    page.set_viewport_size({"width": width, "height": 800})
    name = "narrow" if width == 390 else "wide"
    chart = page.locator("picture img").first
    for scheme in ("dark", "light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(results + "community/pine")
        page.evaluate(AT_ONCE)
        page.wait_for_function(LOADED)
        shown = chart.evaluate("one => one.currentSrc")
        assert f"dimensions-{name}.svg" in shown
        assert bool(DARK.search(shown)) is (scheme == "dark")
        drawn = page.request.get(shown).text()
        assert (design_tokens.DARK_COLOURS[design_tokens.CARD] in drawn) is (scheme == "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_gets_the_wide_light_charts_also_from_a_dark_telephone(page, results, scheme):
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme=scheme)
    asked = []  # from the beginning: a chart near the screen is there before anybody prints
    page.on("request", lambda one: asked.append(one.url))
    answer = page.goto(results + "community/pine")
    assert answer.status == 200, answer.text()
    page.wait_for_load_state("networkidle")
    page.pdf()
    page.wait_for_function(PRINTED)  # an address is empty until its chart is there; unprinted they stay lazy
    on_paper = page.evaluate(f"{UNFOLDED}.map(one => one.currentSrc)")
    assert len(on_paper) == 1 + 2 * OPEN_SECTIONS and set(on_paper) <= set(asked)
    assert not any(DARK.search(one) for one in on_paper)
    assert all("-wide.svg" in one or "/dimension/" in one for one in on_paper)
    page.emulate_media(media="print", color_scheme=scheme)
    expect(page.locator("picture").first).to_be_hidden()
    expect(page.locator("img.on-paper").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
