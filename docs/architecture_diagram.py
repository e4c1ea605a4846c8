"""Write the diagrams of docs/architecture.md from the import contracts.

Usage: `.venv/bin/python docs/architecture_diagram.py`
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- begin: generated from pyproject.toml by docs/architecture_diagram.py -->"
END = "<!-- end: generated -->"


def contracts() -> list[dict[str, Any]]:
    """Return the import contracts of pyproject.toml, in their order."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return configuration["tool"]["importlinter"]["contracts"]


def generated_text(found: Sequence[Mapping[str, Any]]) -> str:
    """Return a diagram for each contract of layers, then the names of the other contracts as a list."""
    lines: list[str] = []
    for contract in found:
        if contract["type"] == "layers":
            lines += [f"**{contract['name']}** (`{contract['containers'][0]}`)", "", *_diagram(contract["layers"]), ""]
    lines += ["Further contracts:", ""]
    lines += [f"- {contract['name']}" for contract in found if contract["type"] != "layers"]
    return "\n".join(lines)


def generated_part(page: str) -> str:
    """Return what stands between the two markers of a page."""
    _before, _begin, rest = page.partition(BEGIN)
    part, _end, _after = rest.partition(END)
    return part.strip("\n")


def main() -> None:
    """Replace the generated part of the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, _begin, rest = page.partition(BEGIN)
    _part, _end, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{generated_text(contracts())}\n\n{END}{after}", encoding="utf-8")


def _diagram(layers: Sequence[str]) -> Iterator[str]:
    """Yield a Mermaid flowchart: a box for each layer, highest first; an arrow means "may import"."""
    yield "```mermaid"
    yield "flowchart TB"
    for number, layer in enumerate(layers):
        # Import Linter: `|` stands between modules that do not import each other, parentheses mark an optional layer.
        modules = [module.strip(" ()") for module in layer.split("|")]
        yield f'  layer{number}["{" | ".join(modules)}"]'
    for number in range(1, len(layers)):
        yield f"  layer{number - 1} --> layer{number}"
    yield "```"


if __name__ == "__main__":
    main()
