"""What is refused, and how: wrong codes, strange marks, guesses, lost addresses."""

from datetime import timedelta

import pytest

from app.services import rounds
from app.web.shared.app_context import AppContext
from tests.conftest import NOON
from tests.web.open_round import CLOSES, begin, is_unspent, to_check
from tests.web.visitor import Visitor


def refusal(visitor, code):
    visitor.get("/en/")
    visitor.press("Continue", status=400, code=code)
    return visitor.response.text.replace(code, "")


def test_wrong_spent_and_closed_codes_look_the_same(app, session, asked, visitor):
    number, codes = asked
    begin(visitor, codes["alder"][0])
    to_check(visitor)
    visitor.press("Send my answers")
    spent = refusal(visitor, codes["alder"][0])
    wrong = refusal(visitor, "AAAA-AAAA-AAAA-AAAA")
    rounds.close(session, number, now=NOON)
    session.commit()
    assert spent == wrong == refusal(visitor, codes["alder"][1])


def test_a_code_typed_as_people_type_works(visitor, code):
    visitor.get("/en/")
    visitor.press("Continue", code=f"  {code.lower().replace('-', ' ')} ")
    assert visitor.page.h1 == "Before you begin"


def test_after_sending_an_earlier_page_shows_nothing_on_a_shared_computer(visitor, code):
    begin(visitor, code, shared="yes")
    to_check(visitor)
    earlier = visitor.fields() | {"go": "stay"}
    visitor.press("Send my answers")
    visitor.post("/en/answer", earlier, status=400)
    assert "Somewhat agree" not in visitor.response.text


def test_after_the_closing_a_page_that_was_left_open_shows_nothing(app, visitor, code):
    begin(visitor, code, shared="no")
    to_check(visitor)
    left = visitor.fields() | {"go": "stay"}
    given = app.extensions["voimavara"]
    app.extensions["voimavara"] = AppContext(settings=given.settings, clock=lambda: CLOSES, secret=given.secret)
    visitor.post("/en/answer", left, status=400)
    assert "Somewhat agree" not in visitor.response.text


def test_sending_twice_casts_once(app, session, visitor, code):
    begin(visitor, code)
    to_check(visitor)
    again = visitor.fields() | {"go": "send"}
    visitor.press("Send my answers")
    visitor.post("/en/send", again, status=400)


def test_a_paper_belongs_to_its_code_alone(visitor, asked):
    codes = asked[1]["alder"]
    begin(visitor, codes[0])
    visitor.post("/en/answer", visitor.fields() | {"code": codes[1], "go": "next"}, status=400)
    begin(visitor, codes[0])
    forged = visitor.fields()
    forged["paper"] = forged["paper"][:-6] + "AAAAAA"
    visitor.post("/en/answer", forged | {"go": "next"}, status=400)
    visitor.post("/en/answer", {}, status=400)


@pytest.mark.parametrize(
    "wrong", [{"q0": "9"}, {"q99": "1"}, {f"q{'1' * 5000}": "1"}, {"q0": "12"}, {"marks": "1"}, {"group": "kings"}]
)
def test_marks_that_no_page_sends_are_refused_and_nothing_is_cast(app, session, visitor, code, wrong):
    begin(visitor, code)
    fields = {**visitor.fields(), "go": "send", **wrong}
    visitor.post("/en/send", fields, status=400)
    assert is_unspent(app, session, code)


def test_a_page_that_was_left_open_past_the_end_is_refused(app, session, visitor, code, asked):
    begin(visitor, code, shared="")
    rounds.close(session, asked[0], now=NOON + timedelta(minutes=1))
    session.commit()
    to_check(visitor)
    visitor.press("Send my answers", status=400)


def test_a_shared_computer_closes_the_page_even_without_script(visitor, code):
    begin(visitor, code, shared="yes")
    refresh = next(tag for tag in visitor.page.all("meta") if tag["http-equiv"] == "refresh")
    assert refresh["content"] == "900; url=/en/ended"
    visitor.get("/en/ended")
    assert "If you typed a code, it still works." in visitor.page.one("main").text


def test_an_own_device_is_left_in_peace(visitor, code):
    begin(visitor, code, shared="")
    assert not [tag for tag in visitor.page.all("meta") if tag["http-equiv"]]


@pytest.mark.parametrize("page", ["code", "answer", "send"])
def test_a_reloaded_page_leads_to_the_front_page(visitor, page):
    visitor.get(f"/sv/{page}")
    assert visitor.url == "/sv/"


@pytest.mark.parametrize("page", ["privacy", "accessibility", "thanks", "ended", ""])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_plain_page_is_faultless(visitor, language, page):
    visitor.get(f"/{language}/{page}")
    assert visitor.page.one("html")["lang"] == language


@pytest.mark.parametrize(
    ("language", "address"),
    [
        ("fi", "https://www.saavutettavuusvaatimukset.fi"),
        ("sv", "https://www.tillganglighetskrav.fi"),
        ("en", "https://www.webaccessibility.fi"),
    ],
)
def test_the_supervisor_is_linked_in_the_language_of_the_page(visitor, language, address):
    visitor.get(f"/{language}/accessibility")
    assert address in visitor.page.one("main").text


def test_guessing_is_slowed_down_and_nobody_is_locked_out(app, asked, code):
    guesser = Visitor(app, anonymous=True)
    colleague = Visitor(app, anonymous=True, address="192.0.2.77")
    for _ in range(30):
        refusal(guesser, "AAAA-AAAA-AAAA-AAAA")
    guesser.get("/en/")
    guesser.press("Continue", status=429, code=code)
    assert guesser.response.headers["Retry-After"] == "3"
    assert "your code still works" in guesser.page.one("main").text
    begin(colleague, code)


@pytest.mark.parametrize(("path", "status"), [("/fi/nowhere", 404), ("/xx/", 404), ("/en/thanks", 405)])
def test_errors_say_what_to_do_and_echo_nothing(visitor, path, status):
    if status == 405:
        visitor.post(path, {}, status=405)
    else:
        visitor.get(f"{path}?marked=ABCD", status=status)
    assert "ABCD" not in visitor.response.text and "nowhere" not in visitor.response.text


def test_too_large_a_request_is_refused(visitor, code):
    begin(visitor, code)
    visitor.post("/en/answer", {"comment": "x" * 70_000}, status=413)
