"""Every page in Swedish, looked at by axe; contrast is looked at in Finnish, as colours do not depend on language."""

from functools import partial
from pathlib import Path

import pytest

from app.config import ROOT
from tests.browser.axe_walk import database_url, look_at_everything
from tests.browser.page_checks import faults

__all__ = ["database_url"]  # the fixture
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_nothing_stands_in_anybodys_way(page, live, app, tmp_path):
    look_at_everything(page, live, app, "sv", tmp_path, check=partial(faults, contrast=False))


def test_no_style_depends_on_the_language():
    styles = [path.read_text(encoding="utf-8") for path in Path(ROOT, "app", "web").rglob("*.css")]
    assert styles
    assert not any(":lang(" in style or "[lang" in style for style in styles)
