"""Findings of `flask doctor`: each has a sentence on the state and a sentence on the remedy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.config import Settings


class Severity(StrEnum):
    """Severity of a check result."""

    GOOD = "ok"
    ODD = "look"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of one check; `remedy` is empty if nothing needs to be done."""

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
    """Return a result for an error to fix."""
    return CheckResult(Severity.BAD, what, remedy)
