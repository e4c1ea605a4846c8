"""Range of a scale, and the position of a value on its axis."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import ceil, floor

STEPS = 10  # tenths of the range, in which the ends of a part lie
MARGIN_STEPS = 0.4  # the least distance of a value to the end of a part, in steps


@dataclass(frozen=True, slots=True)
class Axis:
    """The lowest and highest number that a scale can have, and the decimal mark of the reader's language.

    >>> PERCENT.share(25)
    0.25
    """

    low: float = 0.0
    high: float = 100.0
    decimal_mark: str = field(default=".", repr=False)

    def share(self, value: float) -> float:
        """Return the position of `value` between the ends, 0-1; a value beyond an end is at that end."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def value_at(self, share: float) -> float:
        """Return the value at a position between the ends, 0-1; the inverse of `share`."""
        return self.low + share * (self.high - self.low)

    def format_value(self, value: float) -> str:
        """Return a value as text for the axis, with the decimal mark of the language.

        >>> Axis(1, 5, ",").format_value(2.5), Axis(1, 5, ",").format_value(3.0)
        ('2,5', '3')
        """
        return f"{value:g}".replace(".", self.decimal_mark)


PERCENT = Axis()


def axis_around(whole: Axis, values: Iterable[float], *, least: float = 0.0) -> Axis:
    """Return the part of `whole` that holds `values` with a margin, at least `least` of the range (0-1) wide.

    The ends are tenths of the range. The chart must say that its axis shows a part of the scale, or name its ends.

    >>> axis_around(PERCENT, [44, 52, 71], least=0.4)
    Axis(low=40.0, high=80.0)
    >>> axis_around(PERCENT, [3.0], least=0.4)
    Axis(low=0.0, high=40.0)
    """
    shares = [whole.share(value) for value in values]
    if not shares:
        return whole
    first = max(0, floor(min(shares) * STEPS - MARGIN_STEPS))
    last = min(STEPS, ceil(max(shares) * STEPS + MARGIN_STEPS))
    wanted = ceil(least * STEPS)
    while last - first < wanted:
        first = max(0, first - 1)
        if last - first < wanted:
            last = min(STEPS, last + 1)
    return replace(whole, low=round(whole.value_at(first / STEPS), 9), high=round(whole.value_at(last / STEPS), 9))
