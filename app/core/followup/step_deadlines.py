"""How long each step of a follow-up may take: the template of a round, kept in days."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from enum import StrEnum

LEAST = 1
MOST = 365


class DeadlineErrorCode(StrEnum):
    """What is wrong with a number of days."""

    NO_NUMBER = "no_number"
    OUT_OF_RANGE = "out_of_range"
    ENDS_BEFORE_IT_BEGINS = "ends_before_it_begins"


class InvalidDeadlines(Exception):
    """A template cannot be kept; `faults` maps a field to what is wrong with it."""

    def __init__(self, faults: Mapping[str, DeadlineErrorCode]):
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class StepDeadlines:
    """How long each step may take, counted from the step that it hangs on."""

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
        """The days of every field."""
        return {name: length.days for name, length in asdict(self).items()}


DEFAULT_DEADLINES = StepDeadlines()


def deadlines_from_form(texts: Mapping[str, str]) -> StepDeadlines:
    """Read a template from days written in a form; InvalidDeadlines names every field that is wrong.

    >>> deadlines_from_form({**{name: str(n) for name, n in DEFAULT_DEADLINES.days.items()}, "plan": "21"}).plan.days
    21
    """
    faults: dict[str, DeadlineErrorCode] = {}
    days: dict[str, int] = {}
    for field in fields(StepDeadlines):
        written = texts.get(field.name, "").strip()
        if not (written.isascii() and written.isdigit()):
            faults[field.name] = DeadlineErrorCode.NO_NUMBER
        elif not LEAST <= int(written[:6]) <= MOST:
            faults[field.name] = DeadlineErrorCode.OUT_OF_RANGE
        else:
            days[field.name] = int(written)
    if days.get("pulse_from", LEAST) > days.get("pulse_by", MOST):
        faults["pulse_by"] = DeadlineErrorCode.ENDS_BEFORE_IT_BEGINS
    if faults:
        raise InvalidDeadlines(faults)
    return StepDeadlines(**{name: timedelta(days=number) for name, number in days.items()})
