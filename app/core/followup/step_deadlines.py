"""Deadlines of the follow-up steps of a round, in days."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from enum import StrEnum

MIN_DAYS = 1
MAX_DAYS = 365


class DeadlineErrorCode(StrEnum):
    """What is wrong with a number of days."""

    NO_NUMBER = "no_number"
    OUT_OF_RANGE = "out_of_range"
    ENDS_BEFORE_IT_BEGINS = "ends_before_it_begins"


class InvalidDeadlines(Exception):
    """Deadlines cannot be saved; `faults` maps fields to error codes."""

    def __init__(self, faults: Mapping[str, DeadlineErrorCode]):
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class StepDeadlines:
    """How long each step may take, counted from the step that it depends on."""

    preview: timedelta = timedelta(days=7)
    meeting: timedelta = timedelta(days=14)
    plan: timedelta = timedelta(days=14)
    first_step: timedelta = timedelta(days=30)
    pulse_from: timedelta = timedelta(weeks=6)
    pulse_by: timedelta = timedelta(weeks=10)
    review: timedelta = timedelta(days=14)
    answer: timedelta = timedelta(days=30)

    @property
    def days(self) -> dict[str, int]:
        """All deadlines in days, by field."""
        return {name: length.days for name, length in asdict(self).items()}


DEFAULT_DEADLINES = StepDeadlines()


def deadlines_from_form(texts: Mapping[str, str]) -> StepDeadlines:
    """Return deadlines from form texts in days; InvalidDeadlines names every wrong field.

    >>> deadlines_from_form({**{name: str(n) for name, n in DEFAULT_DEADLINES.days.items()}, "plan": "21"}).plan.days
    21
    """
    faults: dict[str, DeadlineErrorCode] = {}
    days: dict[str, int] = {}
    for field in fields(StepDeadlines):
        written = texts.get(field.name, "").strip()
        if not (written.isascii() and written.isdigit()):
            faults[field.name] = DeadlineErrorCode.NO_NUMBER
        elif not MIN_DAYS <= int(written[:6]) <= MAX_DAYS:
            faults[field.name] = DeadlineErrorCode.OUT_OF_RANGE
        else:
            days[field.name] = int(written)
    if days.get("pulse_from", MIN_DAYS) > days.get("pulse_by", MAX_DAYS):
        faults["pulse_by"] = DeadlineErrorCode.ENDS_BEFORE_IT_BEGINS
    if faults:
        raise InvalidDeadlines(faults)
    return StepDeadlines(**{name: timedelta(days=number) for name, number in days.items()})
