"""A number that no table can have is no page, on either database."""

import pytest
from werkzeug.routing import IntegerConverter

from app.core.accounts import Grant, Role
from app.web.shared.url_converters import LARGEST
from tests.databases import both_databases
from tests.web.staff_client import signed_in


@both_databases
@pytest.mark.parametrize("path", ["/api/v1/rounds/{}", "/staff/rounds/{}", "/staff/people/{}", "/staff/inbox/{}"])
def test_a_number_beyond_every_table_is_not_found(app, path):
    visitor = signed_in(app, Grant(Role.COORDINATOR), Grant(Role.ADMINISTRATOR))
    for number in (LARGEST, LARGEST + 1, 10**30):
        assert visitor.get(path.format(number)).status_code in {401, 404}


def test_every_number_in_an_address_has_a_bound(app):
    bounds = [
        converter.max
        for rule in app.url_map.iter_rules()
        for converter in rule._converters.values()
        if isinstance(converter, IntegerConverter)
    ]
    assert bounds
    assert max(bounds) == LARGEST
