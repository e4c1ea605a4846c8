"""What the tests of the pages start from."""

import pytest

from tests.web.open_round import open_round
from tests.web.visitor import Visitor


@pytest.fixture
def asked(app, session):
    return open_round(app, session, alder=24, birch=7, cedar=4)


@pytest.fixture
def code(asked):
    return asked[1]["alder"][0]


@pytest.fixture
def visitor(app):
    return Visitor(app, anonymous=True)
