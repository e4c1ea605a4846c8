"""How far a count has come, for whoever watches it; never how many answered where."""

from collections.abc import Callable
from enum import StrEnum


class CountStage(StrEnum):
    """How far a count has come; each is told when it is done."""

    OPENED = "opened"
    PUBLISHED = "published"
    ERASED = "erased"
    CERTIFIED = "certified"
    KEY_DESTROYED = "key_destroyed"
    WIPED = "wiped"


ProgressCallback = Callable[[CountStage, int], None]


def ignore_progress(_stage: CountStage, _number: int) -> None:
    """Let nobody watch."""
