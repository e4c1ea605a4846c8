"""What the log keeps of those who answer, at its most talkative: nothing that was marked."""

import logging

import pytest

from app.store.database import database
from app.store.invitations import InvitationRow
from tests.web.open_round import begin, to_check
from tests.web.visitor import Visitor

MARKED = "ACDE-FGHJ-KMNP-RTVW"
ADDRESS = "203.0.113.201"
AGENT = "MarkedBrowser/9"


@pytest.fixture
def said(caplog):
    """Everything that any logger says, formatted as a log file would have it."""
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join(f"{caplog.handler.format(record)} {record.args}" for record in caplog.records)


def unmarked(text, *marks):
    return not [mark for mark in (MARKED, ADDRESS, AGENT, *marks) if mark in text or mark.replace("-", "") in text]


def client(app):
    found = app.test_client(use_cookies=False)
    found.environ_base |= {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": AGENT}
    return found


def test_a_whole_way_through_leaves_no_mark(app, code, said):
    visitor = Visitor(app, anonymous=True, address=ADDRESS)
    begin(visitor, code)
    marks = visitor.fields()["paper"]
    to_check(visitor)
    visitor.press("Send my answers")
    assert unmarked(said(), code, marks)


def test_a_self_assessment_leaves_no_mark(app, said):
    visitor = Visitor(app, anonymous=True, address=ADDRESS)
    visitor.get(f"/en/self-assessment?place={MARKED}")
    visitor.press("Begin", place=MARKED)
    to_check(visitor)
    marks = visitor.fields()["marks"]
    visitor.press("Show my own feedback")
    assert MARKED in visitor.response.text  # it travels in the page, and only there
    assert unmarked(said(), marks)


def test_refusals_leave_no_mark(app, asked, said):
    visits = client(app)
    answers = [visits.post("/fi/code", data={"code": MARKED}).status_code for _ in range(31)]
    answers += [visits.get(f"/fi/{MARKED}").status_code, visits.get(f"/fi/?code={MARKED}").status_code]
    answers += [visits.post("/fi/send", data={"code": MARKED, "paper": MARKED}).status_code]
    assert set(answers) == {200, 400, 404, 429}
    assert unmarked(said())


def test_a_crash_is_logged_by_its_place_and_without_its_words(app, asked, said):
    InvitationRow.__table__.drop(database.engine)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client(app).post("/fi/code", data={"code": MARKED})
    assert answer.status_code == 500
    assert answer.text.count(MARKED) == 1  # in the form that is kept for a second try, and nowhere else
    assert "Error in respondent.enter_code" in said() and unmarked(said())
