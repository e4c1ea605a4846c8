"""A count makes a million small values at once; Python's memory is told so."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Keep the collector of unreachable circles away while figures are made and written, none of which is one.

    It would look through all of them again and again: a third of a count's time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
