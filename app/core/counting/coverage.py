"""Whether a municipality or the region speaks for mostly the same communities in two rounds.

A small community may be counted in its municipality in one round and left out of it in the next. The mean then
moves although nothing has changed anywhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.core.organisations import Region, Unit
from app.core.publication import Cell, Level, Measure, MeasureKind, Participation, Publication, State

ALIKE = 0.9
Place = tuple[Level, str]


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two rounds tell of the communities that both count.

    `together` is how many different ones each municipality and the region have in the two rounds, `shown` how many
    are shown in both, and `detailed` how many are shown in both in detail.
    """

    together: Mapping[Place, int]
    shown: Mapping[Place, int]
    detailed: Mapping[Place, int]

    def is_of_the_same(
        self, cell: Cell, measures: tuple[Measure, Measure], parts: tuple[Participation | None, Participation | None]
    ) -> bool:
        """Tell whether nine tenths of what either round counts in a municipality or the region is counted in both.

        `measures` and `parts` are those of the earlier and of the later figure. Only what is printed is used, so the
        share is the least that it can be: whoever is shown is counted, and of the others only the number is known.
        """
        then, now = (_counted(part, measure) for part, measure in zip(parts, measures, strict=True))
        place = cell.level, cell.unit
        known = 0 if measures[1].sensitive else self._shown(measures).get(place, 0)
        return is_mostly(max(known, then + now - self.together.get(place, then + now)), of=max(then, now))

    def _shown(self, measures: tuple[Measure, Measure]) -> Mapping[Place, int]:
        return self.detailed if any(one.kind is MeasureKind.ITEM for one in measures) else self.shown


def is_mostly(common: int, *, of: int) -> bool:
    """Tell whether what is common is nine tenths or more.

    >>> is_mostly(9, of=10), is_mostly(8, of=10), is_mostly(0, of=0)
    (True, False, False)
    """
    return of > 0 and common >= ALIKE * of


def overlap_of(then: Publication, region: Region, parts: Mapping[Cell, Participation]) -> Overlap:
    """Compare an earlier publication with the region as it is now; a community that was joined since is another."""
    former = {_made_of(unit) for unit in then.region.units}
    both = [unit for unit in region.units if _made_of(unit) in former]
    pairs = [(unit, then.participation_of(cell), parts.get(cell)) for unit in both for cell in [_cell(unit)]]
    return Overlap(
        _numbers([*former, *(_made_of(unit) for unit in region.units if _made_of(unit) not in former)], region),
        _numbers((_made_of(unit) for unit, *two in pairs if all(map(_is_shown, two))), region),
        _numbers((_made_of(unit) for unit, *two in pairs if all(one and one.detail for one in two)), region),
    )


def _made_of(unit: Unit) -> tuple[str, tuple[str, ...], str]:
    return unit.id, unit.communities, unit.municipality


def _cell(unit: Unit) -> Cell:
    return Cell(Level.COMMUNITY, unit.id)


def _is_shown(part: Participation | None) -> bool:
    return part is not None and part.state is State.SHOWN


def _numbers(units: Iterable[tuple[str, tuple[str, ...], str]], region: Region) -> dict[Place, int]:
    homes = Counter(home for _name, _communities, home in units)
    return {(Level.REGION, region.id): homes.total(), **{(Level.MUNICIPALITY, one): n for one, n in homes.items()}}


def _counted(part: Participation | None, measure: Measure) -> int:
    """Return how many communities a figure counts; 0 where that is not told."""
    if part is None:
        return 0
    covers = part.covers
    if measure.sensitive:
        covers = part.sensitive_covers
    elif measure.kind is MeasureKind.ITEM:
        covers = part.detail_covers
    return 0 if covers is None else covers[0]
