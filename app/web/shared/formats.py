"""Formats of dates, times and numbers in each language; no line break before a time."""

import re
from datetime import date, datetime

from babel.dates import format_date as write_date
from flask import Flask
from flask_babel import format_datetime, format_decimal
from markupsafe import Markup, escape

from app.core.languages import Language
from app.web.shared.languages import language

MINUS = "−"
_NUMBER = r"[−+]?\d+(?:[.,]\d+)?"
RANGE = re.compile(rf"{_NUMBER}(?:[–…]{_NUMBER}(?:[ \u00a0]%)?|[ \u00a0]%)")
_TAG_OR_RANGE = re.compile(rf'(?P<tag><span class="unbroken">.*?</span>|<[^>]*>)|{RANGE.pattern}')
MOMENTS = {
    Language.FI: "d. MMMM y 'klo'\u00a0H.mm",
    Language.SV: "d MMMM y 'kl.'\u00a0H.mm",
    Language.EN: "d MMMM y 'at' H:mm",
}
DAYS = {Language.FI: "d.M.", Language.SV: "d MMM", Language.EN: "d MMM"}
DATES = {Language.FI: "d. MMMM y", Language.SV: "d MMMM y", Language.EN: "d MMMM y"}


WEEKDAY = {Language.FI: "ccc ", Language.SV: "EEE ", Language.EN: "EEE "}  # Finnish would have to inflect a whole word


def register(app: Flask) -> None:
    """Give the templates of `app` the filters of dates, and the functions that write numbers."""
    app.add_template_filter(long_moment)
    app.add_template_filter(long_date_of_moment)
    app.add_template_filter(long_date)
    app.add_template_filter(short_date)
    app.add_template_filter(due_date)
    app.add_template_filter(due_moment)
    app.add_template_filter(keep_ranges_unbroken)
    app.jinja_env.globals.update(
        {
            item.__name__: item
            for item in (format_two_decimals, format_signed_one_decimal, format_one_decimal, format_whole)
        }
    )


def keep_ranges_unbroken(text: str) -> Markup:
    """Return a text in which no range and no number with its unit is broken across lines.

    A browser may break a line after a dash and after an ellipsis: "68–77 %", "−3…+13".

    >>> keep_ranges_unbroken("Mean 73 (68–77).")
    Markup('Mean 73 (<span class="unbroken">68–77</span>).')
    >>> keep_ranges_unbroken(keep_ranges_unbroken("68–77")) == keep_ranges_unbroken("68–77")
    True
    """
    return Markup(_TAG_OR_RANGE.sub(_kept_together, str(escape(text))))  # noqa: S704 - escaped before


def _kept_together(found: re.Match[str]) -> str:
    return found[0] if found["tag"] else f'<span class="unbroken">{found[0]}</span>'


def long_moment(moment: datetime) -> str:
    """Return a moment as a date and a time of the installation's zone."""
    return str(format_datetime(moment, MOMENTS[language()]))


def long_date_of_moment(moment: datetime) -> str:
    """Return the day of a moment in the installation's zone."""
    return str(format_datetime(moment, DATES[language()]))


def long_date(day: date) -> str:
    """Return a day with the month in words."""
    return str(write_date(day, DATES[language()], locale=language().value))


def due_date(day: date | datetime) -> str:
    """Return a day on which something is due, with its weekday; a moment counts by the installation's zone."""
    pattern = WEEKDAY[language()] + DATES[language()]
    if isinstance(day, datetime):
        return str(format_datetime(day, pattern))
    return str(write_date(day, pattern, locale=language().value))


def due_moment(moment: datetime) -> str:
    """Return a moment until which something is possible, with its weekday, in the installation's zone."""
    return str(format_datetime(moment, WEEKDAY[language()] + MOMENTS[language()]))


def short_date(day: date | datetime) -> str:
    """Return a day without its year, for tables; a moment counts by the installation's zone."""
    if isinstance(day, datetime):
        return str(format_datetime(day, DAYS[language()]))
    return str(write_date(day, DAYS[language()], locale=language().value))


def format_two_decimals(number: float) -> str:
    """Write a factor with two decimals."""
    return _written(number, "0.00")


def format_one_decimal(number: float) -> str:
    """Write a number with at most one decimal."""
    return _written(round(number, 1), "0.#")


def format_signed_one_decimal(number: float) -> str:
    """Write a difference with its sign and at most one decimal."""
    return f"{'+' if round(number, 1) > 0 else ''}{format_one_decimal(number)}"


def format_whole(number: float) -> str:
    """Write a whole number, its thousands apart."""
    return _written(number, "#,##0")


def _written(number: float, pattern: str) -> str:
    return str(format_decimal(number, format=pattern)).replace("-", MINUS)
