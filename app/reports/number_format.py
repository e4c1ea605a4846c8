"""Format numbers in the language of the request."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from babel.lists import format_list
from babel.numbers import format_decimal, get_decimal_symbol
from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from app.core.publication import Capped, Distribution, Figure, Measure

MINUS = "−"
CAP_LOW = 10
CAP_HIGH = 90
MONTHS = {"fi": "M/yyyy"}


def decimal_mark() -> str:
    """Return the decimal mark of the language of the request."""
    return get_decimal_symbol(str(get_locale() or "en"))


def format_number(value: float, measure: Measure) -> str:
    """Format a mean with the decimals of its measure."""
    return _written(value, measure.decimals, str(get_locale() or "en"))


@lru_cache(maxsize=4096)  # there are few different numbers, and a page asks for hundreds
def _written(value: float, decimals: int, locale: str) -> str:
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    return format_decimal(value, format=pattern, locale=locale).replace("-", MINUS)


def format_signed(value: float, measure: Measure) -> str:
    """Format a difference with its sign."""
    written = format_number(abs(value), measure)
    return written if round(value, measure.decimals) == 0 else f"{'+' if value > 0 else MINUS}{written}"


def format_points(value: float) -> str:
    """Format a number of points with one decimal if it has any."""
    return _written(value, 0 if float(value).is_integer() else 1, str(get_locale() or "en"))


def format_effect_size(value: float) -> str:
    """Format an effect size with one decimal and sign."""
    written = _written(abs(value), 1, str(get_locale() or "en"))
    return written if round(value, 1) == 0 else f"{'+' if value > 0 else MINUS}{written}"


def format_mean(figure: Figure, measure: Measure) -> str:
    """Format a mean; a capped one as "at most" or "at least"."""
    if figure.mean is None:
        return "–"
    return add_at_most_or_at_least(format_number(figure.mean, measure), figure.capped)


def add_at_most_or_at_least(written: str, capped: Capped | None) -> str:
    """Return a formatted number with "at most" or "at least" before it if it is capped, else unchanged."""
    if capped is Capped.LOW:
        return str(_("at most %(number)s", number=written))
    return str(_("at least %(number)s", number=written)) if capped is Capped.HIGH else written


def format_interval(ends: tuple[float, float], measure: Measure) -> str:
    """Format an interval."""
    return f"{format_number(ends[0], measure)}–{format_number(ends[1], measure)}"


def format_mean_and_interval(figure: Figure, measure: Measure) -> str:
    """Format a mean with its interval, if it has one."""
    written = format_mean(figure, measure)
    return written if figure.interval is None else f"{written} ({format_interval(figure.interval, measure)})"


def format_capped_share(per_cent: int) -> str:
    """Format a share in per cent; up to 10 and from 90 as bounds."""
    if per_cent <= CAP_LOW:
        return str(_("≤ %(number)s %%", number=CAP_LOW))
    if per_cent >= CAP_HIGH:
        return str(_("≥ %(number)s %%", number=CAP_HIGH))
    return str(_("%(number)s %%", number=per_cent))


def format_share_and_interval(per_cent: int, interval: tuple[int, int] | None) -> str:
    """Format a share with its interval, if it has one."""
    return (
        format_capped_share(per_cent)
        if interval is None
        else f"{format_capped_share(per_cent)} ({interval[0]}–{interval[1]})"
    )


def shares_by_favourability(distribution: Distribution, *, high_is_good: bool) -> tuple[int, int, int]:
    """Return the unfavourable, neutral and favourable share."""
    low = distribution.low
    high = distribution.high
    return (low, distribution.middle, high) if high_is_good else (high, distribution.middle, low)


def share_intervals_by_favourability(
    distribution: Distribution, *, high_is_good: bool
) -> tuple[tuple[int, int] | None, ...]:
    """Return the intervals of the unfavourable, neutral and favourable share; None if not published."""
    intervals = distribution.intervals or (None, None, None)
    return intervals if high_is_good else tuple(reversed(intervals))


def format_month(moment: datetime) -> str:
    """Format the month of a round."""
    locale = str(get_locale() or "en")
    return str(format_date(moment, MONTHS.get(locale, "LLL yyyy")))


def format_names(names: Sequence[str]) -> str:
    """Format names as a list."""
    return str(format_list(list(names), locale=str(get_locale() or "en")))


def format_band(text: str | None) -> str:
    """Format a band such as "20-24" with an en dash."""
    return "–" if text is None else text.replace("-", "–")
