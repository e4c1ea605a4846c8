"""Dates of the demo: no weekends, public holidays or school holidays."""

from datetime import date, datetime, timedelta

from app.core.working_days import is_working_day

DAY = timedelta(days=1)
HALF_YEAR = timedelta(days=182)
LASTS = timedelta(days=20, hours=12)
OPEN_SINCE = timedelta(days=9)
OPENING_HOUR = 5  # UTC: eight in the morning in summer, seven in winter
# Month and day: first and last day of school holidays, when offices may be open.
CHRISTMAS_HOLIDAYS = ((12, 20), (1, 6))
SUMMER_HOLIDAYS = ((6, 15), (7, 31))


def is_school_day(day: date) -> bool:
    """Tell whether schools work on a day.

    >>> is_school_day(date(2026, 12, 18)), is_school_day(date(2026, 12, 21)), is_school_day(date(2026, 6, 17))
    (True, False, False)
    """
    of_year = (day.month, day.day)
    at_christmas = of_year >= CHRISTMAS_HOLIDAYS[0] or of_year <= CHRISTMAS_HOLIDAYS[1]
    in_summer = SUMMER_HOLIDAYS[0] <= of_year <= SUMMER_HOLIDAYS[1]
    return is_working_day(day) and not at_christmas and not in_summer


def same_or_next_school_day(moment: datetime) -> datetime:
    """Return a moment, or the same time of the next school day."""
    while not is_school_day(moment.date()):
        moment += DAY
    return moment


def same_or_previous_school_day(moment: datetime) -> datetime:
    """Return a moment, or the same time of the last school day before it."""
    while not is_school_day(moment.date()):
        moment -= DAY
    return moment


def round_opening_and_closing_times(now: datetime, *, half_years_ago: int = 0) -> tuple[datetime, datetime]:
    """Return when a demo round opens and closes; the round of the current half-year is open at `now`.

    It opened nine days ago or earlier and closes in eleven days or later, so that both are school days.
    """
    opening = now - OPEN_SINCE - half_years_ago * HALF_YEAR
    nominal = opening.replace(hour=OPENING_HOUR, minute=0, second=0, microsecond=0)
    return same_or_previous_school_day(nominal), same_or_next_school_day(nominal + LASTS)
