"""Keep the collector of garbage away from what stays to the end of a run: modules and collected tests.

Every full collection looks through all of them otherwise, half a second each time.
"""

import gc

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    freeze()


def freeze() -> None:
    """Collect once, then exclude all that exists now from further collections."""
    gc.collect()
    gc.freeze()
