"""The software bill of materials names every pinned package, with its licence and what it needs."""

import json
import re
from importlib.metadata import version

import click
import pytest

from app.cli.sbom import PINS, PinnedPackage, bill_of_materials, pinned_packages
from app.config import VERSION


def test_the_command_lists_every_pin_once(app):
    done = app.test_cli_runner().invoke(args=["sbom"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.output)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["version"] == VERSION
    pins = re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[.*\])?==(\S+)", PINS.read_text(encoding="utf-8"), re.MULTILINE)
    components = [(one["name"], one["version"]) for one in document["components"]]
    assert {name for name, _version in components} == {name for name, _version in pins}
    assert components == sorted(pin for pin in pins if version(pin[0]) == pin[1])
    references = [one["bom-ref"] for one in document["components"]]
    assert len(set(references)) == len(references) > 40
    assert all(one["properties"] for one in document["components"])


def test_licences_and_dependencies_come_from_the_installed_packages():
    packages = pinned_packages(PINS)
    document = bill_of_materials(packages, timestamp="2026-11-24T12:00:00+00:00")
    licences = {
        one["name"]: one["licenses"][0]["license"]["name"] for one in document["components"] if "licenses" in one
    }
    assert licences.keys() == {package.name for package in packages}
    assert "BSD" in licences["flask"]
    needs = {
        one["ref"].split("@")[0]: [ref.split("@")[0] for ref in one["dependsOn"]] for one in document["dependencies"]
    }
    assert "pkg:pypi/werkzeug" in needs["pkg:pypi/flask"]
    assert "pkg:pypi/flask-migrate" in needs["pkg:generic/voimavara"]
    assert "pkg:pypi/werkzeug" not in needs["pkg:generic/voimavara"]
    known = {one["bom-ref"] for one in document["components"]}
    assert all(set(one["dependsOn"]) <= known for one in document["dependencies"])


def test_the_same_packages_have_the_same_serial_number():
    package = PinnedPackage("no-such-package", "1.0", ("0" * 64,))
    first, second = (bill_of_materials((package,), timestamp=str(year))["serialNumber"] for year in (2026, 2027))
    assert first == second
    assert first != bill_of_materials((), timestamp="2026")["serialNumber"]
    (component,) = bill_of_materials((package,), timestamp="2026")["components"]
    assert component["scope"] == "optional"
    assert "licenses" not in component


def test_names_are_compared_in_their_normal_form(tmp_path):
    pins = tmp_path / "requirements.txt"
    pins.write_text(
        f"# pins\nZope.Interface[test]==8.1 \\\n    --hash=sha256:{'a' * 64}\n    # via x\n", encoding="utf-8"
    )
    assert pinned_packages(pins) == (PinnedPackage("zope-interface", "8.1", ("a" * 64,)),)


def test_a_missing_list_of_packages_is_said(tmp_path):
    with pytest.raises(click.ClickException, match="cannot be read"):
        pinned_packages(tmp_path / "requirements.txt")
