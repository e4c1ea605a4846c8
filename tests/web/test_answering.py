"""Answering, as somebody without script does it; every page on the way is audited."""

from dataclasses import replace

import pytest

from app.services import answering
from app.web.respondent import tickets
from tests.conftest import NOON
from tests.web.open_round import begin, is_unspent, own_secret, radios, to_check

PAGES = 7  # of a first survey: the page on the last survey is not asked


def test_the_front_page_comes_in_the_readers_language(app):
    for wanted in ("fi", "sv", "en"):
        answer = app.test_client().get("/", headers={"Accept-Language": wanted})
        assert answer.headers["Location"] == f"/{wanted}/"


def test_answers_reach_the_box_and_spend_the_code(app, session, visitor, code):
    begin(visitor, code)
    to_check(visitor)
    visitor.press("Send my answers")
    assert visitor.url == "/en/thanks"
    assert code not in visitor.response.text
    assert not is_unspent(app, session, code)


def test_the_browser_is_told_to_forget_but_stays_signed_in(app, visitor, code):
    begin(visitor, code)
    to_check(visitor)
    visitor.press("Send my answers")
    assert visitor.redirect.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert visitor.redirect.status_code == 303


def test_nothing_but_the_code_is_mandatory(app, session, visitor, code):
    begin(visitor, code)
    while "Check your answers" not in visitor.page.title:
        visitor.press("Continue")
    assert visitor.response.text.count("Not answered") == 28  # 27 items and the group
    visitor.press("Send my answers")
    assert not is_unspent(app, session, code)


def test_nothing_is_preselected(visitor, code):
    begin(visitor, code)
    for _ in range(PAGES - 1):
        assert not [tag for tag in visitor.page.all("input") if tag["checked"] is not None]
        visitor.press("Continue")


def test_every_question_is_a_fieldset_with_the_options_stacked_and_a_way_out(visitor, code):
    begin(visitor, code)
    for fieldset in visitor.page.all("fieldset"):
        inside = [tag for tag in visitor.page.all("input") if fieldset in tag.around]
        assert [tag["value"] for tag in inside] == ["0", "1", "2", "3", "4", "-"]
        assert fieldset.text.endswith("Skip")


def test_every_question_is_tied_to_the_text_that_its_page_says_of_all(visitor, code):
    begin(visitor, code)
    tied = 0
    while "Check your answers" not in visitor.page.title:
        ids = {tag["id"] for tag in visitor.page.all("p") if tag["id"]}
        for question in visitor.page.all("fieldset"):
            described = question["aria-describedby"]
            assert described is None or described in ids
            tied += described is not None
            assert described is not None or "stem" not in ids
        visitor.press("Continue")
    assert tied > 20


def test_progress_stands_in_the_caption_and_in_the_title(visitor, code):
    begin(visitor, code)
    for number in range(1, PAGES + 1):
        assert f"Page {number} of {PAGES}" in visitor.page.title
        assert f"Page {number} of {PAGES}" in visitor.page.one("main").text
        if number < PAGES:
            visitor.press("Continue")


def test_back_keeps_what_was_answered(visitor, code):
    begin(visitor, code)
    visitor.press("Continue", q0="4", q1="-")
    visitor.press("Back", q5="2")
    assert (visitor.fields()["q0"], visitor.fields()["q1"]) == ("4", "-")
    visitor.press("Continue")
    assert visitor.fields()["q5"] == "2"


@pytest.mark.parametrize("language", ["Suomi", "Svenska", "English"])
def test_the_language_changes_on_every_page_and_keeps_the_answers(visitor, code, language):
    begin(visitor, code)
    for _ in range(PAGES):
        first = {name: "1" for name in radios(visitor)[-1:]}
        visitor.press(language, **first)
        assert visitor.page.one("html")["lang"] == language[:2].lower().replace("su", "fi")
        assert all(visitor.fields()[name] == "1" for name in first)
        visitor.press("English")
        if "Check" not in visitor.page.title:
            visitor.press("Continue")


def test_the_typed_code_survives_a_change_of_language(visitor, code):
    visitor.get("/en/")
    visitor.press("Suomi", code=code)
    assert visitor.fields()["code"] == code


def test_the_check_page_leads_back_to_any_page(visitor, code):
    begin(visitor, code)
    to_check(visitor)
    assert "Somewhat agree" in visitor.response.text
    visitor.post("/en/answer", visitor.fields() | {"go": "theme-demands"})
    assert visitor.page.h1 == "The load of work"


def open_questions(visitor):
    return [tag.text for tag in visitor.page.all("button") if "#" in (tag["formaction"] or "")]


def test_the_check_page_lists_what_was_left_open_and_nothing_that_was_answered_or_skipped(visitor, code):
    begin(visitor, code)
    visitor.press("Continue", q0="4", q1="-", q2="0", q4="1")
    while "Check your answers" not in visitor.page.title:
        visitor.press("Continue", **dict.fromkeys(radios(visitor), "0"))
    assert open_questions(visitor) == ["I can take a break when I need one."]
    assert visitor.page.one("main").text.count("Skipped") == 1
    visitor.press("I can take a break when I need one.", q3="2")
    assert open_questions(visitor) == []


