"""Warn if the same people would be asked again within eight weeks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.text import sort_key

QUIET_PERIOD = timedelta(weeks=8)
FARTHEST = 730  # days away from the planned ones; later surveys are not planned yet
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SurveyDays:
    """A survey and the days on which it can be answered, the last one included."""

    title: str
    first: date
    last: date

    def moved_to(self, first: date) -> "SurveyDays":
        """Return the same survey, just as long, with another first day."""
        return SurveyDays(self.title, first, first + (self.last - self.first))


@dataclass(frozen=True, slots=True)
class SurveyConflict:
    """Surveys of the same people too near to a planned one, and the nearest days that keep the eight weeks."""

    nearby: tuple[SurveyDays, ...]
    suggestions: tuple[SurveyDays, ...] = ()


def assess_survey_conflict(
    planned: SurveyDays,
    others: Iterable[SurveyDays],
    *,
    earliest: date,
    is_suitable: Callable[[date], bool] = lambda _day: True,
) -> SurveyConflict:
    """Return the surveys too near to a planned one and alternative days; both empty where there is no conflict.

    `earliest` is the first day that can still be planned, `is_suitable` tells on which days a survey may begin.
    """
    known = tuple(others)
    nearby = surveys_nearby(planned, known)
    if not nearby:
        return SurveyConflict(())
    return SurveyConflict(nearby, alternative_survey_days(planned, known, earliest=earliest, is_suitable=is_suitable))


def alternative_survey_days(
    planned: SurveyDays,
    others: Iterable[SurveyDays],
    *,
    earliest: date,
    is_suitable: Callable[[date], bool] = lambda _day: True,
) -> tuple[SurveyDays, ...]:
    """Return the nearest days before and after the planned ones that keep eight weeks to all others.

    The length stays; at most one survey before, not beginning before `earliest`, and one after.

    >>> autumn = SurveyDays("Autumn", date(2026, 11, 2), date(2026, 11, 15))
    >>> pulse = SurveyDays("Pulse", date(2026, 12, 7), date(2026, 12, 13))
    >>> [str(days.first) for days in alternative_survey_days(pulse, [autumn], earliest=date(2026, 8, 1))]
    ['2026-08-31', '2027-01-11']
    """
    known = tuple(others)
    start = max(planned.first, earliest)

    def is_free(first: date) -> bool:
        return is_suitable(first) and not surveys_nearby(planned.moved_to(first), known)

    before = (planned.first - number * _ONE_DAY for number in range(1, FARTHEST))
    after = (start + number * _ONE_DAY for number in range(FARTHEST))
    found_before = next((first for first in before if earliest <= first and is_free(first)), None)
    found_after = next((first for first in after if is_free(first)), None)
    return tuple(planned.moved_to(first) for first in (found_before, found_after) if first is not None)


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
    return tuple(sorted(near, key=lambda survey: (survey.first, sort_key(survey.title))))


def _days_between(one: SurveyDays, other: SurveyDays) -> timedelta:
    """Return the time from the last day of the earlier to the first day of the later; not positive if they overlap."""
    return max(one.first - other.last, other.first - one.last)
