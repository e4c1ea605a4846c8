"""The architecture page: its diagrams follow the import contracts, and the names on it exist."""

import importlib.util
import re

import pytest

from app.config import ROOT

SCRIPT = ROOT / "docs" / "architecture_diagram.py"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`(\w+)`\s+\(`(app/[\w/]+\.py)`\)", PAGE)))
PATHS = sorted(set(re.findall(r"`((?:app|surveys|migrations|tests)/[\w/.]*)`", PAGE)))


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("architecture_diagram", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_diagrams_equal_what_the_contracts_give(script):
    assert script.generated_part(PAGE) == script.generated_text(script.contracts()), (
        "run .venv/bin/python docs/architecture_diagram.py"
    )


def test_a_layer_is_a_box_and_an_arrow_leads_to_the_next(script):
    layers = {"name": "Layers", "type": "layers", "containers": ["app"], "layers": ["web | jobs", "(store)", "core"]}
    other = {"name": "No import cycles", "type": "acyclic_siblings"}
    assert script.generated_text([layers, other]).splitlines() == [
        "**Layers** (`app`)",
        "",
        "```mermaid",
        "flowchart TB",
        '  layer0["web | jobs"]',
        '  layer1["store"]',
        '  layer2["core"]',
        "  layer0 --> layer1",
        "  layer1 --> layer2",
        "```",
        "",
        "Further contracts:",
        "",
        "- No import cycles",
    ]


@pytest.mark.parametrize(("name", "path"), NAMES, ids=lambda value: str(value))
def test_every_function_and_class_is_where_the_page_says(name, path):
    assert re.search(rf"^(?:def|class) {name}\b", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_the_flows_name_functions():
    assert len(NAMES) >= 20


@pytest.mark.parametrize("path", PATHS)
def test_every_file_and_folder_exists(path):
    assert (ROOT / path).exists()
