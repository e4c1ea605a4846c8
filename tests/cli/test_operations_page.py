"""What IT is told to type and to set is really there."""

import re

import pytest

from app.config import ROOT, Settings

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", sorted(set(re.findall(r"\./run flask ([a-z]+)", PAGE))))
def test_each_command_exists(app, words):
    assert app.cli.get_command(None, words) is not None or words in {"db"}


def test_each_setting_exists():
    named = {
        name for row in re.findall(r"^\| (`[A-Z_`, ]+) \|", PAGE, re.MULTILINE) for name in re.findall(r"[A-Z_]+", row)
    }
    assert len(named) > 8
    assert {name.lower() for name in named} <= set(Settings.__dataclass_fields__)


def test_the_defaults_that_are_told_are_the_defaults():
    told = {"BACKUP_DAYS": "(35)", "AUDIT_DAYS": "(730)", "LETTER_DAYS": "(30)"}
    for name, word in told.items():
        assert word.strip("()") == str(getattr(Settings(), name.lower()))
        assert word in next(line for line in PAGE.splitlines() if line.startswith("|") and name in line)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_each_address_exists(app, path):
    assert path in PAGE
    assert path in {rule.rule for rule in app.url_map.iter_rules()}


def test_each_figure_that_is_told_exists():
    source = (ROOT / "app" / "web" / "shared" / "metrics.py").read_text(encoding="utf-8")
    figures = set(re.findall(r"voimavara_([a-z_]+)", PAGE))
    assert len(figures) > 5
    assert all(f'"{name}"' in source for name in figures)
