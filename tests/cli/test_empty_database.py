"""Before the database is made, a verb says so instead of falling over."""

import pytest

from app.config import load_settings
from app.factory import create_app


@pytest.fixture
def run(tmp_path):
    app = create_app(load_settings({}, instance=tmp_path / "fresh"))
    return lambda *words: app.test_cli_runner().invoke(args=words)


@pytest.mark.parametrize("words", [("people", "list"), ("round", "list"), ("results", "export", "1")])
def test_a_verb_names_the_remedy(run, words):
    done = run(*words)
    assert done.exit_code == 1
    assert "flask db upgrade" in done.output


def test_an_empty_template_needs_no_database(run):
    assert run("organisations", "template").output.lstrip("\ufeff").startswith("region,")
