"""Staff groups of a municipality and the region on their pages: only what is published, to those who may read it."""

from dataclasses import replace

import numpy as np
import pytest
from flask_babel import force_locale

from app.core.accounts import Grant, Role
from app.core.languages import Language
from app.core.publication import Cell, DisclosureState, Level
from app.reports import orientation
from app.reports.staff_groups import staff_group_table
from app.reports.unit_report import build_cell_report
from tests.core.synthetic_region import answers, published, region_of
from tests.publications import WELLBEING, store
from tests.web.staff_client import signed_in

GROUPS = [group.id for group in WELLBEING.groups]
NORTH = Cell(Level.MUNICIPALITY, "north")


@pytest.fixture(scope="module")
def frozen():
    """Two municipalities of four schools, with enough people of each staff group."""
    sizes = {
        town: {f"{town}-{number}": dict.fromkeys(GROUPS, 24) for number in range(4)} for town in ("north", "south")
    }
    counts = {name: dict.fromkeys(GROUPS, 20) for units in sizes.values() for name in units}
    region = region_of(sizes)
    collected = answers(region, counts, instrument=WELLBEING, rng=np.random.default_rng(1))
    publication = published(region, collected, instrument=WELLBEING, by_group=True)
    return replace(publication, instrument=WELLBEING.id, instrument_digest=WELLBEING.digest)


@pytest.fixture
def english(app):
    with app.test_request_context("/?lang=en"), force_locale("en"):
        yield


def table_of(publication, cell):
    report = build_cell_report(publication, cell, instrument=WELLBEING, earlier=(), language=Language.EN)
    return staff_group_table(report, instrument=WELLBEING, language=Language.EN)


def test_the_table_holds_the_published_figures(frozen, english):
    table = table_of(frozen, NORTH)
    assert len(table.groups) == len(GROUPS)
    for row in table.rows:
        for group, figure in zip(GROUPS, row.figures, strict=True):
            told = frozen.figure(Cell(Level.MUNICIPALITY, "north", group), row.row.measure.id)
            if row.row.is_turned and told.mean is not None:
                told = orientation.reflect_figure(told, row.row.measure)
            assert figure == (told if told.state is DisclosureState.SHOWN else None)
    assert any(figure is not None for row in table.rows for figure in row.figures)


def test_groups_are_shown_in_the_direction_of_everybody(frozen, english):
    """Everybody's mean lies between those of the groups, also where a high number is a strain and is turned."""
    turned = 0
    for row in table_of(frozen, NORTH).rows:
        means = [figure.mean for figure in row.figures if figure is not None]
        assert min(means) - 2 <= row.row.figure.mean <= max(means) + 2
        turned = turned + row.row.is_turned
    assert turned


def test_communities_and_places_without_groups_have_no_table(frozen, english):
    assert table_of(frozen, Cell(Level.COMMUNITY, "north-0")) is None
    bare = replace(frozen, participation=tuple(part for part in frozen.participation if part.cell.group is None))
    assert table_of(bare, NORTH) is None


def test_pages_of_a_municipality_and_the_region_show_groups_to_those_who_may_read_them(app, session, frozen):
    number = store(session, frozen).round
    client = signed_in(app, Grant(Role.COORDINATOR))
    # Who answers for shared staff is said on the page of each municipality.
    for path, said in (("municipality/north", "north"), ("region/region", "")):
        page = client.get(f"/staff/results/{number}/area/{path}").text
        assert 'id="staff-groups"' in page
        assert f'<a href="/staff/municipality/{said}">' in page
    assert 'id="staff-groups"' not in client.get(f"/staff/results/{number}/community/north-0").text
    town = signed_in(app, Grant(Role.COORDINATOR, "north"), email="north@example.test")
    assert 'id="staff-groups"' in town.get(f"/staff/results/{number}/area/municipality/north").text
    assert town.get(f"/staff/results/{number}/area/municipality/south").status_code == 403


def test_a_principal_gets_no_group_of_the_municipality_in_files(app, session, frozen):
    number = store(session, frozen).round
    client = signed_in(app, Grant(Role.PRINCIPAL, "north", "north-0"))
    text = client.get(f"/staff/results/{number}/community/north-0/figures.csv").data.decode("utf-8-sig")
    rows = [line.split(";") for line in text.splitlines()]
    level, group = rows[0].index("level"), rows[0].index("group")
    assert {row[group] for row in rows[1:] if row[level] == "municipality"} == {""}
