import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.oxml.ns import qn
from pypdf import PdfReader

from app.core.accounts import Grant, Role
from app.core.languages import Language
from app.core.publication import Cell, DisclosureState, Level
from app.render import meeting_words as words
from tests.conftest import NOON
from tests.publications import made, store
from tests.web.staff_client import signed_in

PRINCIPALS = {
    "pine": Grant(Role.PRINCIPAL, "south", "pine"),
    "small": Grant(Role.PRINCIPAL, "south", "small"),
    "tiny": Grant(Role.PRINCIPAL, "north", "tiny"),
}
OWN_NUMBER = 7777.0  # no scale reaches it: wherever it is printed, a withheld figure has leaked


@pytest.fixture(scope="module")
def frozen():
    """A round whose withheld figures bear numbers all the same, so that a paper that prints them is caught."""
    one = made(1)
    ends = (OWN_NUMBER, OWN_NUMBER)
    figures = [
        one_figure
        if one_figure.state is DisclosureState.SHOWN
        else replace(one_figure, mean=OWN_NUMBER, interval=ends, interval_conditions=ends)
        for one_figure in one.figures
    ]
    return replace(one, figures=tuple(figures))


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


def fetch(app, round_id, unit, name, language="fi", **query):
    client = signed_in(app, PRINCIPALS[unit], email=f"{unit}-{language}-{name}@example.test", language="en")
    answer = client.get(f"/staff/meetings/{round_id}/{unit}/{name}", query_string={"lang": language, **query})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.data


def slides(data):
    return list(Presentation(io.BytesIO(data)).slides)


def words_of(slide):
    found = []
    for shape in slide.shapes:
        if shape.has_text_frame:
            found.append(shape.text_frame.text)
        if shape.has_table:
            found += [cell.text for row in shape.table.rows for cell in row.cells]
        found.append(shape._element.xpath(".//p:cNvPr")[0].get("descr") or "")
    return "\n".join(found)


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.mark.parametrize("unit", list(PRINCIPALS))
@pytest.mark.parametrize("language", list(Language))
def test_the_handout_is_one_accessible_page_in_its_language(app, round_id, unit, language):
    reader = PdfReader(io.BytesIO(fetch(app, round_id, unit, "handout.pdf", language.value)))
    assert len(reader.pages) == 1
    assert reader.trailer["/Root"]["/Lang"] == language.value
    assert b"pdfuaid:part" in reader.trailer["/Root"]["/Metadata"].get_object().get_data()
    text = " ".join(reader.pages[0].extract_text().split())
    assert words.CAUTIONS.in_language(language) in text
    assert words.TO_FILL[2].in_language(language) in text


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("unit", list(PRINCIPALS))
def test_there_are_six_slides_each_with_a_title_of_its_own(app, round_id, unit, language):
    deck = slides(fetch(app, round_id, unit, "slides.pptx", language.value))
    titles = [slide.shapes.title.text_frame.text for slide in deck]
    assert len(deck) == 6
    assert all(titles) and len(set(titles)) == 6
    assert titles[1] == words.ANSWERED.in_language(language)
    assert titles[5] == words.NEXT.in_language(language)


def charts_of(deck):
    return [shape for slide in deck for shape in slide.shapes if shape.has_chart]


def test_the_chart_can_be_edited_and_has_its_words(app, round_id):
    deck = slides(fetch(app, round_id, "pine", "slides.pptx", "en"))
    assert not [shape for slide in deck for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.PICTURE]
    (frame,) = charts_of(deck)
    told = frame._element.xpath(".//p:cNvPr")[0].get("descr")
    assert "Control over work" in told and "the region" in told


def test_the_chart_holds_the_shown_means_with_their_intervals(app, frozen, round_id):
    (frame,) = charts_of(slides(fetch(app, round_id, "pine", "slides.pptx", "en")))
    region, own = frame.chart.plots[0].series
    cell = Cell(Level.COMMUNITY, "pine")
    stored = {"demands": 100 - frozen.figure(cell, "demands").mean}
    stored |= {name.id: frozen.figure(cell, name.id).mean for name in frozen.scales if name.id != "demands"}
    assert sorted(own.values) == sorted(stored.values())
    assert len(region.values) == len(own.values)
    names = list(frame.chart.plots[0].categories)
    assert any(name.startswith("Manageable workload: ") for name in names)
    bars = own._element.findall(f".//{qn('c:errBars')}//{qn('c:plus')}//{qn('c:v')}")
    assert len(bars) == len(own.values) and all(float(bar.text) >= 0 for bar in bars)


def test_the_numbers_behind_the_chart_bear_the_time_of_the_slides_and_not_of_the_machine(app, round_id):
    (frame,) = charts_of(slides(fetch(app, round_id, "pine", "slides.pptx", "en")))
    workbook = load_workbook(io.BytesIO(frame.chart.part.chart_workbook.xlsx_part.blob))
    assert workbook.properties.created == NOON.replace(tzinfo=None, microsecond=0)
    assert workbook.active.max_row == len(frame.chart.plots[0].series[0].values) + 1


def test_the_slides_say_in_which_language_they_are_read_out(app, round_id):
    deck = slides(fetch(app, round_id, "pine", "slides.pptx", "sv"))
    spoken = {
        run.font.language_id
        for slide in deck
        for shape in slide.placeholders
        for paragraph in shape.text_frame.paragraphs
        for run in paragraph.runs
    }
    assert {str(one) for one in spoken} == {"SWEDISH_FINLAND (2077)"}


def test_a_community_with_numbers_takes_them_along(app, round_id):
    assert "20–24 people answered." in text_of(fetch(app, round_id, "pine", "handout.pdf", "en"))
    assert "20–24 people answered." in words_of(slides(fetch(app, round_id, "pine", "slides.pptx", "en"))[1])


@pytest.mark.parametrize("unit", ["small", "tiny"])
@pytest.mark.parametrize("name", ["handout.pdf", "slides.pptx"])
def test_no_paper_holds_what_is_withheld(app, round_id, unit, name):
    for language in Language:
        data = fetch(app, round_id, unit, name, language.value)
        text = text_of(data) if name.endswith("pdf") else "\n".join(map(words_of, slides(data)))
        assert len(text) > 500
        assert "7777" not in "".join(letter for letter in text if letter.isalnum())
        assert str(words.WIDER.in_language(language).format(name="")).strip() in text


def test_a_small_community_takes_its_placements_along_as_a_table(app, round_id):
    table = next(s.table for s in slides(fetch(app, round_id, "small", "slides.pptx", "en"))[2].shapes if s.has_table)
    assert table.cell(0, 1).text == "Placement"
    assert table.cell(1, 1).text == "No clear difference from the region"
    assert "No clear difference from the region" in text_of(fetch(app, round_id, "small", "handout.pdf", "en"))


def test_the_questions_follow_the_focus(app, round_id):
    text = text_of(fetch(app, round_id, "tiny", "handout.pdf", "en", focus="leadership"))
    assert "On which matter would a clear line" in text


def test_nobody_takes_the_papers_of_another_community(app, round_id):
    client = signed_in(app, PRINCIPALS["small"])
    for name in ("handout.pdf", "slides.pptx"):
        assert client.get(f"/staff/meetings/{round_id}/pine/{name}").status_code == 403
