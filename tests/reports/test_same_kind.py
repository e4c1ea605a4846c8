"""A community beside communities of the same kind: what its page, the region's table and the files say."""

import csv
import io
import json
from dataclasses import replace

import pytest
from flask_babel import force_locale

from app.core.accounts import Grant, Role
from app.core.languages import Language
from app.core.organisations import CommunityKind
from app.core.publication import (
    Cell,
    DisclosureState,
    Figure,
    Level,
    RegionComparisonOutcome,
    compare_scales_with_kind_mean,
)
from app.reports import exports, region_report
from app.reports.same_kind import kind_mean_of, same_kind_comparison
from app.reports.unit_report import build_cell_report
from app.reports.workbooks import PublicationWorkbook
from tests.publications import WELLBEING, made, store
from tests.web.staff_client import signed_in

SCHOOL = CommunityKind.SCHOOL


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture(scope="module")
def uneven():
    """One school far above the others, one far below."""
    return made(1, moods={"pine": 1.2, "full": -1.2})


@pytest.fixture
def english(app):
    with app.test_request_context("/?lang=en"), force_locale("en"):
        yield


def reading(publication, name):
    unit = publication.find_unit_of_community(name)
    cell = Cell(Level.COMMUNITY, unit.id)
    report = build_cell_report(publication, cell, instrument=WELLBEING, earlier=(), language=Language.EN)
    return same_kind_comparison(report, unit)


def test_a_school_is_read_beside_the_schools_whose_numbers_are_shown(frozen, english):
    told = reading(frozen, "pine")
    assert told.title == "Schools in the region"
    shown = [
        unit
        for unit in frozen.region.units
        if unit.kind is SCHOOL and frozen.disclosure_state_of(Cell(Level.COMMUNITY, unit.id)) is DisclosureState.SHOWN
    ]
    assert told.communities[1] == len(shown) >= 5
    for row in told.rows:
        stored = frozen.kind_mean(SCHOOL, row.row.measure.id).mean
        assert row.figure.mean == (100 - stored if row.row.is_turned else stored)
    assert [row.row.measure.id for row in told.rows if row.row.is_turned] == ["demands"]


def test_a_kind_of_which_one_is_shown_is_no_comparison(frozen, english):
    assert frozen.kind_mean(CommunityKind.EARLY_CHILDHOOD, "control") is None
    assert reading(frozen, "fir") is None


def test_a_community_without_results_of_its_own_is_not_put_beside_anything(frozen, english):
    assert reading(frozen, "tiny") is None


def test_a_placed_community_reads_the_mean_of_its_kind_and_no_number_of_its_own(frozen, english):
    told = reading(frozen, "small")
    assert told.rows
    assert all(row.row.figure.mean is None for row in told.rows)
    assert {row.comparison for row in told.rows} == {RegionComparisonOutcome.UNKNOWN}


def test_a_difference_is_told_in_its_direction(uneven):
    for name, side in (("pine", RegionComparisonOutcome.HIGHER), ("full", RegionComparisonOutcome.LOWER)):
        sides = set(compare_scales_with_kind_mean(uneven, uneven.find_unit_of_community(name)).values())
        assert side in sides
        assert sides <= {side, RegionComparisonOutcome.NO_DIFFERENCE, RegionComparisonOutcome.UNKNOWN}


def test_a_coarse_mean_of_a_kind_is_no_difference_by_its_rounding(uneven):
    """A kind's mean in steps of 60 may lie 30 from what is printed: then no difference is told."""
    coarse = replace(uneven, kinds=tuple(replace(item, grain=60.0) for item in uneven.kinds))
    sides = set(compare_scales_with_kind_mean(coarse, coarse.find_unit_of_community("pine")).values())
    assert sides <= {RegionComparisonOutcome.NO_DIFFERENCE, RegionComparisonOutcome.UNKNOWN}


def test_the_table_of_the_region_has_a_row_for_each_kind(frozen, english):
    table = region_report.heat_table(
        frozen, instrument=WELLBEING, language=Language.EN, by=None, municipalities=["north"]
    )
    assert [row.title for row in table.kinds] == ["Schools in the region"]
    assert len(table.kinds[0].cells) == len(table.columns)


def test_files_hold_the_mean_of_the_same_kind(frozen, english):
    rows = exports.scale_figure_table(frozen)
    header = list(rows[0])
    found = [dict(zip(header, row, strict=True)) for row in rows[1:]]
    pine = next(row for row in found if row["unit"] == "pine" and row["scale"] == "control")
    mean = frozen.kind_mean(SCHOOL, "control")
    assert (pine["kind"], pine["kind_mean"], pine["kind_communities"]) == ("school", mean.mean, mean.communities)
    assert {row["kind_mean"] for row in found if row["level"] != "community" or row["unit"] == "fir"} == {None}
    plain = json.loads(exports.export_json(frozen))
    told = next(row for row in plain["figures"] if row["unit"] == "pine" and row["scale"] == "control")
    assert told["same_kind"]["mean"] == mean.mean
    cells = [Cell(Level.COMMUNITY, "pine")]
    sheets = dict(PublicationWorkbook(frozen, cells, WELLBEING, Language.EN, {}, with_quality=False).sheets())
    line = dict(zip(sheets["Dimensions"][0], sheets["Dimensions"][1], strict=True))
    first = frozen.scales[0].id
    assert line["Mean of the same kind"] == frozen.kind_mean(SCHOOL, first).mean


def test_staff_groups_are_not_put_beside_a_kind(frozen):
    figure = Figure(Cell(Level.COMMUNITY, "pine", "teachers"), "control", DisclosureState.SHOWN, mean=50.0)
    assert kind_mean_of(frozen, figure) is None
    assert kind_mean_of(frozen, replace(figure, cell=Cell(Level.COMMUNITY, "pine"))) is not None


def test_pages_and_files_say_it(app, session, frozen):
    number = store(session, frozen).round
    client = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"))
    page = client.get(f"/staff/results/{number}/community/pine").text
    assert "Compared with communities of the same kind" in page
    assert "Schools in the region: the mean of the" in page
    text = client.get(f"/staff/results/{number}/community/pine/figures.csv").data.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert {line["kind"] for line in lines if line["unit"] == "pine" and line["scale"] == "control"} == {"school"}
    coordinator = signed_in(app, Grant(Role.COORDINATOR), email="co@example.test")
    assert "Schools in the region" in coordinator.get(f"/staff/results/{number}").text
    without = coordinator.get(f"/staff/results/{number}/community/fir").text
    assert "of the same kind" not in without


def test_a_publication_from_before_kinds_were_stored_compares_nothing(app, session, frozen):
    units = tuple(replace(unit, kind=None) for unit in frozen.region.units)
    older = replace(frozen, kinds=(), region=replace(frozen.region, units=units))
    number = store(session, older).round
    client = signed_in(app, Grant(Role.COORDINATOR))
    for path in ("", "/community/pine", "/area/region/region"):
        page = client.get(f"/staff/results/{number}{path}")
        assert page.status_code == 200
        assert "of the same kind" not in page.text
        assert "Schools in the region" not in page.text
