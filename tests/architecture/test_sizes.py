"""No room grows past what one can take in at a glance."""

import ast
import re
from pathlib import Path

import pytest

from app.config import ROOT

LINES_OF_A_FILE = 300
LINES_OF_A_FUNCTION = 30
LINES_OF_A_TEMPLATE = 60

MODULES = sorted((ROOT / "app").rglob("*.py"))
FILES = MODULES + sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "app" / "web" / "templates").rglob("*.html"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_can_be_read_in_one_sitting(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES_OF_A_FILE


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_function_fits_in_a_glance(path: Path):
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    assert not {one.name: code_lines(one) for one in functions if code_lines(one) > LINES_OF_A_FUNCTION}


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_stays_under_sixty_lines(path: Path):
    for part in re.split(r"\{%-? macro ", path.read_text(encoding="utf-8")):  # a page, or one macro of several
        assert len(part.splitlines()) < LINES_OF_A_TEMPLATE


def test_conftest_stays_under_sixty_lines():
    for path in (ROOT / "tests").rglob("conftest.py"):
        assert len(path.read_text().splitlines()) < LINES_OF_A_TEMPLATE, path


def test_no_room_has_a_name_that_says_nothing():
    nothing = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base", "handlers"}
    assert not [path for path in MODULES if path.stem in nothing or path.parent.name in nothing]
