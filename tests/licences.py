"""Write `docs/licences.md`: under which licence each pinned package may be used. `./run licences` does it."""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata

from app.config import ROOT

PAGE = ROOT / "docs" / "licences.md"
PINS = {"requirements.txt": "served", "requirements-dev.txt": "developing"}
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
# What tells its licence nowhere in its metadata, or is pinned for another system: read off its source once.
READ_OFF = {
    "axe-playwright-python": "MIT",
    "colorama": "BSD-3-Clause",
    "exceptiongroup": "MIT",
    "pypdfium2": "BSD-3-Clause, Apache-2.0",
    "tzdata": "Apache-2.0",
}
BY_CLASSIFIER = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Artistic License": "Artistic or GPL-2.0-or-later",
    "The Unlicense (Unlicense)": "Unlicense",
}
HEAD = """# Licences

Under which licence each pinned package may be used, as the package itself says. Made by `./run licences`;
a test fails when a pin is missing here. *served*: part of the running service; *developing*: tests and tools.
No package of the service asks that the service itself be given away: LGPL and MPL bind only changes of the
package itself, which the service uses unchanged.

| package | pinned | licence | used for |
|---|---|---|---|
"""


def pins():
    """Return each pinned package with its versions and what it is for."""
    found = {}
    for name, use in PINS.items():
        for package, version in PIN.findall((ROOT / name).read_text(encoding="utf-8")):
            versions, known = found.setdefault(package.lower(), (set(), use))
            versions.add(version)
            found[package.lower()] = versions, known
    return dict(sorted(found.items()))


def licence_of(package):
    """Return a package's licence as it says itself; None if it says nothing and nobody read it off."""
    try:
        told = metadata(package)
    except PackageNotFoundError:
        return READ_OFF.get(package)
    if told["License-Expression"]:
        return told["License-Expression"]
    short = (told["License"] or "").strip()
    if short and len(short) < 40 and "\n" not in short:
        return short
    ends = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or [] if line.startswith("License ::")]
    named = [BY_CLASSIFIER[end] for end in ends if end in BY_CLASSIFIER]
    return named[0] if named else READ_OFF.get(package)


def page():
    """Return the whole page."""
    rows = [
        f"| {package} | {', '.join(sorted(versions))} | {licence_of(package) or 'UNKNOWN'} | {use} |"
        for package, (versions, use) in pins().items()
    ]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    unknown = [line for line in page().splitlines() if "| UNKNOWN |" in line]
    sys.stdout.write("\n".join(unknown) + ("\n" if unknown else ""))
    sys.exit(bool(unknown))
