"""The map of questions by places: only what is published, for those who may read it."""

import csv
import io
from dataclasses import replace

import pytest
from flask_babel import force_locale
from openpyxl import load_workbook

from app.core.accounts import Grant, Role
from app.core.instruments import Polarity
from app.core.languages import Language
from app.core.publication import Cell, DisclosureState, Level, RegionComparisonOutcome, compare_measures_with_region
from app.reports.question_map import MAX_COLUMNS, question_heat_map, question_heat_map_cells, question_heat_map_table
from app.reports.region_report import HeatTone
from tests.publications import WELLBEING, made, store
from tests.web.staff_client import signed_in

BOTH = ("north", "south")


@pytest.fixture(scope="module")
def frozen():
    return made(1, moods={"pine": 1.3, "full": -1.3})


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


@pytest.fixture
def english(app):
    with app.test_request_context("/?lang=en"), force_locale("en"):
        yield


def map_of(publication, municipality=None, readable=BOTH, *, as_asked=False):
    cells = question_heat_map_cells(publication, municipality, readable)
    return question_heat_map(publication, cells, instrument=WELLBEING, language=Language.EN, as_asked=as_asked)


def test_every_number_of_the_file_is_one_of_the_publication(frozen, english):
    for municipality in (None, *BOTH):
        drawn = map_of(frozen, municipality, as_asked=True)
        for row in drawn.rows:
            for place, cell in zip((frozen.region_cell, *drawn.places), (row.region, *row.cells), strict=True):
                figure = frozen.figure(place, row.measure.id)
                shown = figure is not None and figure.state is DisclosureState.SHOWN
                assert bool(cell.text) is shown
                assert cell.value == (figure.mean if shown and figure.capped is None else None)


def test_the_page_shows_every_number_rising_to_the_good_end(frozen, english):
    drawn = map_of(frozen)
    asked = {row.measure.id: row for row in map_of(frozen, as_asked=True).rows}
    turned = [row for row in drawn.rows if frozen.measure(row.measure.id).polarity is Polarity.HIGH_IS_BAD]
    assert len(turned) > 5 and not any(row.low_is_good for row in drawn.rows)
    for row in turned:
        raw = asked[row.measure.id]
        assert row.region.value == 100 - raw.region.value and raw.low_is_good
        assert [cell.tone for cell in row.cells] == [cell.tone for cell in raw.cells]  # colours never turned
        assert bool(row.meaning) is not row.is_dimension
    titles = {row.measure.id: row.title for row in drawn.rows}
    assert titles["demands"] == "Manageable workload" and asked["demands"].title == "Demands of work"


def test_every_scale_and_question_has_one_row(frozen, english):
    ids = [row.measure.id for row in map_of(frozen).rows]
    assert len(ids) == len(set(ids))
    assert set(ids) == {measure.id for measure in frozen.measures}


def test_places_without_numbers_are_named_and_have_no_column(frozen, english):
    drawn = [map_of(frozen, municipality) for municipality in BOTH]
    assert {"Saaren koulu", "Pikkurannan koulu"} <= {name for each in drawn for name in each.withheld}
    for each in drawn:
        assert not set(each.names) & set(each.withheld)


def test_a_cell_is_coloured_only_where_the_comparison_says_so(frozen, english):
    coloured = 0
    for municipality in (None, *BOTH):
        drawn = map_of(frozen, municipality)
        for row in drawn.rows:
            for place, cell in zip(drawn.places, row.cells, strict=True):
                side = compare_measures_with_region(frozen, place, row.measure.kind).get(row.measure.id)
                differs = side in (RegionComparisonOutcome.HIGHER, RegionComparisonOutcome.LOWER)
                assert (cell.tone not in (HeatTone.EVEN, HeatTone.NONE)) is (differs and bool(cell.text))
                coloured = coloured + differs
        assert {cell.comparison for _row, cell in drawn.rows_and_cells_that_differ} <= {
            RegionComparisonOutcome.HIGHER,
            RegionComparisonOutcome.LOWER,
        }
    assert coloured > 10


def test_a_withheld_question_is_hatched_and_empty_in_files(frozen, english):
    drawn = map_of(frozen, "south")
    table = question_heat_map_table(drawn, region="Region")
    empty = [value for row in table[1:] for value in row[4:] if value == ""]
    hidden = [cell for row in drawn.rows for cell in row.cells if not cell.text]
    assert hidden
    assert len(empty) == len(hidden)


def test_a_bound_is_written_as_a_bound(english):
    everybody = {unit.id: 3.0 for unit in made(1).region.units}
    drawn = map_of(made(1, moods=everybody))
    bounds = [cell for row in drawn.rows for cell in row.cells if cell.text.startswith("≥")]
    assert bounds
    assert {cell.value for cell in bounds} == {None}


@pytest.mark.parametrize("places", [0, 1, 12, 13, 40])
def test_tables_hold_at_most_twelve_places_and_every_place_once(frozen, english, places):
    drawn = replace(map_of(frozen), places=tuple(Cell(Level.COMMUNITY, str(n)) for n in range(places)))
    blocks = drawn.column_blocks
    assert [place for block in blocks for place in block] == list(range(places))
    assert all(0 < len(block) <= MAX_COLUMNS for block in blocks)
    assert len(blocks) == -(-places // MAX_COLUMNS)


def test_a_coordinator_reads_the_map_and_its_files(app, round_id, frozen):
    client = signed_in(app, Grant(Role.COORDINATOR))
    page = client.get(f"/staff/results/{round_id}/question-map/")
    assert page.status_code == 200
    assert "Map of the questions" in page.text
    assert "map-withheld" in client.get(f"/staff/results/{round_id}/question-map/south/").text
    assert f'href="/staff/results/{round_id}/question-map/"' in client.get(f"/staff/results/{round_id}").text
    text = client.get(f"/staff/results/{round_id}/question-map/north/map.csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 1 + len(frozen.measures)
    answer = client.get(f"/staff/results/{round_id}/question-map.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in sheet[1]][4:] == ["Etelänkylä", "Pohjanlahti"]


def test_what_is_not_there_is_not_found(app, round_id):
    client = signed_in(app, Grant(Role.COORDINATOR))
    for path in ("question-map/none/", "question-map/none/map.csv"):
        assert client.get(f"/staff/results/{round_id}/{path}").status_code == 404
    assert client.get("/staff/results/99/question-map/").status_code == 404


def test_a_coordinator_of_one_municipality_sees_no_other(app, round_id):
    client = signed_in(app, Grant(Role.COORDINATOR, "north"))
    page = client.get(f"/staff/results/{round_id}/question-map/").text
    assert "Pohjanlahti" in page
    assert "Etelänkylä" not in page
    for path in ("question-map/south/", "question-map/south/map.xlsx"):
        assert client.get(f"/staff/results/{round_id}/{path}").status_code == 403
    assert "Etelänkylä" not in client.get(f"/staff/results/{round_id}/question-map.csv").text


def test_a_principal_has_no_map(app, round_id):
    client = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"))
    for path in ("question-map/", "question-map/south/", "question-map.csv", "question-map/south/map.xlsx"):
        assert client.get(f"/staff/results/{round_id}/{path}").status_code == 403
