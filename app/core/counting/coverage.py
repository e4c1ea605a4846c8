"""Whether a municipality or the region speaks for mostly the same communities in two rounds.

A small community may be counted in its municipality in one round and left out of it in the next. The mean then
moves although nothing has changed anywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.core.organisations import Region, ReportingUnit
from app.core.publication import Cell, DisclosureState, Figure, Level, Measure, Participation, Publication, usual_covers

MIN_COMMON_SHARE = 0.9
Identity = tuple[str, tuple[str, ...], str]  # a community that was joined or moved is another one


@dataclass(frozen=True, slots=True)
class RoundCoverage:
    """One round: its communities by municipality and region, what is told of each cell, and its figures."""

    units: Mapping[tuple[Level, str], tuple[ReportingUnit, ...]]
    parts: Mapping[Cell, Participation]
    figures: Mapping[tuple[Cell, str], Figure]

    def counted(self, cell: Cell, measure: Measure) -> tuple[dict[Identity, int], int]:
        """Return the staff of the communities that a figure surely counts, and of all that it counts at the most.

        Whoever is shown is counted. Of the others only the number is known: they may be the largest ones.
        """
        units = self.units.get((cell.level, cell.unit), ())
        number = self.number(cell, measure)
        everybody = number >= len(units)
        sure = {_identity(unit): unit.size for unit in units if everybody or self._is_shown(unit, measure)}
        others = sorted((unit.size for unit in units if _identity(unit) not in sure), reverse=True)
        return (sure, sum(sure.values()) + sum(others[: max(number - len(sure), 0)])) if number else ({}, 0)

    def number(self, cell: Cell, measure: Measure) -> int:
        """Return how many communities a figure counts; 0 where that is not told."""
        part = self.parts.get(cell)
        figure = self.figures.get((cell, measure.id))
        if part is None:
            return 0
        covers = None if figure is None else figure.covers
        covers = covers or usual_covers(part, measure)
        return 0 if covers is None else covers[0]

    def _is_shown(self, unit: ReportingUnit, measure: Measure) -> bool:
        if measure.sensitive:  # which communities a sensitive figure counts is not looked up
            return False
        figure = self.figures.get((Cell(Level.COMMUNITY, unit.id), measure.id))
        return figure is not None and figure.state is DisclosureState.SHOWN


@dataclass(frozen=True, slots=True)
class CoverageOverlap:
    """An earlier round beside the one that is counted; `known` keeps what was found, for most figures ask the same."""

    before: RoundCoverage
    after: RoundCoverage
    known: dict[object, bool] = field(default_factory=dict, compare=False)

    def is_of_the_same(self, cell: Cell, measures: tuple[Measure, Measure]) -> bool:
        """Tell whether nine tenths of the staff that either figure speaks for are surely spoken for by both.

        `measures` are those of the earlier and of the later figure. Only what is printed is used.
        """
        pairs = tuple(zip((self.before, self.after), measures, strict=True))
        key = cell.level, cell.unit, *(measure.id for measure in measures)
        if key not in self.known:
            self.known[key] = _is_mostly_common([side.counted(cell, measure) for side, measure in pairs])
        return self.known[key]


def _is_mostly_common(counted: Sequence[tuple[dict[Identity, int], int]]) -> bool:
    common = counted[0][0].keys() & counted[1][0].keys()
    return all(
        most > 0 and sum(sure[identity] for identity in common) >= MIN_COMMON_SHARE * most for sure, most in counted
    )


def overlap_of(
    then: Publication, region: Region, parts: Mapping[Cell, Participation], figures: Iterable[Figure]
) -> CoverageOverlap:
    """Set an earlier publication beside the region as it is now; `parts` is who answered now, `figures` what."""
    before = {part.cell: part for part in then.participation}
    return CoverageOverlap(_side(then.region, before, (*then.items, *then.figures)), _side(region, parts, figures))


def _side(region: Region, parts: Mapping[Cell, Participation], figures: Iterable[Figure]) -> RoundCoverage:
    places = {
        (Level.MUNICIPALITY, municipality.id): region.units_of(municipality.id)
        for municipality in region.municipalities
    }
    by_cell = {(figure.cell, figure.measure): figure for figure in figures}
    return RoundCoverage({(Level.REGION, region.id): region.units, **places}, parts, by_cell)


def _identity(unit: ReportingUnit) -> Identity:
    return unit.id, unit.communities, unit.municipality
