"""Resolve names or identifiers in a table; an ambiguous name is an error."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from app.core.text import match_key, normal_line

Named = TypeVar("Named")


class NameIndex(Generic[Named]):
    """Index of objects by identifier and by name; an identifier takes precedence over a name.

    >>> schools = NameIndex([("a", "Village school", 1), ("b", "Village  School", 2), ("c", "Pine", 3)])
    >>> [schools.all_matches(name) for name in ("a", "PINE", "village school", "Oak")]
    [(1,), (3,), (1, 2), ()]
    """

    def __init__(self, named: Iterable[tuple[str, str, Named]]):
        self._by_id: dict[str, Named] = {}
        self._by_key: dict[str, dict[str, Named]] = {}
        for identifier, name, item in named:
            self._by_id.setdefault(identifier, item)
            for word in (identifier, name):
                self._by_key.setdefault(match_key(word), {})[identifier] = item

    def all_matches(self, text: str) -> tuple[Named, ...]:
        """Return everything that a text may mean: nothing, one thing, or several of the same name."""
        if text in self._by_id:
            return (self._by_id[text],)
        line = normal_line(text)
        if line in self._by_id:
            return (self._by_id[line],)
        return tuple(self._by_key.get(match_key(line), {}).values())

    def unambiguous_match(self, text: str) -> Named | None:
        """Return what a text means; None where it means nothing, or several things."""
        matches = self.all_matches(text)
        return matches[0] if len(matches) == 1 else None
