"""Give memory back after a document was built.

A presentation or a workbook is a large web of objects that refer to each other. Without a collection it stays until
the next full one, which may be hours away, and glibc keeps what was freed in between. A worker would hold the largest
documents it ever built.
"""

import ctypes
import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Inputs = ParamSpec("Inputs")
Output = TypeVar("Output")


def free_memory_after(build: Callable[Inputs, Output]) -> Callable[Inputs, Output]:
    """Let a function that builds a document collect its garbage and return free memory to the system."""

    @wraps(build)
    def build_and_release(*arguments: Inputs.args, **options: Inputs.kwargs) -> Output:
        try:
            return build(*arguments, **options)
        finally:
            gc.collect()
            _malloc_trim(0)

    return build_and_release


def _load_trim() -> Callable[[int], object]:
    try:
        return ctypes.CDLL(None).malloc_trim  # glibc alone has it
    except (AttributeError, OSError, TypeError):
        return lambda _left: None


_malloc_trim = _load_trim()
