"""How dates and times are written in each language."""

from datetime import date, datetime

from babel.dates import format_date as write_date
from flask import Flask
from flask_babel import format_datetime

from app.core.languages import Language
from app.web.shared.languages import language

MOMENTS = {
    Language.FI: "d. MMMM y 'klo' H.mm",
    Language.SV: "d MMMM y 'kl.' H.mm",
    Language.EN: "d MMMM y 'at' H:mm",
}
DAYS = {Language.FI: "d.M.", Language.SV: "d MMM", Language.EN: "d MMM"}
DATES = {Language.FI: "d. MMMM y", Language.SV: "d MMMM y", Language.EN: "d MMMM y"}


def register(app: Flask) -> None:
    """Give the templates of `app` the filters `long_moment`, `long_date_of`, `long_date` and `short_date`."""
    app.add_template_filter(long_moment)
    app.add_template_filter(long_date_of)
    app.add_template_filter(long_date)
    app.add_template_filter(short_date)


def long_moment(moment: datetime) -> str:
    """Return a moment as a date and a time of the installation's zone."""
    return str(format_datetime(moment, MOMENTS[language()]))


def long_date_of(moment: datetime) -> str:
    """Return the day of a moment in the installation's zone."""
    return str(format_datetime(moment, DATES[language()]))


def long_date(day: date) -> str:
    """Return a day with the month in words."""
    return str(write_date(day, DATES[language()], locale=language().value))


def short_date(day: date | datetime) -> str:
    """Return a day without its year, for tables; a moment counts by the installation's zone."""
    if isinstance(day, datetime):
        return str(format_datetime(day, DAYS[language()]))
    return str(write_date(day, DAYS[language()], locale=language().value))
