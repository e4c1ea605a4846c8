"""Titles of rounds, replies of municipalities, notes of courses: in the reader's language, else in one that exists."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.core.languages import Language, PartlyTranslatedText, Translations
from app.core.mail import MessagePurpose
from app.core.rounds import RoundId
from app.render.mail_messages import render_message, sender_details
from app.services import catalogue, followup, rounds
from app.store import courses
from app.store import rounds as store_of_rounds
from app.store.database import database
from tests.follow_ups import planned
from tests.publications import NOON, made, release_round, store
from tests.web.staff_client import signed_in
from tests.web.test_followup_pages import looked_at
from tests.web.test_planned_rounds import FORM, client  # noqa: F401 - a fixture

TITLE = {"title_en": "", "title_sv": "Höstens enkät", "title_fi": ""}
MARKED = '<span lang="sv">Höstens enkät</span>'
HOST = "https://kysely.example"


def planned_round():
    database.session.commit()
    return rounds.get_round(database.session(), RoundId(2))


def test_a_title_in_one_language_is_shown_to_all_and_marked_with_its_language(client):  # noqa: F811 - the fixture
    client.post("/staff/rounds/plan", data=FORM | TITLE | {"is_confirmed": "y"})
    assert planned_round().title == "Höstens enkät"
    assert planned_round().title_translations == Translations(fi="", sv="Höstens enkät", en="")
    for language, heading in (("sv", "Höstens enkät"), ("fi", MARKED), ("en", MARKED)):
        page = looked_at(client, f"/staff/rounds/2?lang={language}")
        assert f"<h1>{heading}</h1>" in page
        assert "<title>Höstens enkät" in page, "no markup stands in a title"


def test_each_reader_sees_the_title_in_their_own_language(client):  # noqa: F811 - the fixture
    titles = {"title_fi": "Syksyn kysely", "title_sv": "Höstens enkät", "title_en": ""}
    client.post("/staff/rounds/plan", data=FORM | titles | {"is_confirmed": "y"})
    assert "<h1>Syksyn kysely</h1>" in looked_at(client, "/staff/rounds/2?lang=fi")
    assert "<h1>Höstens enkät</h1>" in looked_at(client, "/staff/rounds/2?lang=sv")
    assert '<h1><span lang="fi">Syksyn kysely</span></h1>' in looked_at(client, "/staff/rounds/2?lang=en")
    form = looked_at(client, "/staff/rounds/2/edit")
    assert re.search(r'name="title_sv"[^>]*value="Höstens enkät"', form)


def test_a_title_in_no_language_is_refused(client):  # noqa: F811 - the fixture
    answer = client.post("/staff/rounds/plan?lang=en", data=FORM | dict.fromkeys(TITLE, "") | {"is_confirmed": "y"})
    assert answer.status_code == 422 and "Write the title in at least one language." in answer.text


def test_an_older_title_has_no_language_and_stands_in_the_installation_s_to_be_changed(app, client, session):  # noqa: F811 - the fixture
    older = replace(rounds.get_round(session, RoundId(1)), title="Vanha", title_translations=None)
    store_of_rounds.update_draft_if_unchanged(session, rounds.get_round(session, RoundId(1)), older)
    session.commit()
    assert "<h1>Vanha</h1>" in looked_at(client, "/staff/rounds/1?lang=sv")
    own = app.extensions["voimavara"].settings.default_language
    assert re.search(rf'name="title_{own}"[^>]*value="Vanha"', looked_at(client, "/staff/rounds/1/edit?lang=sv"))


@pytest.fixture
def released(session):
    titled = replace(made(), title="Syksy", title_translations=Translations(fi="Syksy", sv="Hösten", en=""))
    publication = store(session, titled)
    release_round(session, publication)
    return publication


def test_results_and_their_files_follow_the_reader(app, session, released):
    desk = signed_in(app, Grant(Role.COORDINATOR))
    number = released.round
    assert "Hösten</h1>" in looked_at(desk, f"/staff/results/{number}?lang=sv")
    assert '<span lang="fi">Syksy</span></h1>' in looked_at(desk, f"/staff/results/{number}?lang=en")
    assert "Hösten" in looked_at(desk, f"/staff/results/{number}/community/pine?lang=sv")
    stored = database.session().connection().exec_driver_sql("SELECT content FROM publication").scalar()
    assert json.loads(stored)["title_translations"] == {"fi": "Syksy", "sv": "Hösten", "en": ""}


def test_a_letter_names_the_round_in_the_language_of_the_letter(app):
    head = sender_details(app.extensions["voimavara"].settings)
    words = {"round": "Syksy", "round_fi": "Syksy", "round_sv": "Hösten", "until": NOON.isoformat(), "unit": "Mänty"}
    words |= {"code": "ABCD-EFGH", "path": ""}
    subjects = {
        language: render_message(MessagePurpose.INVITATION, language, words, head=head).subject for language in Language
    }
    assert subjects[Language.SV].startswith("Hösten:")
    assert subjects[Language.FI].startswith("Syksy:") and subjects[Language.EN].startswith("Syksy:")
    older = {name: word for name, word in words.items() if not name.startswith("round_")}
    assert render_message(MessagePurpose.INVITATION, Language.SV, older, head=head).subject.startswith("Syksy:")


def test_a_reply_in_swedish_is_read_by_all_and_marked(app, session, released):
    number = planned(session, released.round, "pine", power="municipality")
    raised = followup.escalate(session, released.round, "pine", number, "Needed.", by=None, now=NOON)
    session.commit()
    desk = signed_in(app, Grant(Role.COORDINATOR))
    form = {"kind": "done", "over": "", "text_sv": "Från januari.", "text_fi": "", "text_en": ""}
    assert desk.post(f"/staff/inbox/{raised}", data=form).status_code == 302
    database.session.commit()
    answer = followup.find_escalation(session, raised).answer
    assert answer.text.language_for(Language.FI) is Language.SV
    assert '<span lang="sv">Från januari.</span>' in looked_at(desk, f"/staff/inbox/{raised}?lang=fi")
    assert "Från januari.</p>" in looked_at(desk, f"/staff/inbox/{raised}?lang=sv")
    again = re.search(r'<textarea id="text-sv"[^>]*>([^<]*)', looked_at(desk, f"/staff/inbox/{raised}"))
    assert again[1].strip() == "Från januari."


def test_a_reply_without_words_in_any_language_is_refused(app, session, released):
    number = planned(session, released.round, "pine", power="municipality")
    raised = followup.escalate(session, released.round, "pine", number, "Needed.", by=None, now=NOON)
    session.commit()
    desk = signed_in(app, Grant(Role.COORDINATOR))
    for texts in ({"text_fi": " "}, {"text_fi": "x", "text_sv": "x" * 501}):
        form = {"kind": "done", "over": "", **texts}
        assert desk.post(f"/staff/inbox/{raised}", data=form).status_code == 422


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Helsinki")


@pytest.fixture
def shown_courses(app, session):
    catalogue.import_courses(session, demo_catalogue_csv(NOW.date()), zone=ZONE, now=NOW)
    session.commit()
    return app.test_client()


def test_notes_of_a_course_are_marked_with_the_language_that_exists(shown_courses):
    note = "Kontrolloituja tutkimuksia työyhteisöissä, vaikutus kohtalainen."
    assert f'<span lang="fi">{note}</span>' in shown_courses.get("/courses/TYO-01?lang=sv").text
    assert f" {note}<" in shown_courses.get("/courses/TYO-01?lang=fi").text.replace("\n", "")
    assert '<span lang="fi">Esteetön sisäänkäynti' in shown_courses.get("/courses/TYO-01?lang=en").text


def test_the_form_of_a_course_asks_for_its_notes_in_three_languages(app, session, shown_courses):
    course = courses.find_course(session, "TYO-01")
    unknown = replace(course, evidence_note=PartlyTranslatedText("Vanha"), prerequisites=PartlyTranslatedText("Lue"))
    courses.upsert_courses_and_replace_offerings(session, [unknown])
    session.commit()
    desk = signed_in(app, Grant(Role.COORDINATOR))
    page = looked_at(desk, "/staff/catalogue/course/TYO-01?lang=sv")
    own = app.extensions["voimavara"].settings.default_language
    assert re.search(rf'<textarea[^>]*name="evidence_note_{own}"[^>]*>\s*Vanha', page), "the installation's language"
    values = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]*value="([^"]*)"', page))
    form = {**values, "area": "wellbeing", "target": "work", "evidence_grade": "B", "course_status": "active"}
    form |= {
        "led_from_outside": "no",
        "evidence_note_sv": "Forskning",
        f"evidence_note_{own}": "",
        f"prerequisites_{own}": "",
        "audience": "everyone",
    }
    assert desk.post("/staff/catalogue/course/TYO-01", data=form).status_code == 302
    database.session.commit()
    stored = courses.find_course(database.session(), "TYO-01")
    assert stored.evidence_note == PartlyTranslatedText("Forskning", Translations("", "Forskning", ""))
    assert stored.prerequisites == PartlyTranslatedText(""), "what the form empties does not come back"
