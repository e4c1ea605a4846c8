"""The workbook of results is handed out within the own scope, and the trail tells of it."""

import io

import pytest
from openpyxl import load_workbook

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent, AuditFilter
from app.store import audit
from tests.publications import made, store
from tests.web.staff_client import signed_in

PINE = Grant(Role.PRINCIPAL, "south", "pine")
NORTH = Grant(Role.COORDINATOR, "north")


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def stored(session, frozen):
    return store(session, frozen)


def names(answer):
    sheet = load_workbook(io.BytesIO(answer.data))["Dimensions"]
    return {line[1] for line in sheet.iter_rows(min_row=2, values_only=True)}


def test_a_principal_gets_the_own_community_and_what_is_around_it(app, session, stored):
    client = signed_in(app, PINE)
    page = client.get(f"/staff/results/{stored.round}/community/pine")
    assert f"/staff/results/{stored.round}/community/pine/figures.xlsx" in page.text
    answer = client.get(f"/staff/results/{stored.round}/community/pine/figures.xlsx")
    assert names(answer) == {"Mäntykallion koulu", "Etelänkylä", "Kuvitteinen seutu"}
    assert "pine" not in answer.headers["Content-Disposition"]  # a file's name lies about in folders and mails
    assert "Reliability" not in load_workbook(io.BytesIO(answer.data)).sheetnames
    exported = audit.entries(session, AuditFilter(event=AuditEvent.RESULTS_EXPORTED))
    assert exported[0].subject == f"round:{stored.round}-pine"


def test_a_coordinator_gets_the_own_municipality_and_no_other(app, stored):
    client = signed_in(app, NORTH)
    assert "figures.xlsx" in client.get(f"/staff/results/{stored.round}").text
    found = names(client.get(f"/staff/results/{stored.round}/figures.xlsx"))
    homes = {unit.name: unit.municipality for unit in stored.region.units}
    assert {homes[name] for name in found if name in homes} == {"north"}
    assert {"Pohjanlahti", "Kuvitteinen seutu"} <= found and "Etelänkylä" not in found


@pytest.mark.parametrize("address", ["figures.xlsx", "community/fir/figures.xlsx"])
def test_a_principal_gets_no_workbook_of_others(app, stored, address):
    assert signed_in(app, PINE).get(f"/staff/results/{stored.round}/{address}").status_code == 403


def test_before_the_release_a_principal_gets_none(app, session, frozen):
    store(session, frozen, released=False)
    assert signed_in(app, PINE).get(f"/staff/results/{frozen.round}/community/pine/figures.xlsx").status_code == 404
