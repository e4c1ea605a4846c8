"""The README: files that it links, commands and settings that it names exist."""

import re

import pytest

from app.config import ROOT, Settings

PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
LINKS = sorted(set(re.findall(r"\]\(([^):#]+)\)", PAGE)))


@pytest.mark.parametrize("target", LINKS)
def test_every_linked_file_exists(target):
    assert (ROOT / target).exists()


def test_every_command_of_run_exists():
    script = (ROOT / "run").read_text(encoding="utf-8")
    verbs = set(re.findall(r"\./run ([a-z][\w-]*)", PAGE))
    assert {"test", "test-fast", "check", "bench", "serve", "flask"} <= verbs
    for verb in verbs:
        assert re.search(rf"^{verb}\)$", script, re.MULTILINE), verb


def test_every_flask_command_exists(app):
    rows = re.findall(r"^\| `\./run flask (\S+)`(.*)$", PAGE, re.MULTILINE)
    names = {name for first, rest in rows for name in [first, *re.findall(r"`([a-z]+)`", rest)]} - {"…"}
    assert {"doctor", "backup", "restore", "move", "round"} <= names
    assert names <= set(app.cli.list_commands(None))


def test_every_setting_exists():
    names = re.findall(r"^([A-Z_]+) = ", PAGE, re.MULTILINE) + re.findall(r"`([A-Z]+_[A-Z_]+)(?: = \w+)?`", PAGE)
    assert {"BASE_URL", "OIDC_ISSUER"} <= set(names)
    for name in names:
        assert hasattr(Settings, name.lower()), name
