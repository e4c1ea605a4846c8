"""Attack 12, over every address there is: a principal writes another community's name wherever a name can stand."""

import sys
from itertools import product

import pytest
from werkzeug.routing import AnyConverter, IntegerConverter

from app.core.accounts import Grant, Role
from app.web.shared import access
from tests.publications import made, store
from tests.web.staff_client import signed_in

OWN = "pine"
WITHOUT_A_PLACE = {
    "/staff/catalogue/",
    "/staff/weights/",
}  # courses, and how they are ranked


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def stored(session, frozen):
    return store(session, frozen)


def fillings(rule, publication):
    """Every way to fill an address with the round's number, another's place, and whatever else there is."""
    strangers = [unit.id for unit in publication.region.units if unit.id != OWN][:3]
    towns = [town.id for town in publication.region.municipalities]
    choices = {}
    for name, converter in rule._converters.items():
        if isinstance(converter, AnyConverter):
            choices[name] = sorted(converter.items)
        elif isinstance(converter, IntegerConverter):
            choices[name] = [publication.round]
        else:
            choices[name] = [*strangers, *towns, "control"]
    yield from (dict(zip(choices, values, strict=True)) for values in product(*choices.values()))


def addresses(app, publication):
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.rule.startswith("/staff/") and rule.arguments:
            for filled in fillings(rule, publication):
                yield rule, adapter.build(rule.endpoint, filled)


def opened(app, publication):
    """The rules under which something was shown to the principal of one school."""
    client = signed_in(app, Grant(Role.PRINCIPAL, "south", OWN))
    answers = ((rule.rule, client.get(address).status_code) for rule, address in addresses(app, publication))
    return {rule for rule, status in answers if status == 200}


def test_no_address_of_the_staff_wing_opens_on_another_place(app, stored):
    assert {rule.partition("<")[0] for rule in opened(app, stored)} <= WITHOUT_A_PLACE


def test_the_attack_reads_its_neighbours_under_many_addresses_where_place_is_not_asked_for(app, stored, monkeypatch):
    for module in sys.modules.values():
        for name in ("has_permission_at", "require_permission_at"):
            if module.__name__.startswith("app.web.staff") and hasattr(module, name):
                monkeypatch.setattr(module, name, lambda *_arguments, **_keywords: True)
    monkeypatch.setattr(access, "has_permission_at", lambda *_arguments, **_keywords: True)
    assert len(opened(app, stored)) > 10
