"""Every page in Finnish, looked at by axe."""

import pytest

from tests.browser.axe_walk import look_at_everything

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_nothing_stands_in_anybodys_way(page, live, app, tmp_path):
    look_at_everything(page, live, app, "fi", tmp_path)
