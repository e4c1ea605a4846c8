"""How far a count has come, for whoever watches it; never how many answered where."""

from collections.abc import Callable
from enum import StrEnum


class Stage(StrEnum):
    """How far a count has come; each is told when it is done."""

    OPENED = "opened"
    PUBLISHED = "published"
    ERASED = "erased"
    CERTIFIED = "certified"
    KEY_DESTROYED = "key_destroyed"
    WIPED = "wiped"


Tell = Callable[[Stage, int], None]


def tell_nobody(_stage: Stage, _number: int) -> None:
    """Let nobody watch."""
