"""No page and no file shows a number that is bad when high without its label.

Every page and file of the demo is read: of the coordinator, of two principals and of a respondent. A number is shown
turned, under a name that says so, or beside words that say that low is good.
"""

import html
import re
from collections import Counter, deque
from dataclasses import dataclass

import pytest
from flask import current_app
from flask_babel import force_locale
from werkzeug.exceptions import HTTPException

from app.core.accounts import Grant, Role
from app.core.languages import Language
from app.core.rounds import RoundState
from app.reports import exports, orientation, publication_lookup, sentences, workbook_columns
from app.services import rounds
from app.store.database import database, read_session
from app.web.respondent import page_cache, questionnaire_pages
from app.web.shared import fragment_cache
from tests.conftest import NOON, Client
from tests.web.number_directions import Directions
from tests.web.open_round import begin, own_secret, to_check
from tests.web.staff_client import add_account, client_of
from tests.web.test_demo_one_source import demo
from tests.web.visitor import Visitor

__all__ = ["demo"]  # the fixture: this file has a demo of its own too

NEWEST = 3
OWN_NUMBERS = "kuusiranta-tahtikallion-koulu"
PLACEMENT_ONLY = "revonharju-ahmankallion-paivakoti"
LINK = re.compile(r'(?:href|src|srcset)="(/[^"]+)"')
KINDS = {"text/html": "page", "image/svg+xml": "chart", "application/pdf": "paper", "text/csv": "table"}
OFFICE = {"presentationml": "slides", "spreadsheetml": "workbook"}
# A questionnaire is shown as it is asked, and reliability has no direction.
AS_ASKED = {
    "static",
    "rounds.questionnaire",
    "rounds.frozen_questionnaire",
    "questionnaires.complete_scoring_key",
    "results.quality",
}
SHOWN = {"page", "cell", "chart", "text alternative", "paper", "slides"}
FILES = {"workbook", "table"}  # these keep the direction of the questionnaire, and say which it is
FEEDBACK = ("self-assessment", "answers")
OWN_DEMANDS = 25


@dataclass(frozen=True)
class Output:
    """What was sent for one address."""

    endpoint: str
    address: str
    kind: str
    content: bytes


def outputs(app, client, starts, *, language, each=1, follow=True):
    """Follow every link from `starts`, at most `each` addresses of an endpoint beyond them."""
    adapter = app.url_map.bind("localhost")
    waiting = deque(starts)
    seen = set()
    counted = Counter()
    while waiting:
        address = waiting.popleft().partition("#")[0].partition("?")[0]
        if address in seen:
            continue
        seen.add(address)
        try:
            endpoint, _arguments = adapter.match(address, method="GET")
        except HTTPException:
            continue
        if endpoint in AS_ASKED or (counted[endpoint] >= each and address not in starts):
            continue
        counted[endpoint] += 1
        answer = client.get(f"{address}?lang={language.value}", follow_redirects=True)
        kind = KINDS.get(answer.mimetype) or next((OFFICE[name] for name in OFFICE if name in answer.mimetype), None)
        if answer.status_code == 200 and kind is not None:
            yield Output(endpoint, answer.request.path, kind, answer.data)
        answer.close()
        if follow and answer.mimetype == "text/html":
            waiting += [html.unescape(link).partition(" ")[0] for link in LINK.findall(answer.text)]


def community_addresses(unit):
    """Return the addresses of all pages and files about one community that hold numbers."""
    results = f"/staff/results/{NEWEST}/community/{unit}"
    charts = [
        f"{name}-{width}.svg" for name in ("dimensions", "shares", "trends", "plane") for width in ("wide", "narrow")
    ]
    meetings = f"/staff/meetings/{NEWEST}/{unit}"
    return [
        results,
        *(f"{results}/{name}" for name in charts),
        *(f"{results}/dimension/demands/{name}-wide.svg" for name in ("shares", "trends")),
        *(f"{results}/questions/{name}" for name in ("", "demands-wide.svg", "control-narrow.svg")),
        *(f"{results}/{name}" for name in ("figures.csv", "figures.xlsx", "questions.csv", "questions.xlsx")),
        *(f"{meetings}{name}" for name in ("", "/handout.pdf", "/slides.pptx", "/show/results", "/vote")),
        f"/staff/followup/{NEWEST}/{unit}",
        f"/staff/followup/{NEWEST}/{unit}/paper",
        f"/staff/matching/community/{unit}",
    ]


def region_addresses(language):
    """Return the addresses of the pages and files about the region that hold numbers."""
    results = f"/staff/results/{NEWEST}"
    return [
        results,
        *(f"{results}/{name}" for name in ("question-map/", "funnel/demands-wide.svg")),
        *(f"{results}/area/region/region{name}" for name in ("", "/dimensions-wide.svg", "/questions/")),
        *(f"{results}/{name}" for name in ("figures.csv", "questions.csv", "question-map.csv", "question-map.xlsx")),
        *(f"/staff/dossier/{language.value}.{ending}" for ending in ("pdf", "xlsx")),
        "/staff/municipality/kuusiranta",
        "/staff/matching/",
    ]


class OneRequest(Client):
    """A client whose every request has a language of its own; other tests audit the pages."""

    audits = False


@pytest.fixture(scope="module")
def desk(demo):
    """A client of somebody who may read everything in the region."""
    demo.test_client_class = OneRequest
    who = add_account(Grant(Role.COORDINATOR), email="directions@example.test")
    return client_of(demo, who)


