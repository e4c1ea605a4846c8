"""Attack 12, with two roles at two places: what one role may do must not be done where only the other may read."""

import pytest

from app.core.accounts import ROLE_PERMISSIONS, Grant, Role
from app.web.shared import access
from app.web.staff.followup import views as followup
from app.web.staff.followup import votes
from tests.attacks.test_12_every_route import fillings
from tests.publications import made, store
from tests.web.staff_client import signed_in

PRINCIPAL = ROLE_PERMISSIONS[Role.PRINCIPAL]
COORDINATOR = ROLE_PERMISSIONS[Role.COORDINATOR]
ROLES = {
    "a principal who coordinates the region": (
        (Grant(Role.COORDINATOR), Grant(Role.PRINCIPAL, "south", "pine")), PRINCIPAL - COORDINATOR,
    ),
    "a principal who coordinates elsewhere": (
        (Grant(Role.COORDINATOR, "north"), Grant(Role.PRINCIPAL, "south", "pine")), COORDINATOR - PRINCIPAL,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def stored(session, frozen):
    return store(session, frozen)


def addresses(app, publication, permissions):
    """Every address behind one of these permissions, with another place of the south in it."""
    southern = {"south", *(unit.id for unit in publication.region.units_of("south"))}
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/staff/") or not rule.arguments:
            continue
        if access.permission_of(app, rule.endpoint) not in permissions:
            continue
        for filled in fillings(rule, publication):
            if southern & set(filled.values()):
                yield rule, app.url_map.bind("localhost").build(rule.endpoint, filled, method=min(rule.methods))


def opened(app, publication, role):
    """The addresses that did something for such an account: showed a page, or took what was sent."""
    grants, permissions = ROLES[role]
    client = signed_in(app, *grants)
    found = set()
    for rule, address in addresses(app, publication, permissions):
        for method in sorted(rule.methods & {"GET", "POST"}):
            if client.open(address, method=method, data={"go": "x"}).status_code not in (403, 404, 405):
                found.add(rule.rule)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_two_roles_are_no_third(app, stored, role):
    assert list(addresses(app, stored, ROLES[role][1]))
    assert opened(app, stored, role) == set()


def test_the_attack_writes_in_a_neighbours_plan_where_one_of_the_roles_is_enough(app, stored, monkeypatch):
    monkeypatch.setattr(followup, "may_in_unit", lambda *_arguments: True)
    monkeypatch.setattr(votes, "may_in_unit", lambda *_arguments: True)
    assert len(opened(app, stored, "a principal who coordinates the region")) > 5
