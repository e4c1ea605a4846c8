"""What a doctor finds: one sentence on what is, one on what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.config import Settings


class Severity(StrEnum):
    """How a finding is marked."""

    GOOD = "ok"
    ODD = "look"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was looked at; `remedy` is empty where nothing needs to be done."""

    state: Severity
    what: str
    remedy: str = ""


Check = Callable[[Settings, datetime], Iterator[CheckResult]]


def ok(what: str) -> CheckResult:
    """Return a finding that all is well."""
    return CheckResult(Severity.GOOD, what)


def warn(what: str, remedy: str) -> CheckResult:
    """Return a finding that somebody should look at."""
    return CheckResult(Severity.ODD, what, remedy)


def fail(what: str, remedy: str) -> CheckResult:
    """Return a finding that must be mended."""
    return CheckResult(Severity.BAD, what, remedy)
