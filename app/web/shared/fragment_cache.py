"""LRU cache of page fragments that depend on immutable values only."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

MAX_ENTRIES = 400
CACHE: dict[Hashable, tuple[tuple[object, ...], Any]] = {}

Part = TypeVar("Part")


def cached_fragment(frozen: tuple[object, ...], key: Hashable, make: Callable[[], Part]) -> Part:
    """Return the part that `make` makes of `frozen`; make it the first time only.

    `frozen` values are distinguished by identity, which costs nothing. They are held with the part, so
    that no other value can ever take their place in memory and be mistaken for them.
    """
    whole = (*map(id, frozen), key)
    result = CACHE.pop(whole, None)
    if result is None:
        result = frozen, make()
    CACHE[whole] = result  # most recently used entry last
    if len(CACHE) > MAX_ENTRIES:
        for eldest in tuple(CACHE)[:-MAX_ENTRIES]:
            CACHE.pop(eldest, None)
    part: Part = result[1]
    return part
