"""Working days of schools and daycare centres: no weekends, no Finnish public holidays, not July.

Public holidays are set by acts of Parliament: church holidays, the First of May and Independence Day. Midsummer Eve
and Christmas Eve are free by collective agreements. Easter comes from dateutil.
"""

from datetime import date, timedelta
from functools import lru_cache

from dateutil.easter import easter

SATURDAY = 5
JULY = 7
ONE_DAY = timedelta(days=1)
# Month and day; the other holidays move.
FIXED = ((1, 1), (1, 6), (5, 1), (12, 6), (12, 24), (12, 25), (12, 26))
# Days after Easter Sunday: Good Friday, Easter Monday, Ascension Day.
AFTER_EASTER = (-2, 1, 39)


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Return the Finnish public holidays of a year that may be a working day otherwise, and the two free eves.

    >>> date(2026, 6, 19) in public_holidays(2026)  # Midsummer Eve
    True
    """
    sunday = easter(year)
    moving = {sunday + timedelta(days=days) for days in AFTER_EASTER}
    midsummer = _saturday(date(year, 6, 20))
    return frozenset(
        {
            *(date(year, month, day) for month, day in FIXED),
            *moving,
            midsummer - ONE_DAY,
            midsummer,
            _saturday(date(year, 10, 31)),  # All Saints' Day
        }
    )


def is_working_day(day: date) -> bool:
    """Tell whether staff can be expected to act on a day.

    >>> is_working_day(date(2026, 12, 6)), is_working_day(date(2026, 12, 7)), is_working_day(date(2026, 7, 1))
    (False, True, False)
    """
    return day.weekday() < SATURDAY and day.month != JULY and day not in public_holidays(day.year)


def same_or_next_working_day(day: date) -> date:
    """Return the first working day from `day` on: a deadline moves later, never earlier.

    >>> [str(same_or_next_working_day(date(2026, month, day))) for month, day in ((12, 25), (7, 8), (12, 8))]
    ['2026-12-28', '2026-08-03', '2026-12-08']
    """
    while not is_working_day(day):
        day += ONE_DAY
    return day


def _saturday(first: date) -> date:
    """Return the Saturday of the week that begins with `first`."""
    return first + timedelta(days=(SATURDAY - first.weekday()) % 7)
