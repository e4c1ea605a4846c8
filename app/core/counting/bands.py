"""Bands of answer counts and response rates, chosen so that combining bands reveals no exact count.

A reader knows the number of invited people, the threshold for publishing numbers, and the bands of
every part of a municipality or the region. So the possible counts are divided into bands of five; the
last band is merged with the previous one if it would contain fewer than three counts. A response rate
is computed from the band alone and adds no information. "Everyone answered" is a separate statement,
made only if at least three other counts are possible.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.counting.families import CellRef, counted_unit_rows
from app.core.disclosure.pattern import PublicationPattern
from app.core.organisations import ReportingUnit
from app.core.publication import MIN_POSSIBLE_COUNTS, MIN_RATE_ANSWERS, Level

Counts = NDArray[np.int64]

BAND_WIDTH = 5
RATE_STEP = 10


@dataclass(frozen=True, slots=True)
class CountBand:
    """A band of answer counts: `low` to `high`, in a grid that starts at `start`; the last band starts at `top`.

    `everyone`: all invited people answered, and this is published.
    """

    low: int
    high: int
    start: int
    top: int
    everyone: bool = False

    @property
    def published_band_text(self) -> str:
        """The band as published, at least five counts wide."""
        low = min(self.low, self.top)
        return f"{low}-{max(self.high, low + BAND_WIDTH - 1)}"

    def published_band_text_from(self, low: int) -> str:
        """Return the band on the same grid that starts at `low`, for a question that fewer people answered."""
        last = self.high if low == self.top else low + BAND_WIDTH - 1
        return f"{low}-{max(last, low + BAND_WIDTH - 1)}"

    def response_rate_band_text(self, invited: int) -> str | None:
        """Return the response rate in steps of 10 per cent, computed from the band; "100" where everyone answered.

        None if the number of invited people is unknown, if fewer than ten may have answered, or if the threshold
        implies that everyone answered.

        >>> count_band(22, least=10, most=29).response_rate_band_text(30)
        '60-89'
        >>> count_band(72, least=10, most=99).response_rate_band_text(100)
        '70-79'
        """
        if self.everyone:
            return "100"
        if invited <= 0 or self.low < MIN_RATE_ANSWERS:
            return None
        if self.low >= invited:
            return None
        first = RATE_STEP * self.low // invited * RATE_STEP
        last = RATE_STEP * min(self.high, invited) // invited * RATE_STEP
        return f"{first}-{last + RATE_STEP - 1}" if last < 100 else f"{first}-100"


def count_band(n: int, *, least: int, most: int) -> CountBand:
    """Return the band of `n` for counts from `least` to `most`; the last band is never short.

    >>> count_band(22, least=10, most=29).published_band_text, count_band(30, least=10, most=30).published_band_text
    ('20-24', '25-30')
    """
    top = least + max(most - least, 0) // BAND_WIDTH * BAND_WIDTH
    if most - top + 1 < MIN_POSSIBLE_COUNTS and top > least:
        top -= BAND_WIDTH
    low = least + (min(n, top) - least) // BAND_WIDTH * BAND_WIDTH
    return CountBand(low, most if low == top else low + BAND_WIDTH - 1, least, top)


def unit_band(n: int, invited: int, *, k: int) -> CountBand:
    """Return the band of a unit with published numbers.

    >>> unit_band(22, 22, k=10).everyone, unit_band(11, 11, k=10)
    (True, CountBand(low=10, high=11, start=10, top=10, everyone=False))
    """
    if not may_publish_everyone_answered(invited, k=k):
        return count_band(n, least=k, most=max(invited, n))
    if n >= invited:
        return _everyone(invited, start=k)
    return count_band(n, least=k, most=invited - 1)


def _everyone(invited: int, *, start: int) -> CountBand:
    top = start + (invited - start) // BAND_WIDTH * BAND_WIDTH
    return CountBand(invited, invited, start, top, everyone=True)


def may_publish_everyone_answered(invited: int, *, k: int) -> bool:
    """Tell whether "everyone answered" may be published: three other counts must be possible.

    >>> may_publish_everyone_answered(12, k=10), may_publish_everyone_answered(13, k=10)
    (False, True)
    """
    return invited - k >= MIN_POSSIBLE_COUNTS


def group_band(n: int, *, k: int) -> CountBand:
    """Return the band of a staff group, whose size is unknown.

    >>> group_band(31, k=10).published_band_text
    '30-34'
    """
    return count_band(n, least=k, most=n + 2 * BAND_WIDTH)


def parent_band(n: int, invited: int, parts: Sequence[CountBand]) -> CountBand:
    """Return the band of a municipality or the region, for the counts that the bands of its parts allow.

    "Everyone answered" is published if it is published of every part.

    >>> five = [count_band(14, least=10, most=39)] * 5
    >>> parent_band(70, 200, five)
    CountBand(low=65, high=70, start=50, top=65, everyone=False)
    """
    least = sum(part.low for part in parts)
    most = sum(part.high for part in parts)
    if parts and all(part.everyone for part in parts):
        return _everyone(invited, start=0)
    return count_band(n, least=least, most=max(most, n))


def open_round_rate_band_text(n: int, invited: int) -> str:
    """Return the response rate of an open round in steps of 10 per cent.

    Fewer than ten answers are one band. From ten on, the bands are those of the count, so that the last band
    of an open round reveals nothing beside the published one.

    >>> [open_round_rate_band_text(n, invited) for n, invited in ((4, 24), (12, 24), (24, 24), (3, 12))]
    ['0-39', '40-59', '80-100', '0-79']
    """
    few = MIN_RATE_ANSWERS - 1
    if invited - few < MIN_POSSIBLE_COUNTS:
        return "0-100"
    low = 0
    high = few
    if n > few:
        band = count_band(min(n, invited - 1), least=MIN_RATE_ANSWERS, most=invited - 1)
        low = band.low
        high = invited if band.low == band.top else band.high
    first = RATE_STEP * low // invited * RATE_STEP
    last = RATE_STEP * high // invited * RATE_STEP
    return f"{first}-{last + RATE_STEP - 1}" if last < 100 else f"{first}-100"


def open_round_rate_band_texts(units: Iterable[ReportingUnit], answered: Mapping[str, int]) -> dict[str, str]:
    """Return the response rate of each unit of an open round; units with fewer than ten invited are left out."""
    return {
        unit.id: open_round_rate_band_text(answered.get(unit.id, 0), unit.invited_count)
        for unit in units
        if unit.invited_count >= MIN_RATE_ANSWERS
    }


def combined_rate_range(rates: Mapping[str, str], units: Iterable[ReportingUnit]) -> tuple[int, int] | None:
    """Return the lowest and the highest response rate in per cent that the bands of several units allow together.

    Units without a band are left out; None where none has one. It is computed from the bands and the numbers of
    invited people alone, so it reveals nothing that they do not.

    >>> units = [ReportingUnit(name, name, "town", (name,), {"all": size}) for name, size in (("a", 30), ("b", 10))]
    >>> combined_rate_range({"a": "40-59", "b": "80-100"}, units), combined_rate_range({}, units)
    ((50, 70), None)
    """
    shown = [(unit.invited_count, rates[unit.id]) for unit in units if unit.id in rates]
    invited = sum(size for size, _rate in shown)
    if not invited:
        return None
    edges = [(size, *map(int, rate.split("-"))) for size, rate in shown]
    lowest = sum(size * low for size, low, _high in edges) // invited
    # The last published percentage of a band represents everything below the next one.
    highest = -(-sum(size * min(high + 1, 100) for size, _low, high in edges) // invited)
    return lowest, highest


@dataclass(frozen=True, slots=True)
class UnitBands:
    """Bands of all units, from which the bands of municipalities and the region are made."""

    bands: tuple[CountBand, ...]
    k: int

    @classmethod
    def from_pattern(
        cls, pattern: PublicationPattern, ballots: Counts, invited: Counts, *, k: int, placement_from: int
    ) -> "UnitBands":
        """Return the bands of units that publish numbers, a placement, or nothing."""
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
    cells: Sequence[CellRef], pattern: PublicationPattern, ballots: Counts, invited: Counts, units: UnitBands
) -> tuple[CountBand, ...]:
    """Return the band of every cell; the band of a withheld cell is never published."""
    municipalities: dict[str, CountBand] = {}
    for row, cell in enumerate(cells):
        if cell.cell.level is Level.MUNICIPALITY and cell.group is None:
            members = counted_unit_rows(cell, pattern)
            if members is not None:
                parts = [units.bands[member] for member in members.tolist()]
                municipalities[cell.cell.unit] = parent_band(int(ballots[row]), int(invited[row]), parts)
    return tuple(
        _cell_band(cell, pattern, int(ballots[row]), int(invited[row]), units, municipalities)
        for row, cell in enumerate(cells)
    )


def _cell_band(
    cell: CellRef,
    pattern: PublicationPattern,
    ballots: int,
    invited: int,
    units: UnitBands,
    municipalities: Mapping[str, CountBand],
) -> CountBand:
    if cell.group is not None:
        return group_band(ballots, k=units.k)
    if cell.unit is not None:
        return units.bands[cell.unit]
    if cell.cell.level is Level.MUNICIPALITY:
        return municipalities.get(cell.cell.unit, group_band(ballots, k=units.k))
    return parent_band(ballots, invited, _region_parts(pattern, units, municipalities))


def _region_parts(
    pattern: PublicationPattern, units: UnitBands, municipalities: Mapping[str, CountBand]
) -> Sequence[CountBand]:
    """Return the bands of the municipalities counted whole in the region, and of its remaining units."""
    if pattern.region is None:
        return ()
    rest = pattern.region.copy()
    parts = []
    for name, band in municipalities.items():
        mask = pattern.municipalities[name]
        if bool(np.all(rest[mask])):
            parts.append(band)
            rest &= ~mask
    return [*parts, *(units.bands[row] for row in np.flatnonzero(rest).tolist())]


def band_midpoints(n: Counts, start: Counts, top: Counts) -> Counts:
    """Return the midpoint of the band of each count, the only size that published figures may depend on.

    >>> band_midpoints(np.array([22, 30, 34]), np.array([10, 10, 10]), np.array([30, 25, 30])).tolist()
    [22, 27, 32]
    """
    counts: Counts = start + (np.minimum(n, top) - start) // BAND_WIDTH * BAND_WIDTH + BAND_WIDTH // 2
    return counts
