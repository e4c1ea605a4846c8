"""Which day it is on a page is decided where the schools are, not in Greenwich."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

from app.config import ROOT
from app.web.shared.app_context import app_context, today

AFTER_MIDNIGHT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # half past midnight in Helsinki


def test_after_midnight_it_is_the_next_day(app):
    app.extensions["voimavara"] = replace(app_context(), clock=lambda: AFTER_MIDNIGHT)
    assert today() == date(2026, 11, 25)


def test_no_page_takes_the_day_from_a_moment_of_another_zone():
    pages = list((ROOT / "app" / "web").rglob("*.py"))
    assert pages
    found = [path.name for path in pages if re.search(r"\bnow\(\)\.date\(\)", path.read_text(encoding="utf-8"))]
    assert found == ["app_context.py"]  # in the docstring that warns of it
