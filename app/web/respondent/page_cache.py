"""Page cache: templates are rendered once, then only placeholders are replaced.

On a round's last evening everybody answers at once. A page of a questionnaire is the same for all but
for what was answered before, so a template runs once per questionnaire and language, with slots where
the person's own signs go; after that a page is a join of bytes.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from flask import current_app
from markupsafe import Markup, escape

EDGE = "\x1a"  # character that no text of a questionnaire or page contains
EXTENSION = "voimavara.printed"
MOST = 500
_SLOT = re.compile(f"{EDGE}([^{EDGE}]*){EDGE}")


def placeholder(name: str) -> Markup:
    """Return the markup of a slot that `CompiledPage.fill` replaces by the value of `name`."""
    return Markup(f"{EDGE}{name}{EDGE}")  # noqa: S704  names are ours


def escape_bytes(value: object) -> bytes:
    """Return a value for a slot: HTML-escaped unless it is markup, and encoded."""
    return escape(value).encode()


@dataclass(frozen=True, slots=True)
class CompiledPage:
    """A rendered page, encoded, with open slots: `places` tells which parts a name goes into."""

    parts: tuple[bytes, ...]
    places: Mapping[str, tuple[int, ...]]

    def fill(self, values: Mapping[str, bytes]) -> bytes:
        """Return the page; a slot without a value stays empty, a value without a slot is passed over."""
        parts = list(self.parts)
        for name, value in values.items():
            for place in self.places.get(name, ()):
                parts[place] = value
        return b"".join(parts)


def compile_rendered_page(html: str) -> CompiledPage:
    """Split a rendered page at its slots.

    >>> compile_rendered_page("<p>" + str(placeholder("word")) + "</p>").fill({"word": escape_bytes("Hei")})
    b'<p>Hei</p>'
    """
    parts = _SLOT.split(html)
    places: dict[str, tuple[int, ...]] = {}
    for place in range(1, len(parts), 2):
        places[parts[place]] = (*places.get(parts[place], ()), place)
        parts[place] = ""
    return CompiledPage(tuple(part.encode() for part in parts), places)


def cached_page(key: Hashable, render: Callable[[], str]) -> CompiledPage:
    """Return the page of `key`; `render` is called the first time only, as long as the key is among the newest.

    Everything that the page depends on must be in the key or in a slot.
    """
    known: dict[Hashable, CompiledPage] = current_app.extensions.setdefault(EXTENSION, {})
    compiled = known.get(key)
    if compiled is None:
        compiled = known[key] = compile_rendered_page(render())
        if len(known) > MOST:
            for eldest in tuple(known)[:-MOST]:
                known.pop(eldest, None)
    return compiled
