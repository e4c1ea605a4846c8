"""Everything that one round may ever say, as one value with fast look-ups."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from app.core.organisations import Region, ReportingUnit
from app.core.publication.figures import (
    Balance,
    Cell,
    DisclosureState,
    Figure,
    Impact,
    Level,
    Measure,
    MeasureKind,
    Participation,
    Quadrants,
    RegionQuality,
    usual_covers,
)
from app.core.rounds import RoundId, RoundKind


@dataclass(frozen=True, slots=True)
class AttackCheck:
    """What the attacker program found before the publication was frozen.

    `sets` is how many hidden sets of people it tried, `broken` how many it could pin down, and
    `narrowest` the tightest bounds it found, in steps between two options.
    """

    sets: int
    broken: int
    narrowest: float | None


@dataclass(frozen=True)
class Publication:
    """Everything that one round may ever say.

    `figures` holds every scale in every cell, withheld ones as such; `items` holds only item figures
    that are shown. `covers` and bands stand in `participation`. `cuts` are the cuts of the demands
    and control scales behind `quadrants`. `withdrawn` names the municipalities whose tables by
    community and staff group could not be kept safe. `impact` is None under 300 answers, where no scale asks
    about wellbeing, and in publications counted before it was made.
    """

    round: RoundId
    title: str
    instrument: str
    instrument_digest: str
    counted_at: datetime
    region: Region
    k: int
    invited: int
    issued: int
    counted: int
    participation: tuple[Participation, ...]
    figures: tuple[Figure, ...]
    items: tuple[Figure, ...] = ()
    measures: tuple[Measure, ...] = ()
    quality: tuple[RegionQuality, ...] = ()
    quadrants: tuple[Quadrants, ...] = ()
    balances: tuple[Balance, ...] = ()
    kind: RoundKind = RoundKind.SURVEY
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    by_group: bool = False
    withdrawn: tuple[str, ...] = ()
    demands: str | None = None
    control: str | None = None
    cuts: tuple[float, float] | None = None
    placement_from: int = 5
    detail_from: int = 20
    sensitive_from: int = 20
    check: AttackCheck | None = None
    impact: Impact | None = None

    @property
    def asked_at(self) -> datetime:
        """When the round was asked, which is what readers know it by; an old one may be counted late."""
        return self.opened_at or self.counted_at

    def figure(self, cell: Cell, measure: str) -> Figure | None:
        """Return the figure of a scale or an item in a cell, or None where there is none."""
        return self._figures.get((cell, measure))

    def participation_of(self, cell: Cell) -> Participation | None:
        """Return what may be told of how many answered in a cell, or None where it is not part of the round."""
        return self._participation.get(cell)

    def state(self, cell: Cell) -> DisclosureState:
        """Return what may be said about a cell; an unknown one is withheld."""
        participation = self.participation_of(cell)
        return DisclosureState.WITHHELD if participation is None else participation.state

    def quadrants_of(self, cell: Cell) -> Quadrants | None:
        """Return the shares by demands and control in a cell, or None."""
        return self._quadrants.get(cell)

    def balance_of(self, cell: Cell) -> Balance | None:
        """Return control minus demands in a cell, or None."""
        return self._balances.get(cell)

    def quality_of(self, scale: str) -> RegionQuality | None:
        """Return what the region's pooled answers say about a scale, or None."""
        return next((quality for quality in self.quality if quality.scale == scale), None)

    def covers_of(self, figure: Figure) -> tuple[int, int] | None:
        """Return (communities counted, communities that exist) of a parent's mean, or None."""
        part = self.participation_of(figure.cell)
        if figure.covers is not None or part is None:
            return figure.covers
        return usual_covers(part, self.measure(figure.measure))

    def detail_covers_of(self, figure: Figure) -> tuple[int, int] | None:
        """Return the same of a parent's distribution."""
        measure = self.measure(figure.measure)
        part = self.participation_of(figure.cell)
        if measure.kind is MeasureKind.ITEM:
            return self.covers_of(figure)
        return figure.detail_covers or (None if part is None else part.detail_covers)

    def answers_band_of(self, figure: Figure) -> str | None:
        """Return the band of how many answers stand behind a figure, or None."""
        part = self.participation_of(figure.cell)
        return figure.answers_band or (None if part is None else part.answers_band)

    def measure(self, measure: str) -> Measure:
        """Return what the measure called `measure` is about; KeyError if there is none."""
        return self._measures[measure]

    def figures_in(self, cell: Cell) -> tuple[Figure, ...]:
        """Return the scale figures of one cell, in the questionnaire's order."""
        return self._scales_in.get(cell, ())

    def items_in(self, cell: Cell) -> tuple[Figure, ...]:
        """Return the item figures of one cell, in the questionnaire's order."""
        return self._items_in.get(cell, ())

    def unit_of(self, community: str) -> ReportingUnit | None:
        """Return the reporting unit of that id, or the one that a community of that id is reported under."""
        return self._units.get(community)

    @property
    def scales(self) -> tuple[Measure, ...]:
        """The measures that are whole scales, in the questionnaire's order."""
        return tuple(measure for measure in self.measures if measure.kind is MeasureKind.SCALE)

    @property
    def region_cell(self) -> Cell:
        """The cell of everybody in the region."""
        return Cell(Level.REGION, self.region.id)

    @cached_property
    def _figures(self) -> dict[tuple[Cell, str], Figure]:
        return {(figure.cell, figure.measure): figure for figure in (*self.items, *self.figures)}

    @cached_property
    def _scales_in(self) -> dict[Cell, tuple[Figure, ...]]:
        return _by_cell(self.figures)

    @cached_property
    def _items_in(self) -> dict[Cell, tuple[Figure, ...]]:
        return _by_cell(self.items)

    @cached_property
    def _participation(self) -> dict[Cell, Participation]:
        return {part.cell: part.told for part in self.participation}

    @cached_property
    def _quadrants(self) -> dict[Cell, Quadrants]:
        return {quadrants.cell: quadrants for quadrants in self.quadrants}

    @cached_property
    def _balances(self) -> dict[Cell, Balance]:
        return {balance.cell: balance for balance in self.balances}

    @cached_property
    def _units(self) -> dict[str, ReportingUnit]:
        members = {community: unit for unit in reversed(self.region.units) for community in unit.communities}
        return members | {unit.id: unit for unit in reversed(self.region.units)}

    @cached_property
    def _measures(self) -> dict[str, Measure]:
        return {measure.id: measure for measure in self.measures}


@dataclass(frozen=True, slots=True)
class StoredPublication:
    """A publication as it is stored.

    `is_read`: somebody may have read it, `is_gathered`: its answers were imported, `is_current`: no other
    publication replaced it.
    """

    publication: Publication
    is_read: bool
    is_gathered: bool
    is_current: bool


def _by_cell(figures: tuple[Figure, ...]) -> dict[Cell, tuple[Figure, ...]]:
    result: dict[Cell, list[Figure]] = {}
    for figure in figures:
        result.setdefault(figure.cell, []).append(figure)
    return {cell: tuple(them) for cell, them in result.items()}
