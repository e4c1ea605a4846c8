"""One cell of one publication, read as a page needs it: what kind of page it gets, and its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.instruments import Instrument, Polarity
from app.core.languages import Language
from app.core.publication import (
    Balance,
    Cell,
    DisclosureState,
    Figure,
    Level,
    Measure,
    Participation,
    Publication,
    Quadrants,
    RegionComparison,
    Trend,
    compare_with_region,
    placement_chance,
)
from app.services.results.history import PreviousRound, asked_in, latest_trend, previous_rounds

MOST_ROUNDS = 4


class ReportKind(StrEnum):
    """Which page a cell gets: numbers, placement only, or the wider result."""

    NUMBERS = "numbers"
    PLACEMENT = "placement"
    WIDER = "wider"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One scale (or one question) in one cell, beside the region and the rounds before.

    `since` is when the round that `trend` looks back to was asked, `chance` how likely a placement is true (0-1).
    """

    title: str
    description: str
    measure: Measure
    figure: Figure
    region: Figure | None
    against: RegionComparison
    past: tuple[PreviousRound, ...]
    trend: Trend | None
    since: datetime | None = None
    chance: float | None = None

    @property
    def high_is_good(self) -> bool:
        """Whether a high number is something to be glad of."""
        return self.measure.polarity is Polarity.HIGH_IS_GOOD

    @property
    def goodness(self) -> float:
        """The mean as a share of the range, 0-1, turned so that 1 is good; 0 where there is no mean."""
        if self.figure.mean is None:
            return 0.0
        share = (self.figure.mean - self.measure.low) / (self.measure.high - self.measure.low)
        return share if self.high_is_good else 1 - share

    @property
    def last(self) -> Figure | None:
        """The figure of the round before, where the very same was asked."""
        before = self.past[-1] if self.past else None
        return before.figure if before is not None and before.continued else None


@dataclass(frozen=True, slots=True)
class CellReport:
    """Everything that a page says of one cell; `before` is how many answered in it in the round before."""

    publication: Publication
    cell: Cell
    name: str
    standing: ReportKind
    participation: Participation | None
    rows: tuple[ReportRow, ...]
    quadrants: Quadrants | None
    balance: Balance | None
    last_at: datetime | None
    before: Participation | None = None

    @property
    def shown(self) -> tuple[ReportRow, ...]:
        """The rows that have a number."""
        return tuple(row for row in self.rows if row.figure.state is DisclosureState.SHOWN)

    @property
    def strongest(self) -> tuple[ReportRow, ...]:
        """The two scales that stand best; fewer where there are hardly any."""
        return tuple(sorted(self.shown, key=lambda row: -row.goodness)[: self._few])

    @property
    def weakest(self) -> tuple[ReportRow, ...]:
        """The two scales that stand worst, the worst first."""
        return tuple(sorted(self.shown, key=lambda row: row.goodness)[: self._few])

    @property
    def _few(self) -> int:
        return min(2, len(self.shown) // 2)


def read_cell(
    publication: Publication,
    cell: Cell,
    *,
    instrument: Instrument,
    earlier: Sequence[Publication],
    language: Language,
) -> CellReport:
    """Read one cell of a publication beside the region and at most three rounds before it."""
    before = asked_in(earlier, cell)[-(MOST_ROUNDS - 1) :]
    titles = {scale.id: scale for scale in instrument.scales}
    beside = compare_with_region(publication, cell)
    rows = []
    for figure in publication.figures_in(cell):
        scale = titles[figure.measure]
        words = scale.title.read(language), scale.description.read(language)
        rows.append(report_row(publication, figure, words=words, against=beside[figure.measure], earlier=before))
    return CellReport(
        publication=publication,
        cell=cell,
        name=name_of(publication, cell),
        standing=_standing(publication.state(cell)),
        participation=publication.participation_of(cell),
        rows=tuple(rows),
        quadrants=publication.quadrants_of(cell),
        balance=publication.balance_of(cell),
        last_at=before[-1].asked_at if before else None,
        before=before[-1].participation_of(cell) if before else None,
    )


def name_of(publication: Publication, cell: Cell) -> str:
    """Return what the unit, municipality or region is called."""
    region = publication.region
    if cell.level is Level.REGION:
        return region.name
    named = region.municipalities if cell.level is Level.MUNICIPALITY else region.units
    return next((item.name for item in named if item.id == cell.unit), cell.unit)


def wider_cell(publication: Publication, cell: Cell) -> Cell:
    """Return the smallest wider set with numbers: the municipality if it has them, else the region."""
    cells = (
        each_wider_cell
        for each_wider_cell in wider_cells(publication, cell)
        if publication.state(each_wider_cell) is DisclosureState.SHOWN
    )
    return next(cells, publication.region_cell)


def wider_cells(publication: Publication, cell: Cell) -> tuple[Cell, ...]:
    """Return the sets around a cell: of a community its municipality, of everything the region."""
    home = next((unit.municipality for unit in publication.region.units if unit.id == cell.unit), None)
    if cell.level is Level.COMMUNITY and home is not None:
        return Cell(Level.MUNICIPALITY, home), publication.region_cell
    return (publication.region_cell,)


def _standing(state: DisclosureState) -> ReportKind:
    return {
        DisclosureState.SHOWN: ReportKind.NUMBERS,
        DisclosureState.PLACEMENT: ReportKind.PLACEMENT,
        DisclosureState.WITHHELD: ReportKind.WIDER,
    }[state]


def report_row(
    publication: Publication,
    figure: Figure,
    *,
    words: tuple[str, str],
    against: RegionComparison,
    earlier: Sequence[Publication],
) -> ReportRow:
    """Return the row of one figure, of a scale or of an item; `words` are its title and its description."""
    known = latest_trend(figure, earlier)
    is_region = figure.cell.level is Level.REGION
    return ReportRow(
        title=words[0],
        description=words[1],
        measure=publication.measure(figure.measure),
        figure=figure,
        region=None if is_region else publication.figure(publication.region_cell, figure.measure),
        against=against,
        past=previous_rounds(publication, earlier, figure),
        trend=None if known is None else known[0],
        since=None if known is None else known[1].asked_at,
        chance=placement_chance(publication, figure),
    )
