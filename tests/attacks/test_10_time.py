"""Attack 10: read every page of results again and again while things change, and compare."""

import re
from dataclasses import replace

import pytest

from app.core.accounts import Grant, Role
from app.core.organisations import Community, CommunityKind, Municipality
from app.services import answering
from app.store import organisations, publications
from tests.conftest import NOON
from tests.publications import made, store
from tests.web.open_round import open_round, own_secret
from tests.web.staff_client import signed_in

GUARD = re.compile(r'(name="csrf_token" value=")[^"]*')


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def number(session, frozen):
    return store(session, frozen).round


def pages(number):
    """Every address under which something of the results can be read."""
    own = [f"/community/{unit}" for unit in ("pine", "fir", "small", "tiny", "other-3")]
    wide = ["/area/region/region", "/area/municipality/north", "/area/municipality/south"]
    pictures = [f"{page}/{name}-wide.svg" for page in (own[0], wide[0]) for name in ("dimensions", "shares", "plane")]
    files = ["/figures.csv", "/community/pine/figures.csv", "/funnel/control-wide.svg", "/quality", ""]
    return [f"/staff/results/{number}{page}" for page in (*own, *wide, *pictures, *files)]


def read(client, number):
    """The body of each page; the form's guard is new each time and says nothing."""
    answers = {page: client.get(page) for page in pages(number)}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {page: GUARD.sub(r"\1", answer.text) for page, answer in answers.items()}


def changes(app, session):
    """Yield after each thing that may happen between two looks."""
    _, codes = open_round(app, session, pine=30, fir=18)
    yield "another round opens"
    for code in codes["pine"][:12]:
        answering.submit(session, code, ratings={}, group="teachers", comment=None, secret=own_secret(app), now=NOON)
        session.commit()
    yield "people answer"
    change(session, Community("new", "Uusi koulu", "north", CommunityKind.SCHOOL, {"teachers": 14}))
    yield "a community is added"
    change(session, Community("pine", "Toinen nimi", "north", CommunityKind.SCHOOL, {"teachers": 3}))
    yield "a community is moved, renamed and shrunk"
    change(session, Community("fir", "Kuusilahden päiväkoti", "north", CommunityKind.SCHOOL, {}, joined_to="pine"))
    yield "a community is joined to another"


def change(session, community):
    towns = [Municipality("north", "Pohjanlahti"), Municipality("south", "Etelänkylä")]
    organisations.upsert(session, region=("region", "Kuvitteinen seutu"), municipalities=towns, communities=[community])
    session.commit()


def altered(app, session, number):
    """What happened when a byte of any page had changed, and which page."""
    client = signed_in(app, Grant(Role.COORDINATOR), email="attacker@example.test")
    before = read(client, number)
    found = []
    for what in changes(app, session):
        after = read(client, number)
        found += [(what, page) for page in before if after[page] != before[page]]
    return found


def test_no_byte_of_any_result_changes(app, session, number):
    assert altered(app, session, number) == []


def test_an_open_round_has_no_results_and_only_a_band(app, session, number):
    opened, codes = open_round(app, session, pine=30)
    client = signed_in(app, Grant(Role.COORDINATOR), email="attacker@example.test")
    seen = []
    for code in codes["pine"][:15]:
        answering.submit(session, code, ratings={}, group=None, comment=None, secret=own_secret(app), now=NOON)
        session.commit()
        seen.append(GUARD.sub(r"\1", client.get(f"/staff/rounds/{opened}").text))
        assert client.get(f"/staff/results/{opened}").status_code == 404
    assert len(set(seen)) == 1  # half of a community answered and the page never moved


def test_the_attack_sees_results_that_follow_todays_boundaries(app, session, number, monkeypatch):
    frozen_of = publications.find_not_replaced

    def living(session, round_id):
        found = frozen_of(session, round_id)
        now = organisations.load_region(session)
        if found is None:
            return None
        names = {unit.id: unit.name for unit in now.units}
        units = tuple(replace(unit, name=names.get(unit.id, unit.name)) for unit in found.region.units)
        return replace(found, region=replace(found.region, units=units))

    monkeypatch.setattr(publications, "find_not_replaced", living)
    assert {what for what, _ in altered(app, session, number)} >= {"a community is moved, renamed and shrunk"}
