"""`flask sbom`: write the service's packages as a CycloneDX document (software bill of materials)."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import click

from app.config import ROOT, VERSION
from app.web.shared.app_context import now

SPECIFICATION = "1.6"
PINS = ROOT / "requirements.txt"
# One pin with its hashes, as pip-compile and uv write it: name[extra]==version, then lines --hash=sha256:…
_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)(?P<rest>(?:.*\\\n)*.*)$",
    re.MULTILINE,
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")
SHORT = 40  # a longer licence field is the licence's whole text, not its name


@dataclass(frozen=True, slots=True)
class PinnedPackage:
    """A package of requirements.txt: name in its normal form, version, SHA-256 of each accepted file."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        """The package URL, which names the package in vulnerability databases."""
        return f"pkg:pypi/{self.name}@{self.version}"


@click.command("sbom")
def sbom() -> None:
    """Print a software bill of materials (CycloneDX, JSON) of the installed service."""
    packages = pinned_packages(PINS)
    click.echo(json.dumps(bill_of_materials(packages, timestamp=now().isoformat()), indent=2, ensure_ascii=False))


def pinned_packages(path: Path) -> tuple[PinnedPackage, ...]:
    """Read the pinned packages of a requirements file, ordered by name; markers of other systems do not matter."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"{path} lists the packages of the service and cannot be read: {error.strerror}."
        raise click.ClickException(message) from error
    pins = (
        PinnedPackage(_normal_name(pin["name"]), pin["version"], tuple(_HASH.findall(pin["rest"])))
        for pin in _PIN.finditer(text)
    )
    return tuple(sorted(pins, key=lambda package: (package.name, package.version)))


def bill_of_materials(packages: tuple[PinnedPackage, ...], *, timestamp: str) -> dict[str, Any]:
    """Return a CycloneDX document; licences and dependencies are what the installed packages state.

    Of a package that is pinned in several versions, one for each version of Python, the installed one is listed.
    """
    installed = {package.name: _installed(package.name) for package in packages}
    packages = tuple(package for package in packages if _is_listed(package, installed[package.name]))
    names = {package.name: package.purl for package in packages}
    service = f"pkg:generic/voimavara@{VERSION}"
    requirements = {name: sorted(set(_requirements(found)) & names.keys()) for name, found in installed.items()}
    required = {needed for needs in requirements.values() for needed in needs}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, ' '.join((service, *names.values())))}",
        "version": 1,
        "metadata": {
            "timestamp": timestamp,
            "component": {
                "type": "application",
                "bom-ref": service,
                "name": "voimavara",
                "version": VERSION,
                "licenses": [{"license": {"id": "EUPL-1.2"}}],
            },
        },
        "components": [_component(package, installed[package.name]) for package in packages],
        "dependencies": [
            {"ref": service, "dependsOn": sorted(names[name] for name in names.keys() - required)},
            *(
                {"ref": names[name], "dependsOn": [names[needed] for needed in needs]}
                for name, needs in requirements.items()
            ),
        ],
    }


def _component(package: PinnedPackage, installed: Distribution | None) -> dict[str, Any]:
    licence = "" if installed is None else _licence(installed)
    return {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "scope": "required" if installed is not None else "optional",  # optional: pinned for another system
        "purl": package.purl,
        **({"licenses": [{"license": {"name": licence}}]} if licence else {}),
        "properties": [{"name": "voimavara:accepted-sha256", "value": digest} for digest in package.hashes],
    }


def _is_listed(package: PinnedPackage, installed: Distribution | None) -> bool:
    return installed is None or installed.version == package.version


def _licence(installed: Distribution) -> str:
    headers = installed.metadata
    expression = headers["License-Expression"]
    if expression:
        return str(expression)
    field = str(headers["License"] or "").strip()
    if field and len(field) < SHORT and "\n" not in field:
        return field
    classifiers = [line for line in headers.get_all("Classifier") or () if line.startswith("License ::")]
    return ", ".join(line.rpartition(" :: ")[2] for line in classifiers)


def _requirements(installed: Distribution | None) -> Iterator[str]:
    """Yield the packages that one needs; those of optional features are left out."""
    for line in () if installed is None else installed.requires or ():
        match = _REQUIREMENT.match(line)
        if match and "extra ==" not in line:
            yield _normal_name(match[1])


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _normal_name(name: str) -> str:
    """Return a package name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
