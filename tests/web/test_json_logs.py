"""Logs as JSON lines: the staff area's requests are among them, and respondents' never."""

import io
import json
import logging

import pytest

from app.config import InvalidSetting, load_settings
from app.core.accounts import Grant, Role
from app.web.shared import json_logs
from tests.web.open_round import begin, to_check
from tests.web.staff_client import signed_in
from tests.web.visitor import Visitor


@pytest.fixture
def lines(app):
    """Return a function that gives the lines written so far; the process's own loggers are left as they were."""
    root, requests = logging.getLogger(), logging.getLogger("voimavara.requests")
    before, level = root.handlers[:], requests.level
    app._got_first_request = False  # the hooks of a request are added as at the start of a process
    json_logs.register(app)
    stream = io.StringIO()
    (added,) = set(root.handlers) - set(before)
    added.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(added)
    requests.setLevel(level)


def test_a_staff_request_is_one_line_without_address_and_account(app, lines):
    client = signed_in(app, Grant(Role.COORDINATOR))
    client.get("/staff/rounds/?word=secret")
    line = [line for line in lines() if line.get("endpoint") == "rounds.index"][-1]
    assert line.keys() == {"time", "level", "logger", "message", *json_logs.FIELDS}
    assert (line["method"], line["status"]) == ("GET", 200)
    assert line["milliseconds"] > 0
    assert "secret" not in json.dumps(line)


def test_no_line_tells_of_a_respondent(app, code, lines):
    visitor = Visitor(app, anonymous=True)
    begin(visitor, code)
    to_check(visitor)
    visitor.press("Send my answers")
    assert lines() == []


def test_what_a_respondent_causes_carries_no_time(app, lines):
    with app.test_request_context("/fi/code", method="POST"):
        logging.getLogger("app").error("The database is away")
    with app.test_request_context("/staff/rounds/"):
        logging.getLogger("app").error("The database is away")
    logging.getLogger("app").error("Tasks wait")
    assert [("time" in line, line["message"]) for line in lines()] == [
        (False, "The database is away"),
        (True, "The database is away"),
        (True, "Tasks wait"),
    ]


def test_an_error_keeps_its_traceback_on_one_line(app, lines):
    try:
        int("first\nsecond")
    except ValueError:
        logging.getLogger("app").exception("Failed\x1b[0m")
    (line,) = lines()
    assert line["message"] == "Failed\x1b[0m"
    assert line["exception"].endswith(r"ValueError: invalid literal for int() with base 10: 'first\nsecond'")


def test_only_text_and_json_can_be_chosen(tmp_path):
    assert load_settings({}, instance=tmp_path, log_format="json").log_format == "json"
    with pytest.raises(InvalidSetting, match="LOG_FORMAT must be text or json, not 'xml'"):
        load_settings({}, instance=tmp_path, log_format="xml")
