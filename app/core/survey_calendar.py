"""Warn before the same people are asked again within eight weeks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

QUIET_PERIOD = timedelta(weeks=8)


@dataclass(frozen=True, slots=True)
class SurveyDays:
    """A survey and the days on which it can be answered, the last one included."""

    title: str
    first: date
    last: date


def surveys_nearby(planned: SurveyDays, others: Iterable[SurveyDays]) -> tuple[SurveyDays, ...]:
    """Return the surveys with less than eight weeks between their days and those of a planned one, oldest first.

    >>> autumn = SurveyDays("Autumn", date(2026, 11, 2), date(2026, 11, 15))
    >>> seven_weeks_on = SurveyDays("Pulse", date(2027, 1, 4), date(2027, 1, 10))
    >>> [survey.title for survey in surveys_nearby(seven_weeks_on, [autumn])]
    ['Autumn']
    >>> surveys_nearby(SurveyDays("Spring", date(2027, 1, 11), date(2027, 1, 24)), [autumn])
    ()
    """
    near = [other for other in others if _days_between(planned, other) <= QUIET_PERIOD]
    return tuple(sorted(near, key=lambda survey: (survey.first, survey.title)))


def _days_between(one: SurveyDays, other: SurveyDays) -> timedelta:
    """Return the time from the last day of the earlier to the first day of the later; not positive if they overlap."""
    return max(one.first - other.last, other.first - one.last)
