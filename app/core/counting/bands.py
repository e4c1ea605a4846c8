"""Bands of answers and response rates, chosen so that no two of them together give a count away.

A reader knows how many were invited, from how many answers on numbers are printed, and the bands of
every part of a municipality or the region. So the counts that are possible at all are cut into bands
of five, the last of which is joined to the one before where it would hold fewer than three counts. A
response rate is worked out from the band of answers alone and adds nothing to it. "Everyone answered"
is a statement of its own; it is made only where at least three other counts are possible.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.counting.families import CellRef, counted_rows
from app.core.disclosure.pattern import Pattern
from app.core.organisations import ReportingUnit
from app.core.publication import FEWEST_COUNTS, RATE_FROM, Level

Counts = NDArray[np.int64]

WIDTH = 5
TENS = 10


@dataclass(frozen=True, slots=True)
class CountBand:
    """The counts that print leaves possible: `low` to `high`, of the possible counts from `start`, last band at `top`.

    `everyone` says that all who were invited answered, which is told as such.
    """

    low: int
    high: int
    start: int
    top: int
    everyone: bool = False

    @property
    def answers(self) -> str:
        """Return the band of answers as printed: five counts, or more where two bands are joined."""
        low = min(self.low, self.top)
        return f"{low}-{max(self.high, low + WIDTH - 1)}"

    def starting(self, low: int) -> str:
        """Return another band of the same counts, the one that starts at `low`: a question that fewer answered."""
        last = self.high if low == self.top else low + WIDTH - 1
        return f"{low}-{max(last, low + WIDTH - 1)}"

    def rate(self, invited: int) -> str | None:
        """Return the response rate in tens of per cent, worked out from the band; "100" where everyone answered.

        None where nobody is known to be invited, where fewer than ten may have answered, and where all
        must have answered since numbers are printed at all.

        >>> count_band(22, least=10, most=29).rate(30), count_band(72, least=10, most=99).rate(100)
        ('60-89', '70-79')
        """
        if self.everyone:
            return "100"
        if invited <= 0 or self.low < RATE_FROM:
            return None
        if self.low >= invited:
            return None
        first = TENS * self.low // invited * TENS
        last = TENS * min(self.high, invited) // invited * TENS
        return f"{first}-{last + TENS - 1}" if last < 100 else f"{first}-100"


def count_band(n: int, *, least: int, most: int) -> CountBand:
    """Return the band of `n`, of the counts from `least` to `most`; the last band is not short.

    >>> count_band(22, least=10, most=29).answers, count_band(30, least=10, most=30).answers
    ('20-24', '25-30')
    """
    top = least + max(most - least, 0) // WIDTH * WIDTH
    if most - top + 1 < FEWEST_COUNTS and top > least:
        top -= WIDTH
    low = least + (min(n, top) - least) // WIDTH * WIDTH
    return CountBand(low, most if low == top else low + WIDTH - 1, least, top)


def unit_band(n: int, invited: int, *, k: int) -> CountBand:
    """Return the band of a community with numbers of its own.

    >>> unit_band(22, 22, k=10).everyone, unit_band(11, 11, k=10)
    (True, CountBand(low=10, high=11, start=10, top=10, everyone=False))
    """
    if not tells_everyone(invited, k=k):
        return count_band(n, least=k, most=max(invited, n))
    if n >= invited:
        return _everyone(invited, start=k)
    return count_band(n, least=k, most=invited - 1)


def _everyone(invited: int, *, start: int) -> CountBand:
    top = start + (invited - start) // WIDTH * WIDTH
    return CountBand(invited, invited, start, top, everyone=True)


def tells_everyone(invited: int, *, k: int) -> bool:
    """Say whether "everyone answered" may be told: three other counts must be possible.

    >>> tells_everyone(12, k=10), tells_everyone(13, k=10)
    (False, True)
    """
    return invited - k >= FEWEST_COUNTS


def group_band(n: int, *, k: int) -> CountBand:
    """Return the band of a staff group, of which nobody knows how many there are.

    >>> group_band(31, k=10).answers
    '30-34'
    """
    return count_band(n, least=k, most=n + 2 * WIDTH)


def parent_band(n: int, invited: int, parts: Sequence[CountBand]) -> CountBand:
    """Return the band of a municipality or region, of the counts that its parts' bands leave possible.

    "Everyone answered" is told where it is told of every part.

    >>> five = [count_band(14, least=10, most=39)] * 5
    >>> parent_band(70, 200, five)
    CountBand(low=65, high=70, start=50, top=65, everyone=False)
    """
    least = sum(part.low for part in parts)
    most = sum(part.high for part in parts)
    if parts and all(part.everyone for part in parts):
        return _everyone(invited, start=0)
    return count_band(n, least=least, most=max(most, n))


def open_band(n: int, invited: int) -> str:
    """Return how much `n` is of `invited` while the round is open, in tens of per cent.

    Fewer than ten answers are one band; from ten on the bands are those that the count prints, so
    that the last band of an open round and the published one together tell no more than either.

    >>> open_band(4, 24), open_band(12, 24), open_band(24, 24), open_band(3, 12)
    ('0-39', '40-59', '80-100', '0-79')
    """
    few = RATE_FROM - 1
    if invited - few < FEWEST_COUNTS:
        return "0-100"
    low = 0
    high = few
    if n > few:
        band = count_band(min(n, invited - 1), least=RATE_FROM, most=invited - 1)
        low = band.low
        high = invited if band.low == band.top else band.high
    first = TENS * low // invited * TENS
    last = TENS * high // invited * TENS
    return f"{first}-{last + TENS - 1}" if last < 100 else f"{first}-100"


def open_bands(units: Iterable[ReportingUnit], answered: Mapping[str, int]) -> dict[str, str]:
    """Return the participation of each unit of an open round; none where fewer than ten are invited."""
    return {unit.id: open_band(answered.get(unit.id, 0), unit.size) for unit in units if unit.size >= RATE_FROM}


@dataclass(frozen=True, slots=True)
class UnitBands:
    """What print tells of every unit's count, whichever figures follow: the parts that parents are made of."""

    of: tuple[CountBand, ...]
    k: int

    @classmethod
    def told(cls, pattern: Pattern, ballots: Counts, invited: Counts, *, k: int, placement_from: int) -> "UnitBands":
        """Read the pattern: numbers, a placement, or nothing."""
        result = []
        for row, (n, size) in enumerate(zip(ballots.tolist(), invited.tolist(), strict=True)):
            if pattern.shown[row]:
                result.append(unit_band(n, size, k=k))
            elif pattern.placement[row]:
                result.append(count_band(n, least=placement_from, most=max(min(k - 1, size), n)))
            else:
                result.append(CountBand(0, max(size, n), 0, 0))
        return cls(tuple(result), k)


