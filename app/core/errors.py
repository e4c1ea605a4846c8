"""Base exceptions: errors with a code and values, and concurrent changes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

FaultT = TypeVar("FaultT", bound=StrEnum)


class ConcurrentChange(Exception):
    """Another user or process removed or changed the data to be saved; nothing was stored."""


class CodedError(Exception, Generic[FaultT]):
    """An error with a code from an enum, and the values for its message.

    Pages show it in the user's language, the command line in English; logs contain code and values. No code parses
    the text.

    >>> class Colour(StrEnum):
    ...     TOO_RED = "too_red"
    >>> str(CodedError(Colour.TOO_RED, part="roof"))
    'too_red (part=roof)'
    """

    def __init__(self, fault: FaultT, **values: str | int) -> None:
        self.fault = fault
        self.values: Mapping[str, str | int] = values
        message = ", ".join(f"{name}={value}" for name, value in values.items())
        super().__init__(f"{fault.value} ({message})" if message else fault.value)


class PublicationSealMismatch(Exception):
    """A stored publication is not what was sealed at the count: its header or a part was changed, or a part is missing.

    `place` is the level and unit of the part, or "header".
    """

    def __init__(self, round_id: int, place: str, problem: str) -> None:
        super().__init__(f"The publication of round {round_id} does not match its seal: {place} {problem}.")
        self.round_id = round_id
        self.place = place
        self.problem = problem
