"""Self-assessment: the questions of the survey without a code; nothing is stored, and it is clearly no vote."""

import json
from datetime import timedelta

import pytest

from app.config import ROOT
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.support import SupportContactKind
from app.services import support
from app.store import organisations
from app.store.database import Base, database
from app.store.instruments import read_questionnaire_file
from app.web.respondent import answer_state
from tests.conftest import NOON
from tests.web.open_round import WELLBEING, begin, open_round, radios, to_check
from tests.web.visitor import Visitor

OWN = ROOT / "surveys" / "wellbeing_2026_2.toml"
PAGES = 8
FIRST_SURVEY_ITEMS = 33


@pytest.fixture
def person(app):
    return Visitor(app, anonymous=True)


def walk(person, sign="4", **filled):
    """Go from the start to the check page with the given sign everywhere."""
    person.get("/en/self-assessment")
    person.press("Begin", **filled)
    to_check(person, sign)


def contents():
    with database.engine.connect() as connection:
        return {table.name: connection.execute(table.select()).all() for table in Base.metadata.sorted_tables}


def test_it_works_before_any_round_with_the_services_own_questionnaire(person):
    person.get("/en/self-assessment")
    person.press("Begin")
    asked = set()
    for number in range(1, PAGES):
        assert f"Self-assessment, page {number} of {PAGES}" in person.page.title
        asked |= set(radios(person))
        person.press("Continue", **dict.fromkeys(radios(person), "4"))
    assert person.page.h1 == "Check your answers"
    assert len(asked) == FIRST_SURVEY_ITEMS, "neither the staff group nor what an earlier survey led to"
    person.press("Show my own feedback")
    assert person.page.h1 == "Your own feedback"
    rows = [row.text for row in person.page.all("tr")]
    assert any(text.startswith("Control over work 100") for text in rows)
    assert "Go through your tasks with your supervisor" in person.page.one("main").text


def test_it_asks_what_the_newest_survey_asks(app, session, person, tmp_path):
    changed = tmp_path / "changed.toml"
    text = WELLBEING.read_text(encoding="utf-8").replace("I am glad to come to work.", "I am glad to go to work.")
    changed.write_text(text, encoding="utf-8")
    open_round(app, session, questionnaire=changed, alder=24)
    walk(person)
    assert "I am glad to go to work." in person.page.one("main").text
    person.press("Show my own feedback")
    person.press("Svenska")
    assert person.page.h1 == "Din egen återkoppling"


def test_every_page_says_that_it_is_no_answer_to_the_survey(person):
    walk(person)
    for page in ("start", "check", "feedback"):
        if page == "start":
            person.get("/en/self-assessment")
        elif page == "check":
            walk(person)
        else:
            person.press("Show my own feedback")
        assert "not count as an answer to the survey" in person.page.one("main").text
    assert "have been sent" not in person.page.one("main").text
    person.press("English")
    assert "not count as an answer to the survey" in person.page.one("main").text


def test_a_survey_still_asks_for_the_staff_group_after_a_self_assessment(app, session, person):
    code = open_round(app, session, alder=24)[1]["alder"][0]
    answer_state._KNOWN.clear()
    walk(person)
    begin(person, code)
    to_check(person)
    assert person.fields()["group"] == "0"


def test_nothing_is_stored_and_no_ballot_is_cast(app, session, person):
    open_round(app, session, alder=24)
    session.commit()
    before = contents()
    walk(person)
    person.press("Show my own feedback")
    person.press("Compare")
    assert contents() == before


def test_the_municipality_brings_its_contacts_and_is_kept_on_the_way(session, person):
    towns = [Municipality("town", "Town"), Municipality("other", "Other")]
    school = Community("alder", "Alder School", "town", CommunityKind.SCHOOL, {"teachers": 24})
    organisations.upsert(session, municipalities=towns, communities=[school], region=("region", "Region"))
    support.save_support_contacts(
        session, "town", {SupportContactKind.OCCUPATIONAL_HEALTH: "Health House 09 1234"}, by=None, now=NOON
    )
    session.commit()
    person.get("/en/self-assessment?place=town")
    assert [tag["value"] for tag in person.page.all("option") if tag["selected"] is not None] == ["town"]
    walk(person, place="town")
    person.press("Show my own feedback")
    assert "Health House 09 1234" in person.page.one("main").text


def test_the_saved_file_works(person):
    walk(person)
    person.press("Show my own feedback")
    fields = {name: value for name, value in person.fields().items() if name != "file"}
    kept = json.loads(person.client.post("/en/profile/file", data=fields).text)
    assert kept["questionnaire"] == read_questionnaire_file(OWN).digest and kept["scores"]["control"] == 100


def test_the_language_changes_on_every_page_and_keeps_the_answers(person):
    person.get("/en/self-assessment")
    for _ in range(PAGES + 1):
        first = dict.fromkeys(radios(person)[:1], "1")
        for language in ("Suomi", "English"):
            person.press(language, **first)
            assert all(person.fields()[name] == "1" for name in first)
        if person.page.h1 == "Self-assessment":
            person.press("Begin")
        elif "Check" not in person.page.title:
            person.press("Continue")


def test_the_check_page_leads_to_an_open_question_and_back(person):
    walk(person, "4")
    person.post("/en/self-assessment/answer", person.fields() | {"go": "theme-control"})
    person.press("Continue", q0="-")
    assert person.page.h1 == "Check your answers"
    assert not [tag for tag in person.page.all("button") if "#" in (tag["formaction"] or "")]


@pytest.mark.parametrize("shared", ["yes", ""])
def test_a_page_sent_again_later_shows_nothing_on_a_shared_computer(app, person, shared):
    walk(person, shared=shared)
    fields = person.fields()
    door = app.extensions["voimavara"]
    clock = door.clock
    try:
        object.__setattr__(door, "clock", lambda: NOON + timedelta(minutes=16))
        for path in ("answer", "feedback"):
            answer = person.client.post(f"/en/self-assessment/{path}", data=fields | {"go": "next"})
            assert (answer.status_code, "marks" in answer.text) == ((303, False) if shared else (200, True))
    finally:
        object.__setattr__(door, "clock", clock)


@pytest.mark.parametrize("made", ["", "????", "AAAA", "QUJD" * 20])
def test_a_moment_that_this_service_did_not_write_opens_nothing(person, made):
    walk(person, shared="yes")
    fields = person.fields() | {"made": made}
    assert person.client.post("/en/self-assessment/feedback", data=fields).status_code == 303


def test_invented_answers_are_refused_and_unknown_questionnaires_begin_anew(person):
    walk(person, shared="")
    fields = person.fields()
    person.post("/en/self-assessment/answer", fields | {"marks": "z"}, status=400)
    answer = person.client.post("/en/self-assessment/answer", data=fields | {"questionnaire": "0" * 64})
    assert answer.headers["Location"] == "/en/self-assessment"


@pytest.mark.parametrize("path", ["answer", "feedback"])
def test_a_typed_address_leads_to_the_start(person, path):
    person.get(f"/sv/self-assessment/{path}")
    assert person.url == "/sv/self-assessment"


def test_the_start_page_leads_to_it(person):
    person.get("/en/")
    assert "/en/self-assessment" in {tag["href"] for tag in person.page.all("a")}
