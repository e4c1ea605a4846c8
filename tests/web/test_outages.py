"""The database is away or the disk is full: a page in the reader's language that keeps what was written."""

import errno
import logging
from io import BytesIO

import pytest
from sqlalchemy import event, text

from app.core.rounds import RoundId
from app.store import boxes, rounds
from app.store.database import database
from app.vault import boxes as vault
from app.web.shared import service_unavailable
from app.web.shared.service_unavailable import LogThrottle
from tests.web.open_round import begin, is_unspent, open_round, own_secret, to_check
from tests.web.page_checks import Page, audit
from tests.web.visitor import Visitor


@pytest.fixture
def database_kind():
    """A file that is taken away, filled up or held: SQLite. The server's own outages are in `tests/hosts`."""
    return "sqlite"


@pytest.fixture
def cut(app, tmp_path):
    """A way to take the database's file away, and to put it back."""
    path = tmp_path / "instance" / "voimavara.db"
    aside = path.with_suffix(".aside")

    def away(gone=True):
        database.session.remove()
        database.engine.dispose()
        if gone:
            path.rename(aside)
            path.mkdir()
        else:
            path.rmdir()
            aside.rename(path)

    return away


def at_the_end(visitor, code, **filled):
    begin(visitor, code, **filled)
    to_check(visitor)


def test_answers_that_could_not_be_sent_are_kept_and_sent_by_the_same_button(app, session, visitor, code, cut):
    at_the_end(visitor, code)
    cut()
    visitor.press("Send my answers", status=503)
    assert visitor.response.headers["Retry-After"] == "30"
    assert visitor.page.h1 == "The service is temporarily unavailable"
    assert "Nothing you wrote will be lost" in visitor.response.text
    visitor.press("Try again", status=503)
    cut(gone=False)
    assert is_unspent(app, session, code)
    session.rollback()
    visitor.press("Try again")
    assert visitor.page.h1 == "Thank you, your answers have been sent"
    assert not is_unspent(app, session, code)


@pytest.mark.parametrize(
    ("language", "title", "button"),
    [
        ("fi", "Palvelu on hetken poissa käytöstä", "Yritä uudelleen"),
        ("sv", "Tjänsten är tillfälligt otillgänglig", "Försök igen"),
        ("en", "The service is temporarily unavailable", "Try again"),
    ],
)
def test_the_page_is_in_the_readers_language(visitor, code, cut, language, title, button):
    at_the_end(visitor, code)
    cut()
    visitor.post(f"/{language}/send", visitor.fields() | {"go": "send"}, status=503)
    assert visitor.page.h1 == title
    assert button in [tag.text for tag in visitor.page.all("button")]


def test_on_a_shared_computer_the_kept_page_closes_itself_as_every_other(visitor, code, cut):
    at_the_end(visitor, code, shared="yes")
    cut()
    visitor.press("Send my answers", status=503)
    assert any(tag["http-equiv"] == "refresh" and "/en/ended" in tag["content"] for tag in visitor.page.all("meta"))


def test_what_cannot_be_reached_by_reading_gets_a_page_without_a_form(visitor, asked, cut):
    cut()
    visitor.get("/courses/", status=503)
    assert not visitor.page.all("form")


