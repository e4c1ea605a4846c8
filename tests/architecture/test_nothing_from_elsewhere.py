"""The service asks nothing of other hosts, and its pins name no place that they came from."""

import re

import pytest

from app.config import ROOT

PAGES = [
    path
    for folder in ("templates", "static")
    for path in sorted((ROOT / "app" / "web" / folder).rglob("*"))
    if path.suffix in {".html", ".css", ".js", ".svg", ".txt", ".xml"}
]
# A link that a person follows is no request of the page; SVG's name spaces are names, not addresses.
LOADS = re.compile(
    r"""(?:\b(?:src|srcset|poster|action|formaction|data)\s*=\s*["']?\s*
      | <link\b[^>]*\bhref\s*=\s*["']?\s*
      | url\(\s*["']?
      | @import\s+["']?
      | \b(?:fetch|import|Worker|EventSource|WebSocket)\(\s*["'`])
    (?:https?:|wss?:)?//""",
    re.VERBOSE | re.IGNORECASE,
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_loads_anything_from_another_host(path):
    assert not LOADS.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://example.org/x.js">',
        '<link rel="stylesheet" href="//example.org/x.css">',
        "@import 'https://example.org/x.css';",
        "background: url(https://example.org/x.png)",
        "fetch('https://example.org/')",
    ],
)
def test_the_search_would_find_one(text):
    assert LOADS.search(text)


@pytest.mark.parametrize("name", ["requirements.in", "requirements-dev.in", "requirements.txt", "requirements-dev.txt"])
def test_the_pins_name_no_address(name):
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index" not in text


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_a_hash(name):
    pins = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text(), flags=re.IGNORECASE)
    unhashed = [pin.split("\n")[0] for pin in pins if "==" in pin and "--hash=sha256:" not in pin]
    assert not unhashed
