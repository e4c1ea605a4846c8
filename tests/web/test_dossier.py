"""The dossier of evidence: from frozen figures only, readable by machines and by everybody."""

import io
import subprocess
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.services import catalogue, dossier
from tests.publications import NOON, made, store
from tests.web.staff_client import add_account, client_of, signed_in
from tests.web.visitor import Visitor


@pytest.fixture
def released(app, session):
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    return store(session, made())


@pytest.fixture
def desk(app):
    return signed_in(app, Grant(Role.COORDINATOR))


def text_of(content, tmp_path):
    path = tmp_path / "dossier.pdf"
    path.write_bytes(content)
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("language", "words"),
    [("fi", "Näyttö koulutustarpeista"), ("sv", "Underlag om utbildningsbehov"), ("en", "Evidence of training needs")],
)
def test_the_document_speaks_each_language(released, desk, language, words, tmp_path):
    answer = desk.get(f"/staff/dossier/{language}.pdf")
    assert answer.content_type == "application/pdf"
    assert b"pdfuaid" in answer.data
    told = text_of(answer.data, tmp_path)
    assert words in told
    assert "Kuvitteinen seutu" in " ".join(told.split())


def test_the_workbook_bears_every_part_with_numbers_as_numbers(released, desk):
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/staff/dossier/en.xlsx").data))
    assert len(book.sheetnames) == 7
    needs = list(book["Needs"].iter_rows(values_only=True))
    figures = {one.measure: one for one in released.scale_figures_in(released.region_cell)}
    expected = {
        round(100 - figures[one.id].mean, 9) if one.dimension == "demands" else figures[one.id].mean
        for one in released.scales
        if one.dimension
    }
    assert {row[1] for row in needs[1:]} <= expected
    assert len(needs) == 7
    assert sum(row[3] for row in list(book["Equity across municipalities"].iter_rows(values_only=True))[1:]) == (
        released.invited
    )


def test_no_community_is_named_in_it(released, session):
    found = dossier.gather_funding_dossier(session, now=NOON)
    told = repr(found)
    assert not [unit.name for unit in released.region.units if unit.name in told]


def test_without_a_release_there_is_no_dossier(app, session, desk):
    store(session, made(), released=False)
    assert "No round has been released yet" in desk.get("/staff/dossier/").text
    assert desk.get("/staff/dossier/fi.pdf").status_code == 404


def test_only_a_coordinator_of_the_whole_region_reads_it(app, released):
    for grant in (Grant(Role.PRINCIPAL, "north", "pine"), Grant(Role.COORDINATOR, "north")):
        client = signed_in(app, grant, email=f"{grant.role}@example.test")
        assert client.get("/staff/dossier/").status_code == 403
        assert client.get("/staff/dossier/fi.xlsx").status_code == 403


def test_the_page_is_faultless(app, released):
    visitor = Visitor(app)
    visitor.client = client_of(app, add_account(Grant(Role.COORDINATOR)))
    assert "Evidence for funding" in visitor.get("/staff/dossier/").h1
