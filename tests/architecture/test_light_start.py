"""The command line and a server start without the libraries that few requests need."""

import ast
import subprocess
import sys

import pytest

from app.cli.commands import COMMANDS, load_command
from app.config import ROOT
from app.lazy import lazy_callable, lazy_module

HEAVY = (
    "alembic", "authlib", "flask_migrate", "highspy", "icalendar", "joserfc", "lxml", "matplotlib", "openpyxl", "pptx",
    "psycopg", "pyotp", "requests", "scipy", "segno", "typst", "xlsxwriter", "zxcvbn",
)  # fmt: skip
PAGES = ("app.web.staff.blueprints", "app.services.rounds", "app.jobs.scheduler", "numpy", "wtforms", "flask_smorest")
# Two modules are imported lazily as a whole; the third is a program of its own.
LAZY_MODULES = {
    "app/core/disclosure/quiet_highs.py": "highspy",
    "app/render/slides.py": "pptx",
    "app/render/typst_process.py": "typst",
}
COMMANDS_OF_ALEMBIC = ("app/cli/migrate_to_postgres.py", "app/cli/backups.py", "app/cli/demo/commands.py")
LOADED = "import sys; print(*(name for name in {names!r} if name in sys.modules))"


def modules_after(code, names, tmp_path):
    """Run code in a new process with an empty installation; return which of `names` are imported then."""
    environment = {"VOIMAVARA_INSTANCE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", f"{code}\n{LOADED.format(names=names)}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].split()


def test_the_application_with_all_pages_imports_no_heavy_library(tmp_path):
    assert modules_after("from app.factory import create_app; create_app()", HEAVY, tmp_path) == []


def test_the_help_of_a_command_imports_no_page_and_no_heavy_library(tmp_path):
    help_of_round = """
from flask.cli import main
import sys
sys.argv = ["flask", "--app", "app", "round", "--help"]
try:
    main()
except SystemExit as ended:
    assert ended.code == 0
"""
    assert modules_after(help_of_round, (*HEAVY, *PAGES), tmp_path) == []


def test_what_the_other_tests_look_for_exists(tmp_path):
    imports = "\n".join(f"import {name}" for name in (*HEAVY, *PAGES))
    assert modules_after(imports, (*HEAVY, *PAGES), tmp_path) == [*HEAVY, *PAGES]


def top_level_imports(path):
    """Yield the library of each import that runs when a module is imported."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_no_module_imports_a_heavy_library_at_its_top():
    found = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        heavy = {library for library in top_level_imports(path) if library in HEAVY}
        if heavy and name not in COMMANDS_OF_ALEMBIC:
            found[name] = ", ".join(sorted(heavy))
    assert found == LAZY_MODULES


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_found_under_its_name(app, name):
    command = app.cli.get_command(None, name)
    assert command is load_command(name)
    assert command.name == name
    assert name in app.cli.list_commands(None)


def test_an_unknown_command_is_none(app):
    assert app.cli.get_command(None, "rounds") is None


@pytest.mark.parametrize(("words", "page"), [(("routes",), "/readyz"), (("shell",), "True")])
def test_the_commands_of_flask_see_the_pages(words, page, tmp_path):
    environment = {"VOIMAVARA_INSTANCE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    ask = "print('ready' in app.view_functions)\n"
    done = subprocess.run(command, cwd=ROOT, env=environment, input=ask, capture_output=True, text=True, check=True)
    assert page in done.stdout


def test_a_lazy_module_is_imported_at_the_first_name_that_is_read():
    code = """
from app.lazy import lazy_callable, lazy_module
colorsys, scheduler = lazy_module("colorsys"), lazy_callable("sched", "scheduler")
import sys
assert not hasattr(colorsys, "__wrapped__"), "inspection must not import"
assert not {"colorsys", "sched"} & set(sys.modules)
assert colorsys.rgb_to_hsv(0, 0, 1)[2] == 1 and scheduler().empty()
"""
    assert modules_after(code, ("colorsys", "sched"), ROOT) == ["colorsys", "sched"]


def test_a_lazy_module_shows_what_was_replaced_in_the_real_one(monkeypatch):
    calendar = lazy_module("calendar")
    monkeypatch.setattr("calendar.isleap", lambda year: year)
    assert calendar.isleap(2027) == 2027
    with pytest.raises(AttributeError):
        getattr(calendar, "nothing_of_this_name")  # noqa: B009 - reading it is the test


def test_a_lazy_callable_passes_arguments_on():
    assert lazy_callable("builtins", "dict")([("one", 1)], two=2) == {"one": 1, "two": 2}
