"""Pause garbage collection during a count, which creates a million small objects."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pause_gc() -> Iterator[None]:
    """Disable cyclic garbage collection inside the context; figures contain no reference cycles.

    Scanning them again and again would take a third of a count's time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
