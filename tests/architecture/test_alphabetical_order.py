"""Names and titles stand in Finnish and Swedish alphabetical order, on every page and whatever the database.

No module sorts them by another key, and none leaves their order to the database.
"""

import ast
import re

import pytest

from app.config import ROOT

MODULES = sorted((ROOT / "app").rglob("*.py"))
TEMPLATES = sorted((ROOT / "app" / "web" / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "app" / "web" / "static").rglob("*.js"))
# What people read in the order of the alphabet; other attributes are ids, numbers and moments.
READ_BY_PEOPLE = re.compile(r"\b\w+\.(name|title|label|text|provider)\b(?!\()|\.title\.(fi|sv|en)\b|\.course\.fi\b")
KEYED = re.compile(r"\b(sort_key|title_order|in_order_of_names)\b")
# Sorted by what looks like a name and is read by no person in that order, or is no name.
ALLOWED = {
    ("app/cli/sbom.py", "package.name"),  # a list for machines, in the order of their names in ASCII
}


def sorting_calls(tree):
    """Yield the calls that put something in order."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in {"sorted", "sort", "order_by"}:
                yield name, node


def faults(tree, file):
    """Yield what is put in order by a name without the key of the alphabet."""
    for name, node in sorting_calls(tree):
        keys = [word.value for word in node.keywords if word.arg == "key"]
        judged = node.args if name == "order_by" else keys
        for part in judged:
            text = ast.unparse(part)
            found = READ_BY_PEOPLE.search(text)
            if found and not KEYED.search(text) and (file, found.group()) not in ALLOWED:
                yield f"{file}, line {node.lineno}: {text}"


@pytest.mark.parametrize(
    ("source", "is_fault"),
    [
        ("sorted(units, key=lambda unit: unit.name)", True),
        ("units.sort(key=lambda unit: (unit.invited_count, unit.name))", True),
        ("sorted(courses, key=lambda course: course.title.fi)", True),
        ("select(Row).order_by(Row.name)", True),
        ("sorted(units, key=lambda unit: sort_key(unit.name))", False),
        ("sorted(units, key=lambda unit: unit.id)", False),
        ("select(Row).order_by(Row.id)", False),
    ],
)
def test_the_guard_sees_names_that_are_sorted_otherwise(source, is_fault):
    assert bool(list(faults(ast.parse(source), "made.py"))) is is_fault


def test_no_module_sorts_names_by_another_key():
    found = [
        fault
        for path in MODULES
        for fault in faults(ast.parse(path.read_text(encoding="utf-8")), path.relative_to(ROOT).as_posix())
    ]
    assert found == []


def test_no_page_sorts_names_itself():
    """Templates and scripts do not sort texts: the server has put them in order."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in (*TEMPLATES, *SCRIPTS)}
    by_name = r"\|\s*(sort|groupby|dictsort)\b(?!\(attribute='difference_from_average_unit')(?!\('(why|dimension)'\))"
    assert [name for name, text in texts.items() if re.search(by_name, text)] == []
    assert [name for name, text in texts.items() if re.search(r"localeCompare|\.sort\(|Intl\.Collator", text)] == []
