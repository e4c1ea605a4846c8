"""What errors of several parts have in common: codes with values, and changes that somebody else made meanwhile."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

FaultT = TypeVar("FaultT", bound=StrEnum)


class ChangedMeanwhile(Exception):
    """Somebody else removed or changed what was to be saved, after it was read; nothing was stored."""


class CodedError(Exception, Generic[FaultT]):
    """An error with a code out of a closed set, and the values that its sentence needs.

    Pages say it in the reader's language, the command line in English, and a log writes code and values. No part of
    the program reads the text.

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
