"""A survey with changed questions says what can still be compared, on its page and in every file."""

import io
from dataclasses import replace

import pytest
from flask_babel import force_locale
from openpyxl import load_workbook
from pptx import Presentation
from pypdf import PdfReader

from app.config import ROOT
from app.core.accounts import Grant, Role
from app.core.languages import Language
from app.core.publication import Cell, Level
from app.core.rounds import RoundKind
from app.reports import highlights, sentences
from app.reports.questionnaire_change import questionnaire_change, questionnaire_change_sentences
from app.reports.unit_report import build_cell_report
from app.store.instruments import read_questionnaire_file
from tests.publications import made, store
from tests.web.staff_client import signed_in

FILE = ROOT / "surveys" / "wellbeing_2026_2.toml"
NEW = read_questionnaire_file(FILE)
PINE, SMALL, TINY = (Cell(Level.COMMUNITY, name) for name in ("pine", "small", "tiny"))
CONTINUED = (
    "The questionnaire has changed since “Spring 2026”. Only these can be compared with earlier surveys: "
    "Common practices and Wellbeing at work now."
)
ANEW = (
    "Starting again, because the questions are different: Control over work, Manageable workload, Support from "
    "leadership, and Usefulness of the last survey."
)
FIRST_TIME = (
    "Asked for the first time: Skills and meaning of work, Support from workmates, Fairness, Safety at work, and "
    "Recovery and ability to work."
)
QUESTIONS = "17 single questions are the same as before and can be compared one by one."


@pytest.fixture(scope="module")
def before():
    return made(1, title="Spring 2026", days=-200)


@pytest.fixture(scope="module")
def renewed(before):
    return made(2, title="Autumn 2026", lift=0.4, instrument=NEW, earlier=(before,))


@pytest.fixture
def english(app):
    with app.test_request_context("/?lang=en"), force_locale("en"):
        yield


def report(publication, earlier, cell=PINE):
    return build_cell_report(publication, cell, instrument=NEW, earlier=earlier, language=Language.EN)


@pytest.fixture
def stored_rounds(session, before, renewed):
    store(session, before)
    return store(session, renewed, instrument=NEW, source=FILE.read_text(encoding="utf-8")).round


def test_the_summary_says_what_continues_and_what_begins_anew(before, renewed, english):
    assert highlights.change_and_questionnaire_lines(report(renewed, [before]))[-1] == CONTINUED
    assert highlights.questionnaire_change_details(report(renewed, [before])) == [ANEW, FIRST_TIME, QUESTIONS]
    assert CONTINUED in sentences.participation_and_caution_sentences(report(renewed, [before]))


def test_a_row_says_why_it_has_no_change(before, renewed, english):
    rows = {row.measure.id: sentences.trend_sentence(row) for row in report(renewed, [before]).rows}
    assert rows["control"] == "The questions changed, so the rounds cannot be compared."
    assert rows["support"] == rows["safety"] == "This was asked for the first time."
    assert rows["practices"] != rows["control"]


def test_what_was_asked_once_and_then_left_out_is_not_new(before, renewed, english):
    third = made(3, days=200, earlier=(before, renewed))
    built = build_cell_report(
        third,
        PINE,
        instrument=read_questionnaire_file(ROOT / "surveys" / "wellbeing.toml"),
        earlier=[before, renewed],
        language=Language.EN,
    )
    rows = {row.measure.id: sentences.trend_sentence(row) for row in built.rows}
    assert "first time" not in rows["resources"]


def test_a_small_community_is_told_too(before, renewed, english):
    for cell in (SMALL, TINY):
        assert highlights.change_and_questionnaire_lines(report(renewed, [before], cell)) == [CONTINUED]
        assert highlights.questionnaire_change_details(report(renewed, [before], cell)) == [ANEW, FIRST_TIME, QUESTIONS]


def test_nothing_is_said_where_the_questions_are_the_same_or_a_pulse_is_read(before, renewed):
    again = made(3, days=200, instrument=NEW, earlier=(before, renewed))
    assert questionnaire_change(again, [before, renewed]) is None
    assert questionnaire_change(renewed, []) is None
    assert highlights.questionnaire_change_details(report(again, [before, renewed])) == []
    assert questionnaire_change(replace(renewed, kind=RoundKind.PULSE), [before]) is None
    assert questionnaire_change(renewed, [replace(before, kind=RoundKind.PULSE)]) is None


def test_a_pulse_between_two_surveys_does_not_hide_the_change(before, renewed):
    pulse = replace(renewed, kind=RoundKind.PULSE)
    assert questionnaire_change(renewed, [before, pulse]) == questionnaire_change(renewed, [before])


def test_another_questionnaire_has_nothing_in_common(before, english):
    climate = read_questionnaire_file(ROOT / "docs" / "examples" / "climate.toml")
    change = questionnaire_change(made(2, instrument=climate), [before])
    assert change.continued == () and change.questions == 0
    told = questionnaire_change_sentences(change, {scale.id: scale.id for scale in climate.scales})
    assert told[0].endswith("so no dimension can be compared with earlier surveys.")


def test_the_page_of_results_says_it(app, stored_rounds):
    client = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"))
    page = client.get(f"/staff/results/{stored_rounds}/community/pine?lang=en").text
    for sentence in (CONTINUED, ANEW, FIRST_TIME, QUESTIONS):
        assert sentence in page


def test_the_region_says_it(app, stored_rounds):
    page = signed_in(app, Grant(Role.COORDINATOR)).get(f"/staff/results/{stored_rounds}?lang=en").text
    assert CONTINUED in page


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize(("unit", "municipality"), [("pine", "south"), ("small", "south"), ("tiny", "north")])
def test_the_handout_says_it_on_its_one_page(app, stored_rounds, unit, municipality, language):
    client = signed_in(app, Grant(Role.PRINCIPAL, municipality, unit))
    handout = client.get(f"/staff/meetings/{stored_rounds}/{unit}/handout.pdf?lang={language}")
    pages = PdfReader(io.BytesIO(handout.data)).pages
    assert len(pages) == 1
    text = " ".join(pages[0].extract_text().split())
    assert "Spring 2026" in text
    assert language != "en" or CONTINUED in text


def test_the_slides_say_it(app, stored_rounds):
    client = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"))
    slides = client.get(f"/staff/meetings/{stored_rounds}/pine/slides.pptx?lang=en")
    shown = [
        shape.text_frame.text
        for slide in Presentation(io.BytesIO(slides.data)).slides
        for shape in slide.shapes
        if shape.has_text_frame
    ]
    assert any(CONTINUED in text for text in shown)


def test_the_workbook_says_it_in_the_direction_of_the_file(app, stored_rounds):
    client = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"))
    answer = client.get(f"/staff/results/{stored_rounds}/community/pine/figures.xlsx?lang=en")
    guide = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    told = [row[1] for row in guide.iter_rows(values_only=True) if row[0] == "Comparison with earlier surveys"]
    assert told == [CONTINUED, ANEW.replace("Manageable workload", "Demands of work"), FIRST_TIME, QUESTIONS]
