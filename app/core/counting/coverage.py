"""Check whether a municipality or the region covers mostly the same communities in two rounds.

A small community may be counted in its municipality in one round and not in the next. Then the mean
changes although no working conditions have changed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.core.organisations import Region, ReportingUnit
from app.core.publication import (
    Cell,
    DisclosureState,
    Figure,
    Level,
    Measure,
    Participation,
    Publication,
    default_unit_coverage,
)

MIN_COMMON_SHARE = 0.9
Identity = tuple[str, tuple[str, ...], str]  # a joined or moved unit counts as a different one


@dataclass(frozen=True, slots=True)
class RoundCoverage:
    """One round: its units by municipality and region, and how participation and figures are looked up."""

    units: Mapping[tuple[Level, str], tuple[ReportingUnit, ...]]
    part_of: Callable[[Cell], Participation | None]
    figure_of: Callable[[Cell, str], Figure | None]

    def certain_staff_and_possible_total(self, cell: Cell, measure: Measure) -> tuple[dict[Identity, int], int]:
        """Return the staff of the units that a figure certainly counts, and the maximum that it may count.

        Units with a published figure are counted. Of the others only the number is known, so the largest are assumed.
        """
        units = self.units.get((cell.level, cell.unit), ())
        number = self.counted_unit_count(cell, measure)
        everybody = number >= len(units)
        sure = {_identity(unit): unit.invited_count for unit in units if everybody or self._is_shown(unit, measure)}
        others = sorted((unit.invited_count for unit in units if _identity(unit) not in sure), reverse=True)
        return (sure, sum(sure.values()) + sum(others[: max(number - len(sure), 0)])) if number else ({}, 0)

    def counted_unit_count(self, cell: Cell, measure: Measure) -> int:
        """Return how many units a figure counts; 0 if this is not published."""
        part = self.part_of(cell)
        figure = self.figure_of(cell, measure.id)
        if part is None:
            return 0
        covers = None if figure is None else figure.covers
        covers = covers or default_unit_coverage(part, measure)
        return 0 if covers is None else covers[0]

    def _is_shown(self, unit: ReportingUnit, measure: Measure) -> bool:
        if measure.sensitive:  # which communities a sensitive figure counts is not looked up
            return False
        figure = self.figure_of(Cell(Level.COMMUNITY, unit.id), measure.id)
        return figure is not None and figure.state is DisclosureState.SHOWN


@dataclass(frozen=True, slots=True)
class RoundCoverageOverlap:
    """An earlier round compared with the current one; `cache` holds results by cell and measures."""

    before: RoundCoverage
    after: RoundCoverage
    cache: dict[object, bool] = field(default_factory=dict, compare=False)

    def figures_cover_mostly_same_staff(self, cell: Cell, measures: tuple[Measure, Measure]) -> bool:
        """Tell whether both figures certainly cover 90 per cent of the staff that either may cover.

        `measures` are those of the earlier and of the later figure. Uses published data only.
        """
        pairs = tuple(zip((self.before, self.after), measures, strict=True))
        key = cell.level, cell.unit, *(measure.id for measure in measures)
        if key not in self.cache:
            self.cache[key] = _is_mostly_common(
                [side.certain_staff_and_possible_total(cell, measure) for side, measure in pairs]
            )
        return self.cache[key]


def _is_mostly_common(counted: Sequence[tuple[dict[Identity, int], int]]) -> bool:
    common = counted[0][0].keys() & counted[1][0].keys()
    return all(
        most > 0 and sum(sure[identity] for identity in common) >= MIN_COMMON_SHARE * most for sure, most in counted
    )


def coverage_overlap_with_current_round(
    then: Publication, region: Region, parts: Mapping[Cell, Participation], figures: Iterable[Figure]
) -> RoundCoverageOverlap:
    """Compare the coverage of an earlier publication with the current region, participation and figures."""
    by_cell = {(figure.cell, figure.measure): figure for figure in figures}
    after = RoundCoverage(_units(region), parts.get, lambda cell, measure: by_cell.get((cell, measure)))
    return RoundCoverageOverlap(_published_coverage(then), after)


def coverage_overlap_of_publications(then: Publication, now: Publication) -> RoundCoverageOverlap:
    """Compare the coverage of two publications; reads only what is asked for."""
    return RoundCoverageOverlap(_published_coverage(then), _published_coverage(now))


def _published_coverage(publication: Publication) -> RoundCoverage:
    return RoundCoverage(_units(publication.region), publication.participation_of, publication.figure)


def _units(region: Region) -> dict[tuple[Level, str], tuple[ReportingUnit, ...]]:
    municipalities = {
        (Level.MUNICIPALITY, municipality.id): region.units_of(municipality.id)
        for municipality in region.municipalities
    }
    return {(Level.REGION, region.id): region.units, **municipalities}


def _identity(unit: ReportingUnit) -> Identity:
    return unit.id, unit.communities, unit.municipality
