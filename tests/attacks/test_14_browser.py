"""Attack 14: sit down at a shared computer after somebody has answered, and look for code and answers.

What a real browser does is tried in `tests/browser/test_answering.py`; here is what every browser is told,
and what a page that is sent again gives away.
"""

import ast
from datetime import timedelta

import pytest

from app.config import ROOT
from app.web.respondent import self_assessment, submission_request
from tests.conftest import NOON
from tests.web.open_round import begin, open_round, radios, to_check
from tests.web.visitor import Visitor

IN_A_BROWSER = {
    "test_the_code_of_a_slip_opens_the_survey_without_a_press_and_leaves_the_address",
    "test_after_sending_the_browsers_back_shows_neither_code_nor_answer",
    "test_without_script_the_whole_way_works",
    "test_after_a_self_assessment_the_browsers_back_shows_no_answer",
}


@pytest.fixture
def code(app, session):
    return open_round(app, session, alder=24)[1]["alder"][0]


class Watchful(Visitor):
    """A visitor who keeps what a browser would keep: each answer's address and headers, each page's form."""

    def __init__(self, app):
        super().__init__(app, anonymous=True)
        self.seen = []
        self.sent = []

    def _arrive(self, url, response, status):
        page = super()._arrive(url, response, status)
        self.seen.append((self.url, dict(self.response.headers), self.response.text))
        return page

    def post(self, url, fields, status=200):
        self.sent.append((url, dict(fields)))
        return super().post(url, fields, status)


def answered(app, code, *, shared):
    """Let somebody answer and get up; return all that the browser saw."""
    person = Watchful(app)
    begin(person, code, shared="yes" if shared else "")
    to_check(person)
    person.press("Send my answers")
    return person


def assessed(app, *, shared):
    """Let somebody assess themselves and get up; return all that the browser saw."""
    person = Watchful(app)
    person.get("/en/self-assessment")
    person.press("Begin", shared="yes" if shared else "")
    to_check(person)
    person.press("Show my own feedback")
    return person


def remembered(person, code):
    """What the next person finds: kept pages, addresses with secrets, fields a browser may fill in again."""
    found = []
    for url, headers, text in person.seen:
        if "no-store" not in headers.get("Cache-Control", ""):
            found.append(f"{url} may be kept")
        if "Set-Cookie" in headers or headers.get("Referrer-Policy") != "no-referrer":
            found.append(f"{url} is carried on")
        if code in url or "?" in url:
            found.append(f"{url} stands in the history")
        if 'name="code"' in text and 'autocomplete="off"' not in text:
            found.append(f"{url} lets its fields be filled in")
    return found


def sent_again(app, person):
    """What "back" and "send again" show of each page: any chosen option, or the code taken as good."""
    fresh = Visitor(app, anonymous=True)
    found = []
    for url, fields in person.sent:
        answer = fresh.client.post(url, data=fields)
        if answer.status_code == 200 and ("checked" in answer.text.split("<main")[-1] or "marks" in answer.text):
            found.append(url)
    return found


def test_a_browser_is_told_to_keep_nothing(app, code):
    assert remembered(answered(app, code, shared=True), code) == []


def test_the_last_page_tells_the_browser_to_clear(app, code):
    person = answered(app, code, shared=True)
    assert person.redirect.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert code not in person.response.text and not radios(person)


def test_a_page_sent_again_on_a_shared_computer_shows_nothing(app, code):
    person = answered(app, code, shared=True)
    assert len(person.sent) == 9  # the code, the information, six themes, the check
    assert sent_again(app, person) == []


def test_a_self_assessment_leaves_nothing_with_the_browser(app):
    person = assessed(app, shared=True)
    assert remembered(person, "no code") == []
    assert person.response.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_a_self_assessment_sent_again_after_the_time_out_shows_nothing(app, monkeypatch):
    people = [assessed(app, shared=True), assessed(app, shared=False)]
    assert len(people[0].sent) == 9  # the start, seven themes, the check
    monkeypatch.setattr(self_assessment, "now", lambda: NOON + timedelta(minutes=15, seconds=1))
    assert sent_again(app, people[0]) == []
    assert sent_again(app, people[1]), "a device of one's own has no time-out, so the attack reads its answers"


def test_what_only_a_browser_can_show_is_shown_in_one():
    source = (ROOT / "tests" / "browser" / "test_answering.py").read_text(encoding="utf-8")
    there = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    assert there >= IN_A_BROWSER


def test_the_attack_reads_answers_where_spent_codes_still_open_pages(app, code, monkeypatch):
    monkeypatch.setattr(submission_request, "recheck_code", lambda *_arguments, **_keywords: None)
    assert sent_again(app, answered(app, code, shared=True))


@pytest.mark.parametrize("header", ["Cache-Control", "Referrer-Policy"])
def test_the_attack_finds_pages_that_may_be_kept(app, code, header, monkeypatch):
    monkeypatch.setattr(app.test_client_class, "audits", False)

    @app.after_request
    def forget(response):
        response.headers[header] = "public"
        return response

    assert remembered(answered(app, code, shared=True), code)