def cell_bands(
    cells: Sequence[CellRef], pattern: Pattern, ballots: Counts, invited: Counts, units: UnitBands
) -> tuple[CountBand, ...]:
    """Return the band of every cell; of a withheld one a band that is never printed."""
    municipalities: dict[str, CountBand] = {}
    for row, cell in enumerate(cells):
        if cell.cell.level is Level.MUNICIPALITY:
            members = counted_rows(cell, pattern)
            if members is not None:
                parts = [units.of[member] for member in members.tolist()]
                municipalities[cell.cell.unit] = parent_band(int(ballots[row]), int(invited[row]), parts)
    return tuple(
        _cell_band(cell, pattern, int(ballots[row]), int(invited[row]), units, municipalities)
        for row, cell in enumerate(cells)
    )


def _cell_band(
    cell: CellRef,
    pattern: Pattern,
    ballots: int,
    invited: int,
    units: UnitBands,
    municipalities: Mapping[str, CountBand],
) -> CountBand:
    if cell.group is not None:
        return group_band(ballots, k=units.k)
    if cell.unit is not None:
        return units.of[cell.unit]
    if cell.cell.level is Level.MUNICIPALITY:
        return municipalities.get(cell.cell.unit, group_band(ballots, k=units.k))
    return parent_band(ballots, invited, _region_parts(pattern, units, municipalities))


def _region_parts(pattern: Pattern, units: UnitBands, municipalities: Mapping[str, CountBand]) -> Sequence[CountBand]:
    """Return the municipalities that the region counts as they are printed, and the units beside them."""
    if pattern.region is None:
        return ()
    rest = pattern.region.copy()
    parts = []
    for name, band in municipalities.items():
        mask = pattern.municipalities[name]
        if bool(np.all(rest[mask])):
            parts.append(band)
            rest &= ~mask
    return [*parts, *(units.of[row] for row in np.flatnonzero(rest).tolist())]


def middles(n: Counts, start: Counts, top: Counts) -> Counts:
    """Return the middle of the band that each count lies in, the only size that later figures may use.

    >>> middles(np.array([22, 30, 34]), np.array([10, 10, 10]), np.array([30, 25, 30])).tolist()
    [22, 27, 32]
    """
    counts: Counts = start + (np.minimum(n, top) - start) // WIDTH * WIDTH + WIDTH // 2
    return counts
