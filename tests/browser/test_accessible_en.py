"""Every page in English, looked at by axe; contrast is looked at in Finnish, as colours do not depend on language."""

from functools import partial

import pytest

from tests.browser.axe_walk import database_url, look_at_everything
from tests.browser.page_checks import faults

__all__ = ["database_url"]  # the fixture
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_nothing_stands_in_anybodys_way(page, live, app, tmp_path):
    look_at_everything(page, live, app, "en", tmp_path, check=partial(faults, contrast=False))


def test_a_fault_would_be_seen(page, live):
    """Prove the look: an unnamed button, a pale word and a small link are found."""
    page.goto(f"{live}/en/")
    page.evaluate(
        """() => {
            const main = document.querySelector('main');
            main.append(document.createElement('button'));
            const pale = Object.assign(document.createElement('p'), {textContent: 'pale'});
            pale.style.color = '#ccc';
            pale.style.background = '#fff';
            const small = Object.assign(document.createElement('a'), {href: '/', textContent: '.'});
            small.style.fontSize = '8px';
            main.append(pale, small);
        }"""
    )
    kinds = {kind for _name, _width, kind, _html in faults(page, "spoilt")}
    assert {"button-name", "color-contrast", "too small to press"} <= kinds
