"""The publication of a round, with fast lookups."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from app.core.languages import PartlyTranslatedText, Translations
from app.core.organisations import CommunityKind, Region, ReportingUnit
from app.core.publication.cell_lookup import CellLookup
from app.core.publication.figures import (
    Balance,
    Cell,
    CommunityKindMean,
    DisclosureState,
    Figure,
    Impact,
    Level,
    Measure,
    MeasureKind,
    Participation,
    Quadrants,
    RegionQuality,
    default_unit_coverage,
)
from app.core.rounds import RoundId, RoundKind


@dataclass(frozen=True, slots=True)
class AttackCheck:
    """Result of the disclosure attack before the publication was frozen.

    `sets` is the number of hidden sets tried, `broken` the number narrowed down, and `narrowest` the tightest
    bounds found, in answer steps.
    """

    sets: int
    broken: int
    narrowest: float | None


@dataclass(frozen=True)
class Publication:
    """All published results of one round.

    A publication that is stored in parts is read as a `LazyPublication`, which loads only what is asked for.

    `figures` contains every scale in every cell, including withheld ones; `items` contains only shown item figures.
    Coverage and bands are in `participation`. `cuts` are the cuts of the demands and control scales for `quadrants`.
    `withdrawn` are the municipalities whose tables by community and staff group were not safe. `kinds` are the means
    of the communities of one kind; publications that were counted before units had a kind have none.
    `title_translations` is None where the language of `title` is unknown.
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
    kinds: tuple[CommunityKindMean, ...] = ()
    title_translations: Translations | None = None

    @property
    def translated_title(self) -> PartlyTranslatedText:
        """The round's title in the languages in which it was written."""
        return PartlyTranslatedText(self.title, self.title_translations)

    @property
    def round_opened_at(self) -> datetime:
        """When the round opened, or was counted where its opening is unknown; a count may be much later."""
        return self.opened_at or self.counted_at

    def figure(self, cell: Cell, measure: str) -> Figure | None:
        """Return the figure of a scale or an item in a cell, or None."""
        return self._lookup_of(cell).figure(cell, measure)

    def participation_of(self, cell: Cell) -> Participation | None:
        """Return the publishable participation of a cell, or None if it is not in the round."""
        return self._lookup_of(cell).participation.get(cell)

    def disclosure_state_of(self, cell: Cell) -> DisclosureState:
        """Return the disclosure state of a cell; WITHHELD for unknown cells."""
        participation = self.participation_of(cell)
        return DisclosureState.WITHHELD if participation is None else participation.state

    def quadrants_of(self, cell: Cell) -> Quadrants | None:
        """Return the shares by demands and control in a cell, or None."""
        return self._lookup_of(cell).quadrants.get(cell)

    def balance_of(self, cell: Cell) -> Balance | None:
        """Return control minus demands in a cell, or None."""
        return self._lookup_of(cell).balances.get(cell)

    def kind_mean(self, kind: CommunityKind | None, measure: str) -> CommunityKindMean | None:
        """Return the mean of the communities of a kind on a scale, or None where it is not published."""
        return self._kind_means.get((kind, measure))

    def quality_of(self, scale: str) -> RegionQuality | None:
        """Return the region's quality statistics of a scale, or None."""
        return next((quality for quality in self.quality if quality.scale == scale), None)

    def unit_coverage_of_mean(self, figure: Figure) -> tuple[int, int] | None:
        """Return (units counted, units that exist) for the mean of a parent, or None."""
        part = self.participation_of(figure.cell)
        if figure.covers is not None or part is None:
            return figure.covers
        return default_unit_coverage(part, self.measure(figure.measure))

    def unit_coverage_of_distribution(self, figure: Figure) -> tuple[int, int] | None:
        """Return (units counted, units that exist) for the distribution of a parent, or None."""
        measure = self.measure(figure.measure)
        part = self.participation_of(figure.cell)
        if measure.kind is MeasureKind.ITEM:
            return self.unit_coverage_of_mean(figure)
        return figure.detail_covers or (None if part is None else part.detail_covers)

    def answers_band_of(self, figure: Figure) -> str | None:
        """Return the answer band of a figure, or None."""
        part = self.participation_of(figure.cell)
        return figure.answers_band or (None if part is None else part.answers_band)

    def measure(self, measure: str) -> Measure:
        """Return the measure with this id; KeyError if there is none."""
        return self._measures[measure]

    def scale_figures_in(self, cell: Cell) -> tuple[Figure, ...]:
        """Return the scale figures of one cell, in the questionnaire's order."""
        return self._lookup_of(cell).scales.get(cell, ())

    def item_figures_in(self, cell: Cell) -> tuple[Figure, ...]:
        """Return the item figures of one cell, in the questionnaire's order."""
        return self._lookup_of(cell).item_figures_by_cell.get(cell, ())

    def find_unit_of_community(self, community: str) -> ReportingUnit | None:
        """Return the reporting unit with this id, or the one under which this community is reported."""
        return self._units.get(community)

    @property
    def scales(self) -> tuple[Measure, ...]:
        """The measures that are scales, in the questionnaire's order."""
        return tuple(measure for measure in self.measures if measure.kind is MeasureKind.SCALE)

    @property
    def region_cell(self) -> Cell:
        """The cell of the whole region."""
        return Cell(Level.REGION, self.region.id)

    @property
    def cache_key(self) -> Hashable:
        """What tells this publication apart in caches: the digest of a stored one, the identity of another."""
        return id(self)

    @property
    def unit_count(self) -> int:
        """The number of reporting units."""
        return len(self.region.units)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells of the round, in order."""
        return tuple(part.cell for part in self.participation)

    @property
    def has_items(self) -> bool:
        """Whether figures of single items are published."""
        return bool(self.items)

    def has_results(self, cell: Cell) -> bool:
        """Tell whether anything is published of a cell: numbers or a placement."""
        return any(figure.state is not DisclosureState.WITHHELD for figure in self.scale_figures_in(cell))

    def mean_of(self, unit: str, measure: str) -> float | None:
        """Return the printed mean of a scale over everybody in a unit, a capped one's cap; None if it is not shown."""
        figure = self.figure(Cell(Level.COMMUNITY, unit), measure)
        return None if figure is None or figure.state is not DisclosureState.SHOWN else figure.mean

    def sort_estimate_of(self, unit: str, measure: str) -> float | None:
        """Return by what units are put in order: the shrunken estimate of a shown scale, else its mean, else None."""
        figure = self.figure(Cell(Level.COMMUNITY, unit), measure)
        if figure is None or figure.state is not DisclosureState.SHOWN:
            return None
        return figure.shrunken if figure.shrunken is not None else figure.mean

    def prefetch(self, cells: Iterable[Cell]) -> None:
        """Load what is published of these cells at once, where it is not in memory yet."""

    def load_completely(self) -> "Publication":
        """Return the publication with everything in memory, for readers that need all of it."""
        return self

    def _lookup_of(self, _cell: Cell) -> CellLookup:
        """Return a lookup that holds at least this cell."""
        return self._lookup

    @cached_property
    def _lookup(self) -> CellLookup:
        return CellLookup.build(
            participation=self.participation,
            figures=self.figures,
            quadrants=self.quadrants,
            balances=self.balances,
            read_items=lambda: self.items,
        )

    @cached_property
    def _kind_means(self) -> dict[tuple[CommunityKind | None, str], CommunityKindMean]:
        return {(item.kind, item.measure): item for item in self.kinds}

    @cached_property
    def _units(self) -> dict[str, ReportingUnit]:
        members = {community: unit for unit in reversed(self.region.units) for community in unit.communities}
        return members | {unit.id: unit for unit in reversed(self.region.units)}

    @cached_property
    def _measures(self) -> dict[str, Measure]:
        return {measure.id: measure for measure in self.measures}


@dataclass(frozen=True, slots=True)
class StoredPublication:
    """A publication as stored.

    `is_read`: somebody may have read it, `is_imported`: its answers were imported, `is_current`: no other publication
    replaced it.
    """

    publication: Publication
    is_read: bool
    is_imported: bool
    is_current: bool