def test_answers_that_have_arrived_are_thanked_for_though_the_feedback_fails(app, session, visitor, code, cut):
    at_the_end(visitor, code)
    committed = []
    event.listen(database.engine, "commit", committed.append)
    event.listen(database.engine, "checkin", lambda *_: cut() if committed and not committed.append("cut") else None)
    visitor.press("Send my answers", profile="yes")
    assert visitor.page.h1 == "Thank you, your answers have been sent"
    cut(gone=False)
    assert not is_unspent(app, session, code)


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EROFS, errno.EFBIG])
def test_a_disk_that_takes_nothing_is_told_like_an_absent_database(app, fault):
    def fail():
        raise OSError(fault, "no room")

    app.add_url_rule("/tried", "tried", fail, methods=["POST"])
    answer = app.test_client().post("/tried", data={"word": '"><b>', "go": "x"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert not audit(answer)
    assert ("word", '"><b>') in [(tag["name"], tag["value"]) for tag in Page(answer.text).all("input")]


def test_another_fault_of_the_system_is_no_outage(app):
    def fail():
        raise OSError(errno.ENOTDIR, "a mistake")

    app.add_url_rule("/tried", "tried", fail)
    app.config["TESTING"] = False
    assert app.test_client().get("/tried").status_code == 500


def test_no_password_and_no_file_is_ever_kept_in_a_page(app):
    with app.test_request_context("/staff/x", method="POST", data={"new_password": "secret"}):
        assert service_unavailable.retry_form_of_request(503) is None
    with app.test_request_context("/staff/x", method="POST", data={"a": "b"}, content_type="multipart/form-data"):
        assert service_unavailable.retry_form_of_request(503) is None
    with app.test_request_context("/en/profile", method="POST", data={"a": "b", "file": (BytesIO(b"secret"), "f")}):
        assert service_unavailable.retry_form_of_request(503).fields == (("a", "b"),)
    with app.test_request_context("/en/send"):
        assert service_unavailable.retry_form_of_request(503) is None
    with app.test_request_context("/en/send", method="POST", data={"a": "b"}):
        assert service_unavailable.retry_form_of_request(503).fields == (("a", "b"),)


def test_the_sign_in_page_keeps_nothing(app, cut):
    visitor = Visitor(app)
    visitor.get("/staff/sign-in")
    fields = visitor.fields() | {"email": "a@example.org", "password": "a long secret"}
    cut()
    visitor.post("/staff/sign-in", fields, status=503)
    assert "a long secret" not in visitor.response.text
    assert "a@example.org" not in visitor.response.text


def test_the_log_tells_of_the_trouble_once_a_minute_and_of_no_request(caplog):
    clock = iter([0.0, 1.0, 59.0, 60.0, 61.0])
    teller = LogThrottle(lambda: next(clock))
    with caplog.at_level(logging.ERROR):
        for _ in range(4):
            teller.log("the disk is full")
        teller.log("the database is away")
    assert len(caplog.records) == 3


def of_a_newer_version(box, round_id, *, key):
    """What a version might put up that lays out its boxes anew: it binds them to another name."""
    name = b"2/" + vault.box_label(round_id, box.unit_id, box.number)
    return vault.new_box(24, key=key, name=name, size=48)


def of_shorter_ballots(box, round_id, *, key):
    return vault.new_box(24, key=key, name=vault.box_label(round_id, box.unit_id, box.number), size=16)


def of_another_length(box, _round_id, *, key):
    return box.blob + key


@pytest.mark.parametrize("another", [of_a_newer_version, of_shorter_ballots, of_another_length])
def test_a_box_that_a_newer_version_put_up_is_left_alone_and_the_answers_are_kept(
    app, session, visitor, caplog, another
):
    number, codes = open_round(app, session, alder=24)
    code = codes["alder"][0]
    at_the_end(visitor, code)
    (box,) = boxes.iterate_boxes(session, number)
    key = vault.box_key(own_secret(app), rounds.box_salt(session, RoundId(number)))
    put_up = another(box, number, key=key)
    session.execute(text("UPDATE box SET blob = :blob"), {"blob": put_up})
    session.commit()
    visitor.press("Send my answers", status=503)
    assert visitor.response.headers["Retry-After"] == "30"
    assert "Nothing you wrote will be lost" in visitor.response.text
    assert caplog.text.count("a box does not open here") == 1
    assert is_unspent(app, session, code)
    assert session.scalar(text("SELECT blob FROM box")) == put_up
    session.execute(text("UPDATE box SET blob = :blob"), {"blob": box.blob})  # as if the newer process took it
    session.commit()
    visitor.press("Try again")
    assert visitor.page.h1 == "Thank you, your answers have been sent"
    assert not is_unspent(app, session, code)
