"""Range of a scale, and the position of a number in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """The lowest and highest number that a scale can have.

    >>> PERCENT.share(25)
    0.25
    """

    low: float = 0.0
    high: float = 100.0

    def share(self, value: float) -> float:
        """Return where `value` lies between the ends, 0-1; what is beyond an end lies at it."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def at(self, share: float) -> float:
        """Return the number at `share`, 0-1."""
        return self.low + share * (self.high - self.low)


PERCENT = Axis()
