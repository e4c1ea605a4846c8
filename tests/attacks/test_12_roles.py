"""Attack 12: sign in as each role and ask for every cell, with filters nobody offered."""

import re
from io import BytesIO
from itertools import product
from zipfile import ZipFile

import pytest

from app.core.accounts import Grant, Role
from app.core.publication import Level
from app.reports import read_access
from app.web.shared import access
from app.web.staff.results import views as results
from tests.publications import made, store
from tests.web.staff_client import signed_in

PINE = "pine"
CRAFTED = (
    "", "?by=control&k=1", "?group=teachers", "?unit=fir&community=fir&municipality=north", "?from=2026-01-01&n=1",
    "?level=community&cell=fir/teachers", "?by=q1%27%20OR%201=1--", "?round=1&round=2",
)  # fmt: skip
ROLES = {
    "principal": (Grant(Role.PRINCIPAL, "south", PINE),),
    "principal of a tiny one": (Grant(Role.PRINCIPAL, "south", "tiny"),),
    "coordinator of the north": (Grant(Role.COORDINATOR, "north"),),
    "administrator": (Grant(Role.ADMINISTRATOR),),
    "trustee": (Grant(Role.TRUSTEE),),
    "nobody": (),
}
QUESTIONS = ("/questions/", "/questions/control-wide.svg", "/questions.csv")


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def stored(session, frozen):
    return store(session, frozen)


def addresses(publication):
    """Every address of every cell of every kind, with the unit that it shows."""
    base = f"/staff/results/{publication.round}"
    for unit in publication.region.units:
        for page in (
            "",
            "/figures.csv",
            "/figures.xlsx",
            "/dimensions-wide.svg",
            "/shares-narrow.svg",
            "/plane-wide.svg",
            "/dimension/control/shares-narrow.svg",
            *QUESTIONS,
        ):
            yield unit.id, f"{base}/community/{unit.id}{page}"
        yield unit.id, f"/staff/matching/community/{unit.id}"
    for place in publication.region.municipalities:
        for page in ("", "/dimensions-wide.svg", "/dimension/control/shares-narrow.svg", *QUESTIONS[:2]):
            yield place.id, f"{base}/area/municipality/{place.id}{page}"
    for page in (
        "",
        "/quality",
        "/figures.csv",
        "/figures.xlsx",
        "/funnel/control-wide.svg",
        "/area/region/region",
        QUESTIONS[2],
    ):
        yield None, f"{base}{page}"


def may_see(grants, publication):
    """The units whose own cells this account may read."""
    homes = {unit.id: unit.municipality for unit in publication.region.units}
    seen = set()
    for grant in grants:
        if grant.role is Role.PRINCIPAL:
            seen.add(grant.community)
        if grant.role is Role.COORDINATOR:
            seen |= {grant.municipality} | {unit for unit, home in homes.items() if home == grant.municipality}
    return seen


def asked(client, publication):
    """What came back for every address with every filter: (unit, address, answer)."""
    for (unit, address), query in product(addresses(publication), CRAFTED[:2]):
        yield unit, address + query, client.get(address + query)


def words(answer):
    """What an answer says; a workbook is a packed folder of texts."""
    if not answer.data.startswith(b"PK"):
        return answer.text
    with ZipFile(BytesIO(answer.data)) as folder:
        return "".join(folder.read(name).decode("utf-8") for name in folder.namelist())


def leaks(client, publication, grants):
    """The addresses that showed a cell out of scope: answered at all, or naming a unit that is not theirs."""
    own = may_see(grants, publication)
    found = []
    strangers = [unit for unit in publication.region.units if unit.id not in own]
    for unit, address, answer in asked(client, publication):
        if answer.status_code != 200:
            continue
        text = words(answer)
        if (unit is not None and unit not in own) or any(
            re.search(rf"{re.escape(one.name)}\b", text) for one in strangers
        ):
            found.append(address)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_nobody_reads_a_cell_beyond_the_own_scope(app, stored, role):
    grants = ROLES[role]
    assert leaks(signed_in(app, *grants), stored, grants) == []


def test_the_roles_that_read_do_read_something(app, stored):
    client = signed_in(app, *ROLES["principal"])
    assert [answer.status_code for unit, _, answer in asked(client, stored) if unit == PINE].count(200) >= 5


@pytest.mark.parametrize("query", CRAFTED)
def test_a_crafted_filter_makes_no_new_figure(app, stored, query):
    """Whatever is asked, a file holds the frozen figures of its cells, each as it was printed."""
    client = signed_in(app, Grant(Role.COORDINATOR))
    plain, crafted = (client.get(f"/staff/results/{stored.round}/figures.csv{one}") for one in ("", query))
    assert plain.text == crafted.text
    page = client.get(f"/staff/results/{stored.round}/community/{PINE}{query}")
    assert page.status_code == 200
    cells = {line.split(";")[1] for line in crafted.text.splitlines()[1:]}
    assert cells <= {figure.cell.unit for figure in stored.figures}


def test_no_cell_smaller_than_what_was_frozen_can_be_named(app, stored):
    client = signed_in(app, Grant(Role.COORDINATOR))
    for unit in ("pine/teachers", "teachers", "pine,fir", "pine+fir", "%2e%2e", "region/teachers"):
        for level in ("community", "area/municipality", "area/region"):
            assert client.get(f"/staff/results/{stored.round}/{level}/{unit}").status_code == 404
    assert not [figure for figure in stored.figures if figure.cell.level is Level.COMMUNITY and figure.cell.group]


def test_the_attack_reads_its_neighbours_where_place_is_not_asked_for(app, stored, monkeypatch):
    for module in (access, results):
        monkeypatch.setattr(module, "has_permission_at", lambda *_arguments, **_keywords: True)
    monkeypatch.setattr(read_access, "may_read", lambda *_arguments: True)
    grants = ROLES["principal"]
    assert len(leaks(signed_in(app, *grants), stored, grants)) > 20
