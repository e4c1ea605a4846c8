"""Every function and macro that a template calls exists: a renamed one is noticed only on a page that calls it."""

import ast

import pytest
from jinja2 import nodes

from app.config import ROOT

TEMPLATES = sorted(path.relative_to(ROOT / "app") for path in (ROOT / "app").rglob("*.html"))
GIVEN_BY_JINJA = {"caller", "super"}


def handed_over() -> set[str]:
    """Return the names under which the code hands anything to a template or a macro, or collects it for that."""
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
            elif isinstance(node, ast.Dict):
                found |= {
                    key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
                }
    return found


def macros(template: nodes.Template) -> set[str]:
    """Return the names of a template's macros."""
    return {node.name for node in template.find_all(nodes.Macro)}


def unknown_calls(template: nodes.Template, known: set[str]) -> set[str]:
    """Return the names that are called and neither known nor made in the template itself."""
    made = macros(template) | {node.name for node in template.find_all(nodes.Name) if node.ctx in {"store", "param"}}
    for node in template.find_all(nodes.FromImport):
        made |= {name if isinstance(name, str) else name[1] for name in node.names}
    called = {node.node.name for node in template.find_all(nodes.Call) if isinstance(node.node, nodes.Name)}
    return called - made - known - GIVEN_BY_JINJA


def parsed(app) -> dict[str, nodes.Template]:
    """Return every template by its path."""
    return {str(path): app.jinja_env.parse((ROOT / "app" / path).read_text(encoding="utf-8")) for path in TEMPLATES}


@pytest.fixture
def known(app) -> set[str]:
    """What a template may call; macros of others too, as a part that is included sees them."""
    return {*app.jinja_env.globals, *handed_over()}.union(*map(macros, parsed(app).values()))


def test_every_function_that_a_template_calls_exists(app, known):
    assert TEMPLATES
    unknown = {path: calls for path, template in parsed(app).items() if (calls := unknown_calls(template, known))}
    assert not unknown


def test_a_call_of_a_function_that_is_gone_is_found(app, known):
    page = "{% from 'shared/forms.html' import field %}{% for one in all %}{{ field(one()) }}{{ renamed(one) }}"
    assert unknown_calls(app.jinja_env.parse(f"{page}{{% endfor %}}"), known) == {"renamed"}
