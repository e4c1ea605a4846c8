import io
import re
import tomllib
import zipfile
from datetime import datetime, timedelta

import pytest

from app.config import ROOT, VERSION, load_settings
from app.factory import create_app
from app.render.tabular_files import xlsx_bytes
from app.web.shared.security_contact import contact_uri
from tests.conftest import NOON

ADDRESS = "/.well-known/security.txt"


def asked(tmp_path, **chosen):
    app = create_app(load_settings({}, instance=tmp_path / "instance", **chosen), clock=lambda: NOON)
    return app.test_client().get(ADDRESS)


def test_whoever_finds_a_vulnerability_finds_whom_to_tell(tmp_path):
    answer = asked(tmp_path, contact="wellbeing@town.example", base_url="https://survey.example")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert answer.mimetype == "text/plain"
    assert fields["Contact"] == "mailto:wellbeing@town.example"
    assert fields["Canonical"] == f"https://survey.example{ADDRESS}"
    expires = datetime.fromisoformat(fields["Expires"])
    assert NOON < expires < NOON + timedelta(days=365)


@pytest.mark.parametrize("contact", ["", "Town hall, second floor", "040 123 4567"])
def test_without_a_contact_that_a_program_can_read_there_is_no_such_file(tmp_path, contact):
    assert asked(tmp_path, contact=contact).status_code == 404


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("a@b.example", "mailto:a@b.example"),
        ("https://b.example/report", "https://b.example/report"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("http://b.example", None),
    ],
)
def test_a_contact_becomes_an_address(contact, address):
    assert contact_uri(contact) == address


def test_the_version_is_one_and_told_everywhere(app):
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == VERSION
    assert f"Voimavara {VERSION}," in app.test_cli_runner().invoke(args=["version"]).output
    for path in ("/en/", "/staff/sign-in"):
        assert VERSION in app.test_client().get(path).text.rpartition("<footer")[2]
    assert VERSION in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert VERSION.encode() in _parts(xlsx_bytes([("one", [["a"]])]))


def _parts(xlsx):
    with zipfile.ZipFile(io.BytesIO(xlsx)) as packed:
        return packed.read("docProps/core.xml")


def test_the_hooks_download_nothing():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^  - repo: (.*)$", hooks, re.MULTILINE) == ["local"]
    assert set(re.findall(r"language: (\w+)", hooks)) == {"system"}
