"""Base errors: coded errors with values, and concurrent changes."""

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
