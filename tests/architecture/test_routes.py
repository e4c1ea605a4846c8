"""Every page's address: what guards it, and what it never bears."""

import pytest

from app.web.shared.access import ROOT as STAFF
from app.web.shared.access import permission_of


@pytest.fixture
def routes(app):
    return [(rule, app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()]


def test_every_page_of_the_staff_wing_has_a_permission(app, routes):
    staff = [rule for rule, view in routes if view.__module__.startswith("app.web.staff")]
    assert staff
    for rule in staff:
        permission_of(app, rule.endpoint)  # an unmarked view has none and raises


def test_the_staff_wing_lies_under_one_path_and_nothing_else_does(routes):
    for rule, view in routes:
        assert rule.rule.startswith(f"{STAFF}/") == view.__module__.startswith("app.web.staff"), rule


def test_only_the_pages_before_the_door_need_no_sign_in(app, routes):
    open_pages = {
        rule.endpoint
        for rule, view in routes
        if view.__module__.startswith("app.web.staff") and permission_of(app, rule.endpoint) is None
    }
    assert all(endpoint.startswith(("signin.", "single_signon.")) for endpoint in open_pages), open_pages


def test_no_address_of_the_answering_pages_bears_a_value(routes):
    for rule, view in routes:
        if view.__module__.startswith("app.web.respondent"):
            assert rule.arguments <= {"lang"}, f"{rule}: what stands in an address ends in a log"
            assert "<any(fi, sv, en):lang>" in rule.rule or not rule.arguments, "a language is one of three words"
