"""Bounded, named in-memory caches for values that never change.

Use `functools.lru_cache` for a function of plain values. Use this class where the key (a digest) is smaller than what
is made from it, or where a database session is needed to make it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """Thread-safe cache of at most `most` values; the least recently used one is evicted first.

    >>> lengths = BoundedCache("lengths of words", most=2)
    >>> [lengths.get_or_make(word, lambda word=word: len(word)) for word in ("one", "three", "one", "seven")]
    [3, 5, 3, 5]
    >>> "three" in lengths, "one" in lengths
    (False, True)
    """

    def __init__(self, name: str, *, most: int) -> None:
        self.name = name
        self.most = most
        self._entries: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Value | None:
        """Return the value of a key; None if it is not here."""
        with self._lock:
            value = self._entries.get(key)
            if value is not None:
                self._entries.move_to_end(key)
            return value

    def put(self, key: Key, value: Value) -> None:
        """Store a value and evict the least recently used ones above the limit."""
        with self._lock:
            self._entries[key] = value
            self._entries.move_to_end(key)
            while len(self._entries) > self.most:
                self._entries.popitem(last=False)

    def get_or_make(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the cached value of a key, or make and store it; two threads may make the same value at once."""
        value = self.get(key)
        if value is None:
            value = make()
            self.put(key, value)
        return value

    def clear(self) -> None:
        """Remove all values."""
        with self._lock:
            self._entries.clear()

    def __contains__(self, key: object) -> bool:
        """Tell whether a key is here, without counting as a use."""
        return key in self._entries

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self._entries)
