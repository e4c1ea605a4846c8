"""Pages that are rendered once and spliced ever after.

On a round's last evening everybody answers at once. A page of a questionnaire is the same for all but
for what was answered before, so a template runs once per questionnaire and language, with slots where
the person's own signs go; after that a page is a join of strings.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from flask import current_app
from markupsafe import Markup

EDGE = "\x1a"  # a sign that no text of a questionnaire or a page can hold
EXTENSION = "voimavara.printed"
_SLOT = re.compile(f"{EDGE}([^{EDGE}]*){EDGE}")


def slot(name: str) -> Markup:
    """Return the place where `name` will be spliced in."""
    return Markup(f"{EDGE}{name}{EDGE}")  # noqa: S704  names are ours


@dataclass(frozen=True, slots=True)
class Printed:
    """A rendered page with open slots."""

    parts: tuple[str, ...]
    slots: tuple[tuple[int, str], ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the page; a slot without a value stays empty. Values are already escaped."""
        parts = list(self.parts)
        for position, name in self.slots:
            parts[position] = values.get(name, "")
        return "".join(parts)


def printed(html: str) -> Printed:
    """Cut a rendered page at its slots.

    >>> printed("<p>" + slot("word") + "</p>").fill({"word": "Hei"})
    '<p>Hei</p>'
    """
    parts = _SLOT.split(html)
    return Printed(
        parts=tuple("" if at % 2 else part for at, part in enumerate(parts)),
        slots=tuple((at, part) for at, part in enumerate(parts) if at % 2),
    )


def print_once(key: Hashable, render: Callable[[], str]) -> Printed:
    """Return the page of `key`; `render` is called only the first time in a process's life.

    Everything that the page depends on must be in the key or in a slot.
    """
    known: dict[Hashable, Printed] = current_app.extensions.setdefault(EXTENSION, {})
    if key not in known:
        known[key] = printed(render())
    return known[key]