def directions(language):
    """Return what is bad when high in the demo's counted rounds, as it is called now."""
    with read_session() as session:
        found = [publication_lookup.find_publication_context(session, number) for number in range(1, NEWEST + 1)]
    numbered = dict(enumerate(found, start=1))
    with current_app.test_request_context(f"/?lang={language.value}"), force_locale(language.value):
        return Directions(
            language,
            {number: context.publication for number, context in numbered.items()},
            {number: context.instrument for number, context in numbered.items()},
        )


def forget(app):
    """Empty every cache of pages."""
    fragment_cache.CACHE.clear()
    for extension in (page_cache.EXTENSION, questionnaire_pages.EXTENSION):
        app.extensions.pop(extension, None)


def addresses(language):
    """Return the addresses of everything that is known to hold numbers."""
    return [*region_addresses(language), *community_addresses(OWN_NUMBERS)]


def of_demo(app, client, language, *, follow=False):
    """Return what is wrong in the demo's pages and files, in which kinds of output, and what was read.

    `follow`: read every page that a link leads to, and a small community.
    """
    forget(app)
    known = directions(language)
    starts = [*addresses(language), *(community_addresses(PLACEMENT_ONLY) if follow else ())]
    found = outputs(app, client, starts, language=language, follow=follow)
    told = [problem for output in found for problem in known.problems(output.kind, output.address, output.content)]
    return [text for _kind, text in told], {kind for kind, _text in told}, known.checked


def of_person(app, path):
    """Return what is wrong in the own feedback on answers that make demands 25 of 100, and how often it was right."""
    forget(app)
    person = Visitor(app, anonymous=True)
    if path == "self-assessment":
        person.get("/en/self-assessment")
        person.press("Begin")
        to_check(person, "1")
        person.press("Show my own feedback")
    else:
        begin(person, unused_code(app))
        to_check(person, "1")
        person.press("Send my answers", profile="yes")
    known = directions(Language.EN)
    wrong = [text for _kind, text in known.problems("page", person.url, person.response.data, own=OWN_DEMANDS)]
    return wrong, known.checked


def unused_code(app):
    """Return a code of the open round of the demo."""
    session = database.session()
    number = next(item.id for item in rounds.rounds(session) if item.state is RoundState.OPEN)
    codes = rounds.issue_slip_codes(session, number, "kuusiranta-rantatien-koulu", secret=own_secret(app), now=NOON)
    session.commit()
    return codes[0]


@pytest.fixture
def nothing_turned(monkeypatch):
    """Switch off the turning: names and descriptions stay those of the direction that is shown."""
    monkeypatch.setattr(orientation, "reflect_within", lambda value, _low, _high: value)


@pytest.fixture
def as_key(monkeypatch):
    """Show demands as a published key would have them: not turned, in a group of their own."""
    monkeypatch.setattr(orientation, "TURNED_TITLES", {})


@pytest.mark.parametrize("language", Language)
def test_no_output_shows_a_number_that_is_bad_when_high_without_its_label(demo, desk, language):
    wrong, _kinds, checked = of_demo(demo, desk, language, follow=language is Language.EN)
    assert wrong == []
    assert min(checked[f"{kind}, turned"] for kind in SHOWN) > 0, checked
    assert min(checked[f"{kind}, labelled"] for kind in FILES) > 0, checked


@pytest.mark.parametrize("path", FEEDBACK)
@pytest.mark.usefixtures("desk")
def test_own_feedback_shows_own_demands_turned(demo, path):
    wrong, checked = of_person(demo, path)
    assert wrong == []
    assert checked["page, turned"] > 0


@pytest.mark.usefixtures("nothing_turned")
def test_every_kind_of_output_is_found_that_shows_the_stored_number_under_the_turned_name(demo, desk):
    _wrong, kinds, _checked = of_demo(demo, desk, Language.EN)
    assert kinds >= SHOWN - {"cell"}
    assert all(of_person(demo, path)[0] for path in FEEDBACK)


@pytest.mark.usefixtures("as_key")
def test_numbers_of_a_key_in_which_low_is_good_say_so_in_every_kind_of_output(demo, desk):
    wrong, _kinds, checked = of_demo(demo, desk, Language.EN)
    assert wrong == []
    assert min(checked[f"{kind}, labelled"] for kind in (SHOWN - {"cell"}) | FILES) > 0, checked


@pytest.mark.usefixtures("as_key")
def test_every_kind_of_output_is_found_that_lacks_the_label(demo, desk, monkeypatch):
    monkeypatch.setattr(sentences, "direction_text", lambda **_direction: "")
    monkeypatch.setattr(sentences, "lower_better_heading", lambda: "")
    monkeypatch.setitem(demo.jinja_env.globals, "lower_better", lambda: "")
    monkeypatch.setattr(workbook_columns, "good_direction", lambda _line: "")
    monkeypatch.setattr(exports, "_good_end", lambda _measure: "")
    _wrong, kinds, _checked = of_demo(demo, desk, Language.EN)
    assert kinds >= (SHOWN - {"cell"}) | FILES


@pytest.mark.usefixtures("as_key", "desk")
def test_own_feedback_that_lacks_the_label_is_found(demo, monkeypatch):
    wrong, checked = of_person(demo, "self-assessment")
    assert wrong == [] and checked["page, labelled"] > 0
    monkeypatch.setattr(orientation, "is_lower_better_as_shown", lambda _scale, _instrument: False)
    assert of_person(demo, "self-assessment")[0] != []
