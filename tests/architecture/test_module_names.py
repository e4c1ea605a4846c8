"""Module names say something. Branches are bounded by ruff (`max-complexity`), lines are not: cohesion decides."""

from app.config import ROOT

MODULES = sorted((ROOT / "app").rglob("*.py"))


def test_no_module_has_a_name_that_says_nothing():
    nothing = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base", "handlers"}
    assert not [path for path in MODULES if path.stem in nothing or path.parent.name in nothing]
