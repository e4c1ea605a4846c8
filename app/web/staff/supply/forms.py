"""Form of a supply plan request."""

import math
from collections.abc import Mapping

from app.core.matching.supply_case import SupplyPlanRequest

MOST_TIMES = 4
MOST_MONEY = 10_000_000.0
MOST_HOURS = 100_000.0
MOST_ROOMS = 1_000
MOST_FLOOR = 10_000
PER_100 = 100.0
ROOMS = "rooms|"
FLOORS = "floor|"


class InvalidNumber(Exception):
    """A form field contains no valid number; the argument is the field's name."""


def parse_supply_request(form: Mapping[str, str], *, seconds: float) -> SupplyPlanRequest:
    """Parse the form of a supply plan; raises InvalidNumber with the name of the first invalid field."""
    default = SupplyPlanRequest()
    uptake = _number(form, "uptake", most=PER_100)
    return SupplyPlanRequest(
        money=_number(form, "money", most=MOST_MONEY),
        hours=_number(form, "hours", most=MOST_HOURS),
        rooms=_whole_numbers(form, ROOMS, most=MOST_ROOMS),
        times=int(_required(form, "times", most=MOST_TIMES, default=default.times)),
        floor_per_100=_required(form, "floor_per_100", most=PER_100, default=default.floor_per_100),
        floors=_whole_numbers(form, FLOORS, most=MOST_FLOOR),
        uptake=None if uptake is None else uptake / 100,
        fill=_required(form, "fill", most=PER_100, default=100 * default.fill) / 100,
        seconds=seconds,
    )


def _number(form: Mapping[str, str], name: str, *, most: float) -> float | None:
    text = form.get(name, "").strip().replace(" ", "").replace("\u00a0", "").replace(",", ".")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        raise InvalidNumber(name) from None
    if not math.isfinite(number) or not 0 <= number <= most:
        raise InvalidNumber(name)
    return number


def _required(form: Mapping[str, str], name: str, *, most: float, default: float) -> float:
    number = _number(form, name, most=most)
    return default if number is None else number


def _whole_numbers(form: Mapping[str, str], prefix: str, *, most: int) -> dict[str, int]:
    result = {}
    for name in form:
        if name.startswith(prefix):
            number = _number(form, name, most=most)
            if number is not None:
                result[name.removeprefix(prefix)] = int(number)
    return result
