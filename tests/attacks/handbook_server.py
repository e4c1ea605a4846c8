"""A PostgreSQL as the handbook asks for it: it removes old logs instead of keeping them to be written over."""

import pytest

from tests.databases import template_postgresql
from tests.postgresql import own_server


@pytest.fixture(scope="module")
def postgresql_server():
    with own_server("wal_recycle=off") as url:
        yield url


@pytest.fixture(scope="module")
def postgresql_template(postgresql_server):
    with template_postgresql(postgresql_server) as name:
        yield name
