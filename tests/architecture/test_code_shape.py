"""One statement, one assignment: lines that do two things at once are hard to read and to review."""

import ast

from app.config import ROOT


def parallel_assignments(source):
    """Return the lines that assign a tuple of values to a tuple of names; an exchange (`a, b = b, a`) is none.

    >>> parallel_assignments("a, b = 1, 2\\na, b = b, a\\na, b = pair")
    [1]
    """
    lines = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Tuple):
            continue
        for target in node.targets:
            if isinstance(target, ast.Tuple) and not is_exchange(target, node.value):
                lines.append(node.lineno)
    return lines


def is_exchange(target, value):
    return {ast.unparse(one) for one in target.elts} == {ast.unparse(one) for one in value.elts}


def test_a_parallel_assignment_is_found_and_an_exchange_is_none():
    assert parallel_assignments("a, b = 1, 2\na, b = b, a\na, b = pair") == [1]


def test_every_line_assigns_one_thing():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "app").rglob("*.py"))
        for line in parallel_assignments(path.read_text(encoding="utf-8"))
    ]
    assert found == []
