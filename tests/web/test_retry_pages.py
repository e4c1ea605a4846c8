"""A crash, a slow-down or a rest on the way: the page that says so keeps the answers, in every language."""

import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import ServiceUnavailable

from app.services import answering
from app.web.respondent.views import FAILED_CODES
from tests.conftest import NOON
from tests.web.open_round import begin, is_unspent, to_check

ADDRESS = "192.0.2.1"  # the visitor's


def guess_too_often(app):
    for _ in range(40):
        app.extensions[FAILED_CODES].record_failure(ADDRESS, now=NOON)


def fail(monkeypatch, error):
    def failing(*_, **__):
        raise error

    monkeypatch.setattr(answering, "submit_batch", failing)


def test_a_slow_down_at_the_code_does_not_hold_up_the_sending(app, session, visitor, code):
    begin(visitor, code)
    to_check(visitor)
    with app.app_context():
        guess_too_often(app)
    visitor.press("Send my answers")
    assert visitor.page.h1 == "Thank you, your answers have been sent"
    assert not is_unspent(app, session, code)


@pytest.mark.parametrize("error", [OperationalError("", {}, Exception("disk full")), ServiceUnavailable()])
@pytest.mark.parametrize(("language", "heading"), [("Suomi", "Tarkista"), ("Svenska", "Kontrollera")])
def test_after_a_crash_another_language_shows_the_same_answers(
    app, session, visitor, code, monkeypatch, error, language, heading
):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    begin(visitor, code)
    to_check(visitor, "1")
    marks = visitor.fields()["marks"]
    with monkeypatch.context() as broken:
        fail(broken, error)
        visitor.press("Send my answers", status=503 if isinstance(error, ServiceUnavailable) else 500)
    visitor.press(language)
    assert visitor.page.h1.startswith(heading)
    assert visitor.fields()["marks"] == marks
    assert is_unspent(app, session, code)


def test_a_setback_before_the_first_page_keeps_the_typed_code(app, visitor, code):
    visitor.get("/en/")
    with app.app_context():
        guess_too_often(app)
    visitor.press("Continue", status=429, code=code)
    assert visitor.fields()["code"] == code
    visitor.press("Svenska")
    assert visitor.fields()["code"] == code


def test_what_a_setback_carries_is_never_markup(app, visitor, code):
    with app.app_context():
        guess_too_often(app)
    visitor.post("/en/code", {"code": code, "evil": "<b>marked</b>"}, status=429)
    assert "<b>marked" not in visitor.response.text


def test_on_a_shared_computer_a_setback_closes_itself_too(visitor, code, monkeypatch):
    begin(visitor, code, shared="yes")
    to_check(visitor)
    fail(monkeypatch, ServiceUnavailable())
    visitor.press("Send my answers", status=503)
    assert any(tag["http-equiv"] == "refresh" for tag in visitor.page.all("meta"))


@pytest.mark.parametrize("path", ["/nowhere", "/fi/nowhere", "/staff/nowhere"])
def test_every_other_error_can_be_read_in_every_language(visitor, path):
    for language in ("fi", "sv", "en"):
        visitor.get(f"{path}?lang={language}", status=404)
        assert visitor.page.one("html")["lang"] == language
        links = {tag["href"] for tag in visitor.page.all("a")}
        assert {"?lang=fi", "?lang=sv", "?lang=en"} <= links
    assert ("/staff/" in links) == path.startswith("/staff")
