"""The workbook of results holds what is printed, each number under a header in the reader's language, and no more."""

import io

import pytest
from flask_babel import force_locale
from openpyxl import load_workbook

from app.core.languages import Language
from app.core.publication import Cell, ChangeLabel, DisclosureState, Level, MeasureKind
from app.reports.workbooks import PublicationWorkbook
from tests.publications import WELLBEING, made

PINE, TINY, SMALL, FIR = (Cell(Level.COMMUNITY, name) for name in ("pine", "tiny", "small", "fir"))
SHEETS = {
    "en": [
        "Guide",
        "Participation",
        "Dimensions",
        "Questions",
        "Changes",
        "Workload and control",
        "Reliability",
        "Link with wellbeing",
    ],
    "fi": [
        "Ohje",
        "Vastaaminen",
        "Osa-alueet",
        "Kysymykset",
        "Muutokset",
        "Työkuorma ja hallinta",
        "Luotettavuus",
        "Yhteydessä hyvinvointiin",
    ],
    "sv": [
        "Anvisning",
        "Deltagande",
        "Delområden",
        "Frågor",
        "Förändringar",
        "Arbetsbelastning och kontroll",
        "Tillförlitlighet",
        "Hänger ihop med välbefinnande",
    ],
}


@pytest.fixture(scope="module")
def second():
    first = made(1)
    return made(2, lift=0.4, earlier=(first,), days=365)


def book(publication, cells=None, language="en", *, with_quality=True):
    chosen = [part.cell for part in publication.participation] if cells is None else cells
    made_of = (publication, frozenset(chosen), WELLBEING, Language(language), {1: "Autumn 2026"})
    return load_workbook(io.BytesIO(PublicationWorkbook(*made_of, with_quality=with_quality).content()))


def rows(workbook, name):
    header, *others = workbook[name].iter_rows(values_only=True)
    return [dict(zip(header, one, strict=True)) for one in others]


def row(workbook, sheet, **wanted):
    (found,) = (one for one in rows(workbook, sheet) if all(one[name] == value for name, value in wanted.items()))
    return found


@pytest.fixture
def english(app):
    with app.test_request_context(), force_locale("en"):
        yield


def test_every_shown_figure_stands_in_it_as_it_was_printed(second, english):
    workbook = book(second)
    scales = rows(workbook, "Dimensions")
    questions = rows(workbook, "Questions")
    assert len(scales) == len(second.figures)
    assert [one["Mean"] for one in scales] == [figure.mean for figure in second.figures]
    items = [measure.id for measure in second.measures if measure.kind is MeasureKind.ITEM]
    assert len(questions) == len(items) * len(second.participation)
    expected = sorted(figure.mean for figure in second.items)
    assert sorted(one["Mean"] for one in questions if one["Mean"] is not None) == expected
    pine = row(workbook, "Dimensions", Name="Mäntykallion koulu", Dimension="Control over work")
    figure = second.figure(PINE, "control")
    assert (pine["Our staff now, from"], pine["Our staff now, to"]) == figure.interval
    assert (pine["Working conditions, from"], pine["Working conditions, to"]) == figure.interval_conditions
    assert (pine["Estimate to compare with"], pine["Smallest detectable change"]) == (
        figure.shrunken,
        figure.smallest_change,
    )
    assert (pine["Municipality"], pine["Good direction"], pine["Level"]) == ("Etelänkylä", "high", "Community")


def test_what_is_withheld_or_placed_has_no_number_in_any_sheet(second, english):
    workbook = book(second, [TINY, SMALL])
    for name in ("Dimensions", "Questions"):
        found = rows(workbook, name)
        assert found
        assert {value for one in found for value in one.values() if isinstance(value, int | float)} == set()
    assert {one["What is shown"] for one in rows(workbook, "Dimensions") if one["Name"] == "Saaren koulu"} == {
        "withheld"
    }
    placed = {one["What is shown"] for one in rows(workbook, "Dimensions") if one["Name"] == "Pikkurannan koulu"}
    assert placed and all(one.startswith("placement only: ") for one in placed)
    tiny = row(workbook, "Participation", Name="Saaren koulu")
    assert (tiny["Answers"], tiny["Response rate, per cent"], tiny["Invited"]) == (None, None, None)
    assert workbook.sheetnames == SHEETS["en"][:4] + SHEETS["en"][6:]  # no change, nobody's demands and control


def test_twelve_answers_give_dimensions_and_no_question(second, english):
    workbook = book(second, [FIR])
    assert second.disclosure_state_of(FIR) is DisclosureState.SHOWN
    assert all(one["Mean"] is not None for one in rows(workbook, "Dimensions"))
    assert {one["What is shown"] for one in rows(workbook, "Questions")} == {"withheld"}


def test_changes_name_the_round_and_what_may_be_said(second, english):
    found = row(book(second, [PINE]), "Changes", Dimension="Control over work", Question=None)
    trend = second.figure(PINE, "control").trends[0]
    assert (found["Since"], found["Change, points"]) == ("Autumn 2026", trend.difference)
    assert trend.label is ChangeLabel.CANNOT_TELL
    assert found["Have working conditions changed?"] == "within the margin of error"
    assert found["Changes tested together"] == trend.comparisons
    assert found["Good direction"] == "high"
    demands = row(book(second, [PINE]), "Changes", Dimension="Demands of work", Question=None)
    assert demands["Good direction"] == "low"


@pytest.mark.parametrize("language", SHEETS)
def test_every_sheet_and_header_is_in_the_reader_s_language(app, second, language):
    with app.test_request_context(), force_locale(language):
        workbook = book(second, language=language)
    assert workbook.sheetnames == SHEETS[language]
    headers = {name: [cell.value for cell in workbook[name][1]] for name in workbook.sheetnames[1:]}
    assert all(one and len(set(header)) == len(header) for header in headers.values() for one in header)
    known = {cell.value for cell in workbook[SHEETS[language][0]]["A"]}
    for name in SHEETS[language][2:4]:
        assert set(headers[name]) <= known  # the guide says what every column means


def test_nothing_in_it_is_a_formula_and_reliability_is_for_those_who_may_read_it(second, english):
    workbook = book(second)
    cells = [cell for sheet in workbook for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert "Reliability" not in book(second, [PINE], with_quality=False).sheetnames
