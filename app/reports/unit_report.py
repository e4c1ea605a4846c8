"""Report on one cell of a publication: its kind of page and its rows."""

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
from app.reports.history import PreviousRound, latest_trend, previous_rounds, rounds_that_asked

MAX_ROUNDS = 4


class ReportKind(StrEnum):
    """Kind of report: numbers, placements only, or the results of a wider cell."""

    NUMBERS = "numbers"
    PLACEMENT = "placement"
    WIDER = "wider"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One scale (or question) in one cell, compared with the region and with earlier rounds.

    `trend_since` is when the round that `trend` refers to was asked, `placement_chance` the probability (0-1) that
    the placement is correct.
    """

    title: str
    description: str
    measure: Measure
    figure: Figure
    region: Figure | None
    comparison: RegionComparison
    earlier_rounds: tuple[PreviousRound, ...]
    trend: Trend | None
    trend_since: datetime | None = None
    placement_chance: float | None = None

    @property
    def high_is_good(self) -> bool:
        """Whether a high number is favourable."""
        return self.measure.polarity is Polarity.HIGH_IS_GOOD

    @property
    def goodness(self) -> float:
        """The mean as a share of the range, 0-1, where 1 is favourable; 0 without a mean."""
        if self.figure.mean is None:
            return 0.0
        share = (self.figure.mean - self.measure.low) / (self.measure.high - self.measure.low)
        return share if self.high_is_good else 1 - share

    @property
    def last(self) -> Figure | None:
        """The figure of the previous round, if its questions were the same."""
        before = self.earlier_rounds[-1] if self.earlier_rounds else None
        return before.figure if before is not None and before.continued else None


@dataclass(frozen=True, slots=True)
class CellReport:
    """Report on one cell; `before` is the participation in the previous round."""

    publication: Publication
    cell: Cell
    name: str
    kind: ReportKind
    participation: Participation | None
    rows: tuple[ReportRow, ...]
    quadrants: Quadrants | None
    balance: Balance | None
    last_at: datetime | None
    before: Participation | None = None

    @property
    def shown(self) -> tuple[ReportRow, ...]:
        """The rows with numbers."""
        return tuple(row for row in self.rows if row.figure.state is DisclosureState.SHOWN)

    @property
    def strongest(self) -> tuple[ReportRow, ...]:
        """The two most favourable scales; fewer if there are hardly any."""
        return tuple(sorted(self.shown, key=lambda row: -row.goodness)[: self._few])

    @property
    def weakest(self) -> tuple[ReportRow, ...]:
        """The two least favourable scales, the worst first."""
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
    """Return the report on a cell, compared with the region and at most three earlier rounds."""
    before = rounds_that_asked(earlier, cell)[-(MAX_ROUNDS - 1) :]
    titles = {scale.id: scale for scale in instrument.scales}
    comparisons = compare_with_region(publication, cell)
    rows = []
    for figure in publication.figures_in(cell):
        scale = titles[figure.measure]
        texts = scale.title.read(language), scale.description.read(language)
        rows.append(
            report_row(publication, figure, texts=texts, comparison=comparisons[figure.measure], earlier=before)
        )
    return CellReport(
        publication=publication,
        cell=cell,
        name=cell_name(publication, cell),
        kind=_report_kind(publication.state(cell)),
        participation=publication.participation_of(cell),
        rows=tuple(rows),
        quadrants=publication.quadrants_of(cell),
        balance=publication.balance_of(cell),
        last_at=before[-1].asked_at if before else None,
        before=before[-1].participation_of(cell) if before else None,
    )


def cell_name(publication: Publication, cell: Cell) -> str:
    """Return the name of the unit, municipality or region."""
    region = publication.region
    if cell.level is Level.REGION:
        return region.name
    named = region.municipalities if cell.level is Level.MUNICIPALITY else region.units
    return next((item.name for item in named if item.id == cell.unit), cell.unit)


def wider_cell(publication: Publication, cell: Cell) -> Cell:
    """Return the smallest wider cell with numbers: the municipality, else the region."""
    cells = (wider for wider in wider_cells(publication, cell) if publication.state(wider) is DisclosureState.SHOWN)
    return next(cells, publication.region_cell)


def wider_cells(publication: Publication, cell: Cell) -> tuple[Cell, ...]:
    """Return the cells around a cell: for a unit its municipality, for every cell the region."""
    municipality = next((unit.municipality for unit in publication.region.units if unit.id == cell.unit), None)
    if cell.level is Level.COMMUNITY and municipality is not None:
        return Cell(Level.MUNICIPALITY, municipality), publication.region_cell
    return (publication.region_cell,)


def _report_kind(state: DisclosureState) -> ReportKind:
    return {
        DisclosureState.SHOWN: ReportKind.NUMBERS,
        DisclosureState.PLACEMENT: ReportKind.PLACEMENT,
        DisclosureState.WITHHELD: ReportKind.WIDER,
    }[state]


def report_row(
    publication: Publication,
    figure: Figure,
    *,
    texts: tuple[str, str],
    comparison: RegionComparison,
    earlier: Sequence[Publication],
) -> ReportRow:
    """Return the row of a scale or item; `texts` are its title and description."""
    trend = latest_trend(figure, earlier)
    is_region = figure.cell.level is Level.REGION
    return ReportRow(
        title=texts[0],
        description=texts[1],
        measure=publication.measure(figure.measure),
        figure=figure,
        region=None if is_region else publication.figure(publication.region_cell, figure.measure),
        comparison=comparison,
        earlier_rounds=previous_rounds(publication, earlier, figure),
        trend=None if trend is None else trend[0],
        trend_since=None if trend is None else trend[1].asked_at,
        placement_chance=placement_chance(publication, figure),
    )
