"""Interpret number formats of spreadsheets: dates, times, and identifiers with leading zeros.

Only as much of the format language is understood as decides between a date, a time, a padded number and a plain one
(ECMA-376 part 1, 18.8.30 and 18.8.31). A plain number keeps all its digits.
"""

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47), "hh:mm"),
    22: "yyyy-mm-dd hh:mm",
    46: "[h]:mm:ss",
}
_MOST_DIGITS = 10**15  # beyond it a spreadsheet has lost digits
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.')
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_MINUTES = re.compile(r"(?<=h:)m+|(?<=h\.)m+|m+(?=[:.]s)")
_TOKENS = re.compile(r'"([^"]*)"|\\(.)|([0#])|([-/ ().:+A-Z])')
# A sheet knows no time zone.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class SpreadsheetNumberFormat:
    """How a number is shown: as a date, with a time, as time that has passed, or padded by `pattern`."""

    date: bool = False
    time: bool = False
    elapsed: bool = False
    pattern: str = ""


def parse_number_format(code: str) -> SpreadsheetNumberFormat:
    """Return what a format code shows.

    >>> parse_number_format("d.m.yyyy").date, parse_number_format("mm:ss").date
    (True, False)
    >>> parse_number_format("yyyy-mm-dd hh:mm").time
    True
    >>> [parse_number_format(code).pattern for code in ("000", "0.00", '0" m"', "000-000")]
    ['000', '', '', '000-000']
    """
    section = _first_section(code)
    without_literals = _LITERALS.sub("", section)
    elapsed = bool(_ELAPSED.search(without_literals))
    letters = _BRACKETS.sub("", without_literals).lower().replace("am/pm", "h").replace("a/p", "h")
    if letters.strip() == "general":
        return SpreadsheetNumberFormat()
    time = elapsed or "h" in letters or "s" in letters
    date = "y" in letters or "d" in letters or "m" in _MINUTES.sub("", letters).replace("h", "")
    if elapsed:
        return SpreadsheetNumberFormat(time=True, elapsed=True)
    if date or time:
        return SpreadsheetNumberFormat(date=date, time=time)
    return SpreadsheetNumberFormat(
        pattern=section if without_literals.count("0") > 1 and not set(without_literals) & set(".,%?eE/@") else ""
    )


def format_cell_number(value: float, shown: SpreadsheetNumberFormat, *, from_1904: bool = False) -> str:
    """Return a number as the person saw it; dates in ISO 8601, plain numbers with all their digits.

    >>> format_cell_number(91, parse_number_format("000")), format_cell_number(46418.5, parse_number_format("d.m.yyyy"))
    ('091', '2027-01-31T12:00:00')
    """
    if shown.elapsed:
        minutes = round(value * 24 * 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    if shown.date or shown.time:
        moment = _moment(value, from_1904=from_1904)
        if moment is not None:
            return _show_moment(moment, shown, whole_days=value >= 1)
    if shown.pattern and value >= 0 and value == int(value):
        return _pad(int(value), shown.pattern)
    return format_plain_number(value)


def format_plain_number(value: float) -> str:
    """Return a number with the 15 digits that a spreadsheet keeps.

    >>> format_plain_number(20.0), format_plain_number(57.5), format_plain_number(1e20)
    ('20', '57.5', '100000000000000000000')
    """
    if value.is_integer():
        return str(int(value))
    return f"{value:.15g}"


def fits_spreadsheet_precision(value: float) -> bool:
    """Tell whether a spreadsheet can have kept every digit of a number."""
    return math.isfinite(value) and abs(value) < _MOST_DIGITS


def _first_section(code: str) -> str:
    quoted = False
    for place, char in enumerate(code):
        if char == '"':
            quoted = not quoted
        elif char == ";" and not quoted and code[place - 1 : place] != "\\":
            return code[:place]
    return code


def _moment(value: float, *, from_1904: bool) -> datetime | None:
    # Serial numbers below 60 count a 29 February 1900 that never was.
    days = value + 1 if not from_1904 and 1 <= value < 60 else value
    try:
        moment = (_EPOCH_1904 if from_1904 else _EPOCH) + timedelta(days=days)
    except (OverflowError, ValueError):
        return None
    whole = moment + timedelta(microseconds=500_000)
    return whole.replace(microsecond=0) if value >= 0 else None


def _show_moment(moment: datetime, shown: SpreadsheetNumberFormat, *, whole_days: bool) -> str:
    if shown.time and not shown.date and not whole_days:
        return moment.time().isoformat()
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return moment.date().isoformat() if midnight and not shown.time else moment.isoformat()


def _pad(value: int, pattern: str) -> str:
    tokens = [match.groups() for match in _TOKENS.finditer(_BRACKETS.sub("", pattern))]
    places = sum(token[2] is not None for token in tokens)
    digits = str(value).rjust(places)
    surplus = digits[: len(digits) - places]
    digits = digits[len(digits) - places :]
    result: list[str] = []
    number = 0
    for quoted, escaped, place, literal in tokens:
        if place is None:
            result.append(quoted or escaped or literal or "")
            continue
        digit = digits[number]
        if number == 0:
            result.append(surplus)
        result.append(("0" if place == "0" else "") if digit == " " else digit)
        number += 1
    return "".join(result)
