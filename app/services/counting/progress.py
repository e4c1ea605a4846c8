"""Progress of a count; never contains the number of answers of a unit."""

from collections.abc import Callable
from enum import StrEnum


class CountStage(StrEnum):
    """Stage of a count, reported when it is done."""

    OPENED = "opened"
    PUBLISHED = "published"
    ERASED = "erased"
    CERTIFIED = "certified"
    KEY_DESTROYED = "key_destroyed"
    WIPED = "wiped"


ProgressCallback = Callable[[CountStage, int], None]


def ignore_progress(_stage: CountStage, _number: int) -> None:
    """Ignore the progress of a count."""
