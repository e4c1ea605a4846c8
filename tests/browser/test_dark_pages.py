"""Pages of the staff in the dark: everything on them can be read, what is coloured by figures too."""

from zoneinfo import ZoneInfo

import pytest

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.services import catalogue
from tests.browser.page_checks import AXE
from tests.conftest import NOON
from tests.publications import made, store
from tests.web.staff_client import add_account, client_of

pytestmark = pytest.mark.browser

CONTRAST = """async () => {
    const found = await axe.run({runOnly: {type: 'rule', values: ['color-contrast']}});
    return found.violations.flatMap(one => one.nodes.map(node => node.html.slice(0, 160))) }"""
PAGES = (
    "/staff/",
    "/staff/results/2",
    "/staff/results/2/community/pine",
    "/staff/results/2/quality",
    "/staff/matching/",
    "/staff/matching/community/pine",
    "/staff/timelines/",
    "/staff/seats/allocation/",
    "/staff/catalogue/",
    "/staff/organisations/",
    "/staff/rounds/plan",
)


@pytest.fixture
def dark(app, session, live, context):
    """A coordinator's screen in the dark, with results, courses and needs to be seen."""
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    first = made(1, days=-200)
    store(session, first)
    store(session, made(2, earlier=(first,)))
    cookie = client_of(app, add_account(Grant(Role.COORDINATOR))).get_cookie("voimavara", path="/staff")
    context.add_cookies([{"name": "voimavara", "value": cookie.value, "domain": "127.0.0.1", "path": "/staff"}])
    page = context.new_page()
    page.emulate_media(color_scheme="dark")
    return page


def test_everything_on_a_dark_page_can_be_read(dark, live):
    faults = []
    for path in PAGES:
        answer = dark.goto(f"{live}{path}")
        assert answer.status == 200
        assert dark.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 24, 27)"
        dark.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        dark.evaluate(AXE)
        faults += [(path, one) for one in dark.evaluate(CONTRAST)]
    assert not faults, "\n".join(map(str, faults))
