"""Cost of the pages of a principal and a coordinator, with charts drawn and lists made before."""

from functools import partial

from app.cli.demo.people import PEOPLE
from app.core.accounts import DeviceKind, LoginSession, SignInMethod
from app.services import accounts
from app.store import login_sessions, publications
from app.store.database import database, read_session
from app.vault.tokens import digest_token
from app.web.shared.app_context import now
from tests.bench.browsing import Browser
from tests.bench.floor import floor_app
from tests.bench.measuring import Figure, quietest
from tests.bench.worlds import demo

PRINCIPAL = "rehtori@demo.example"
COORDINATOR = "koordinaattori@demo.example"
TURNS = 25
PAGES = (
    ("principal: results of the own community", PRINCIPAL, "/results/{round}/community/{home}", 10),
    ("principal: the same, question by question", PRINCIPAL, "/results/{round}/community/{home}/questions/", 10),
    (
        "principal: a chart that was drawn before",
        PRINCIPAL,
        "/results/{round}/community/{home}/dimensions-wide.svg",
        10,
    ),
    ("principal: the course list of the own community", PRINCIPAL, "/matching/community/{home}", 10),
    ("principal: requests for seats", PRINCIPAL, "/seats/community/{home}", None),
    ("coordinator: the region's table", COORDINATOR, "/results/{round}", None),
    ("coordinator: the region's results", COORDINATOR, "/results/{round}/area/region/{region}", None),
    ("coordinator: quality of the survey", COORDINATOR, "/results/{round}/quality", None),
)
LIMITS = """
Fragments from the frozen publication and from the region's lists are rendered once and cached; the remaining time is
the layout, the signed-in account, and a check whether anything newer was released or changed what lists rest on. The
coordinator's table and the page for seats are rendered each time, a row for each community or course.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Measure each page in turns with the floor's page."""
    app = demo().app()
    least = floor_app(put=None)
    with app.test_request_context("/staff/"), read_session() as session:
        newest = publications.load_released_surveys(session).newest_of_whole_region.round
        region = publications.find_including_replaced(session, newest).region.id
    home = next(person.community for person in PEOPLE if person.email == PRINCIPAL)
    words = {email: _sign_in(app, email) for email in (PRINCIPAL, COORDINATOR)}
    found = []
    for what, email, place, most in PAGES:
        url = "/staff" + place.format(round=newest, home=home, region=region)
        browser = Browser(app)
        beside = Browser(least)
        browser.cookies["voimavara"] = words[email]
        _ask(browser, url)  # the first view draws and renders what is then kept
        own, floor = quietest(partial(_ask, browser, url), partial(_ask, beside, "/page/0"), turns=2 if tiny else TURNS)
        found.append(Figure(what, 1000 * own, "ms", 1000 * floor, most))
    return found


def _ask(browser, url):
    before = browser.seconds
    browser.get(url)
    assert browser.url == url, f"led to {browser.url}"
    return browser.seconds - before


def _sign_in(app, email):
    """Begin a session of the demo's person, as signing in would; return its cookie."""
    word = email.partition("@")[0]
    with app.test_request_context("/staff/"):
        with read_session() as session:
            who = next(one for one in accounts.accounts(session) if one.email == email)
        visit = LoginSession("", who.id, DeviceKind.COMPUTER, SignInMethod.PASSWORD, began_at=now(), seen_at=now())
        login_sessions.add_session(database.session(), digest_token(word), visit)
        database.session().commit()
    return word
