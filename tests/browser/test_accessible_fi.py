"""Every page in Finnish, looked at by axe and at eleven widths: nothing too wide, no word or range broken."""

import pytest

from tests.browser.axe_walk import database_url, look_at_everything
from tests.browser.page_checks import faults
from tests.browser.width_checks import width_faults

__all__ = ["database_url"]  # the fixture
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def faults_on_every_width(page, name):
    """Return what axe finds, and what is too wide or broken. Of the languages Finnish has the longest words."""
    return [*faults(page, name), *width_faults(page, name)]


def test_nothing_stands_in_anybodys_way_and_nothing_is_too_wide(page, live, app, tmp_path):
    look_at_everything(page, live, app, "fi", tmp_path, check=faults_on_every_width)
