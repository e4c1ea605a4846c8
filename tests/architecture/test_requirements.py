"""requirements.in names exactly the packages that app/ imports, and a few that are needed without an import."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

from app.config import ROOT

STUBS = {"_typeshed"}  # for type checkers alone
NOT_IMPORTED = "# Not imported"


def normal(name):
    """Return a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required():
    """Return the packages that are imported, and those that are not, as requirements.in names them."""
    text = (ROOT / "requirements.in").read_text(encoding="utf-8")
    assert text.count(NOT_IMPORTED + ":") == 1
    parts = text.split(NOT_IMPORTED + ":")
    return tuple({normal(name) for name in re.findall(r"^[A-Za-z][\w.-]*", part, re.MULTILINE)} for part in parts)


def imported():
    """Return the distributions of each package that app/ imports, by the package's name."""
    names = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {name.name.partition(".")[0] for name in node.names}
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names.add(node.module.partition(".")[0])
    known = packages_distributions()
    others = names - set(sys.stdlib_module_names) - STUBS - {"app"}
    return {name: {normal(distribution) for distribution in known.get(name, [])} for name in others}


def test_every_import_has_a_requirement():
    needed, _others = required()
    assert not {name: found for name, found in imported().items() if not found & needed}


def test_every_requirement_is_imported_or_said_to_be_needed_without():
    needed, others = required()
    found = set().union(*imported().values())
    assert needed - found == set()
    assert others & found == set(), "imported, so it belongs above"
    assert others == {"granian", "gunicorn", "tzdata"}


def test_pins_follow_the_requirements():
    needed, others = required()
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = {normal(name) for name in re.findall(r"^([A-Za-z][\w.-]*)(?:\[[^\]]*\])?==", pins, re.MULTILINE)}
    assert (needed | others) - pinned == set()