def test_whoever_answers_an_open_question_comes_straight_back_to_the_check_page(visitor, code):
    begin(visitor, code)
    to_check(visitor)
    for pressed in ("Continue", "Back"):
        visitor.post("/en/answer", visitor.fields() | {"go": "theme-control"})
        visitor.press("Svenska")
        visitor.press("English")
        visitor.press(pressed, q0="1")
        assert visitor.page.h1 == "Check your answers"
    visitor.press("Back")
    visitor.press("Back")
    assert visitor.page.h1 == "Support from leadership", "who did not come from the check page goes page by page"


def test_back_alone_leads_from_the_check_page_to_the_first_with_all_answers(visitor, code):
    begin(visitor, code)
    to_check(visitor)
    for _ in range(PAGES):
        visitor.press("Back")
        assert all(visitor.fields()[name] == ("0" if name == "group" else "3") for name in radios(visitor))
    assert visitor.page.h1 == "Before you begin"


def test_an_empty_code_is_asked_for_and_counts_as_no_guess(visitor, code):
    visitor.get("/en/")
    for _ in range(31):
        visitor.press("Continue", status=400, code="  ")
        assert "Type your code." in visitor.page.one("main").text
    visitor.press("Continue", code=code)
    assert visitor.page.h1 == "Before you begin"


@pytest.mark.parametrize("shared", ["yes", ""])
def test_whether_others_use_the_device_is_asked_once_before_the_first_question(visitor, code, shared):
    visitor.get("/en/")
    visitor.press("Continue", code=code, shared=shared)
    assert visitor.fields().get("shared", "") == shared
    visitor.press("Begin", shared="" if shared else "yes")
    assert visitor.fields().get("shared", "") == ("" if shared else "yes")


def test_a_page_of_the_staff_group_from_before_an_update_goes_on_with_its_answers(visitor, code):
    begin(visitor, code)
    visitor.press("Continue", q0="4")
    before = visitor.fields() | {"step": "group", "group": "1"}
    visitor.post("/en/answer", before | {"go": "next"})
    assert visitor.page.h1 == "Check your answers"
    assert "Early-childhood teachers" in visitor.page.one("main").text
    visitor.post("/en/answer", visitor.fields() | {"go": "group"})
    assert visitor.fields()["group"] == "1"
    visitor.post("/en/answer", before | {"go": "back"})
    assert visitor.page.h1 == "Support from leadership"


def test_a_page_from_before_an_update_goes_on_with_its_answers(app, session, visitor, code, monkeypatch):
    begin(visitor, code)
    visitor.press("Continue", q0="4")
    paper = answering.resolve_code(session, code, secret=own_secret(app), now=NOON)
    monkeypatch.setattr(tickets, "FIELDS", tuple(name for name in tickets.FIELDS if name != "box"))
    before = tickets.sign(paper, code=code, secret=own_secret(app))
    monkeypatch.undo()
    visitor.post("/en/answer", visitor.fields() | {"paper": before, "go": "check"})
    assert "Strongly agree" in visitor.response.text
    assert visitor.fields()["paper"] not in {before, ""}
    visitor.post("/en/send", visitor.fields() | {"paper": before})
    assert not is_unspent(app, session, code)
    visitor.post("/en/send", {"code": code, "paper": before}, status=400)
    assert visitor.page.errors


def to_own_words(app, session, visitor, code):
    """Walk to the page of free words, in a round that takes them."""
    begin(visitor, code, shared="")
    paper = answering.resolve_code(session, code, secret=own_secret(app), now=NOON)
    word = tickets.sign(replace(paper, comments=True), code=code, secret=own_secret(app))
    while "words" not in visitor.page.title:
        visitor.post("/en/answer", visitor.fields() | {"paper": word, "go": "next"})


def test_free_words_are_never_markup(app, session, visitor, code):
    to_own_words(app, session, visitor, code)
    visitor.press("Continue", comment='<b>"Less" & more\nnow</b>')
    assert "&lt;b&gt;&#34;Less&#34; &amp; more" in visitor.response.text
    visitor.press("Back")
    assert visitor.fields()["comment"] == '<b>"Less" & more\nnow</b>'


def test_too_many_words_are_an_error_that_keeps_them(app, session, visitor, code):
    to_own_words(app, session, visitor, code)
    visitor.press("Continue", comment="x" * 1001)
    assert visitor.page.title.startswith("Error: In your own words")
    assert visitor.page.errors and visitor.fields()["comment"] == "x" * 1001
    visitor.press("Continue", comment="fewer")
    assert visitor.page.h1 == "Check your answers"


def test_before_the_first_question_stands_who_sees_what(visitor, code):
    visitor.get("/en/")
    visitor.press("Continue", code=code)
    said = visitor.page.one("main").text
    for words in ("at least 10 people", "voluntary", "sealed box", "file on the server", "4 December 2026 at 14:00"):
        assert words in said


@pytest.mark.parametrize(
    ("unit", "words"),
    [("birch", "numbers are shown only for a wider area"), ("cedar", "included only in results of a wider area")],
)
def test_fewer_than_ten_invited_read_that_numbers_exist_only_for_a_wider_area(visitor, asked, unit, words):
    visitor.get("/en/")
    visitor.press("Continue", code=asked[1][unit][0])
    assert words in visitor.page.one("main").text
    assert "Numbers for your community are shown" not in visitor.page.one("main").text
