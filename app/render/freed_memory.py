"""Return freed memory to the operating system after a document was built.

A presentation or a workbook is a large web of objects that refer to each other. Without a collection it stays until
the next full one, which may be hours away, and glibc keeps what was freed in between. A worker would hold the largest
documents it ever built.
"""

import ctypes
import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

LARGE_DOCUMENT = 100_000  # bytes
YOUNG_OBJECTS = 1
ALL_OBJECTS = 2

Inputs = ParamSpec("Inputs")


def free_memory_after(build: Callable[Inputs, bytes]) -> Callable[Inputs, bytes]:
    """Let a function that builds a document collect its garbage and return free memory to the system.

    The objects of a small document are young. Only after a large one, or a failure, are all objects of the process
    looked through, which takes up to half a second where a process holds much.
    """

    @wraps(build)
    def build_and_release(*arguments: Inputs.args, **options: Inputs.kwargs) -> bytes:
        generation = ALL_OBJECTS
        try:
            content = build(*arguments, **options)
            if len(content) < LARGE_DOCUMENT:
                generation = YOUNG_OBJECTS
            return content
        finally:
            gc.collect(generation)
            _malloc_trim(0)

    return build_and_release


def _load_trim() -> Callable[[int], object]:
    try:
        return ctypes.CDLL(None).malloc_trim  # glibc alone has it
    except (AttributeError, OSError, TypeError):
        return lambda _left: None


_malloc_trim = _load_trim()
