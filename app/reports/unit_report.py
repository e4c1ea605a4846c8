"""Report on one cell of a publication: its page type and its rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    RegionComparisonOutcome,
    Trend,
    compare_measures_with_region,
    placement_chance,
)
from app.reports import orientation
from app.reports.history import (
    PreviousRound,
    figure_history,
    latest_trend_with_publication,
    publications_that_asked_cell,
)
from app.reports.long_changes import LongChange, long_changes
from app.reports.questionnaire_change import QuestionnaireChange, questionnaire_change

MAX_ROUNDS = 4
MAX_HIGHLIGHTS = 2  # strengths, and areas to improve


class ReportContentKind(StrEnum):
    """What a report can show: the cell's numbers, its placements only, or the results of a wider cell."""

    NUMBERS = "numbers"
    PLACEMENT = "placement"
    WIDER = "wider"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One scale (or question) in one cell, compared with the region and with earlier rounds.

    Measure, figures, comparison and trend are in the direction in which they are shown (`reports.orientation`);
    `is_turned` says that this is not the direction of the questionnaire. `meaning` is the option that the highest
    number of a turned question stands for. `trend_since` is when the round that `trend` refers to was asked,
    `placement_chance` the probability (0-1) that the placement is correct, `long_change` the change over all rounds
    that asked the same.
    """

    title: str
    description: str
    measure: Measure
    figure: Figure
    region: Figure | None
    comparison: RegionComparisonOutcome
    earlier_rounds: tuple[PreviousRound, ...]
    trend: Trend | None
    trend_since: datetime | None = None
    placement_chance: float | None = None
    is_turned: bool = False
    meaning: str = ""
    long_change: LongChange | None = None

    @property
    def high_is_good(self) -> bool:
        """Whether a high number is favourable."""
        return self.measure.polarity is Polarity.HIGH_IS_GOOD

    @property
    def mean_favourability(self) -> float:
        """The mean as a share of the range, 0-1, where 1 is favourable; 0 without a mean."""
        return self._goodness_of(self.figure) or 0.0

    @property
    def gap(self) -> float | None:
        """How much more favourable the mean is than the region's, as a share of the range; None without both."""
        own = self._goodness_of(self.figure)
        wide = None if self.region is None else self._goodness_of(self.region)
        return None if own is None or wide is None else own - wide

    @property
    def is_better(self) -> bool:
        """Whether the scale is better than in the region, beyond chance."""
        return self.comparison is (
            RegionComparisonOutcome.HIGHER if self.high_is_good else RegionComparisonOutcome.LOWER
        )

    @property
    def is_worse(self) -> bool:
        """Whether the scale is worse than in the region, beyond chance."""
        return self.comparison is (
            RegionComparisonOutcome.LOWER if self.high_is_good else RegionComparisonOutcome.HIGHER
        )

    def _goodness_of(self, figure: Figure) -> float | None:
        if figure.mean is None or figure.state is not DisclosureState.SHOWN:
            return None
        share = (figure.mean - self.measure.low) / (self.measure.high - self.measure.low)
        return share if self.high_is_good else 1 - share

    @property
    def previous_figure(self) -> Figure | None:
        """The figure of the previous round, if its questions were the same."""
        before = self.earlier_rounds[-1] if self.earlier_rounds else None
        return before.figure if before is not None and before.is_continued else None


@dataclass(frozen=True, slots=True)
class CellReport:
    """Report on one cell; `before` is the participation in the previous round.

    `questionnaire_change` says what can be compared with the last survey that asked the cell, if the questions changed.
    """

    publication: Publication
    cell: Cell
    name: str
    kind: ReportContentKind
    participation: Participation | None
    rows: tuple[ReportRow, ...]
    quadrants: Quadrants | None
    balance: Balance | None
    last_at: datetime | None
    before: Participation | None = None
    questionnaire_change: QuestionnaireChange | None = None

    @property
    def titles(self) -> dict[str, str]:
        """The names of the rows by the ids of their measures."""
        return {row.measure.id: row.title for row in self.rows}

    @property
    def rows_with_numbers(self) -> tuple[ReportRow, ...]:
        """The rows with numbers."""
        return tuple(row for row in self.rows if row.figure.state is DisclosureState.SHOWN)

    @property
    def by_gap(self) -> tuple[ReportRow, ...]:
        """The rows with numbers, the most favourable compared with the region first.

        For the region itself by their mean.
        """
        return tuple(sorted(self.rows_with_numbers, key=_gap_order))

    @property
    def strongest(self) -> tuple[ReportRow, ...]:
        """Two strengths, better than the region before others; none that is worse than the region."""
        candidates = [row for row in self.rows_with_numbers if not row.is_worse and row not in self.areas_to_improve]
        return tuple(sorted(candidates, key=lambda row: (not row.is_better, -row.mean_favourability))[: self._few])

    @property
    def areas_to_improve(self) -> tuple[ReportRow, ...]:
        """Two areas to improve: what is worse than the region first, the largest gap before others; then the lowest.

        What is better than the region is no area to improve as long as there is another.
        """
        return self.by_need_for_improvement[: self._few]

    @property
    def by_need_for_improvement(self) -> tuple[ReportRow, ...]:
        """The rows with numbers, what most needs improvement first."""
        return tuple(sorted(self.rows_with_numbers, key=_improvement_order))

    @property
    def also_weaker(self) -> tuple[ReportRow, ...]:
        """What is worse than the region besides the areas to improve."""
        return tuple(row for row in self.by_gap if row.is_worse and row not in self.areas_to_improve)

    @property
    def _few(self) -> int:
        return min(MAX_HIGHLIGHTS, len(self.rows_with_numbers) // 2)


def _gap_order(row: ReportRow) -> tuple[bool, bool, float]:
    gap = row.gap
    return not row.high_is_good, gap is None, -row.mean_favourability if gap is None else -gap


def _improvement_order(row: ReportRow) -> tuple[int, float]:
    if row.is_worse:
        return 0, row.gap or 0.0
    return (2 if row.is_better else 1), row.mean_favourability


def build_cell_report(
    publication: Publication,
    cell: Cell,
    *,
    instrument: Instrument,
    earlier: Sequence[Publication],
    language: Language,
) -> CellReport:
    """Return the report on a cell, compared with the region and at most three earlier rounds."""
    before = publications_that_asked_cell(earlier, cell)[-(MAX_ROUNDS - 1) :]
    titles = {scale.id: scale for scale in instrument.scales}
    comparisons = compare_measures_with_region(publication, cell)
    rows = []
    for figure in publication.scale_figures_in(cell):
        scale = titles[figure.measure]
        texts = (
            orientation.scale_title(scale, instrument, language),
            orientation.scale_description(scale, instrument, language),
        )
        rows.append(
            report_row(publication, figure, texts=texts, comparison=comparisons[figure.measure], earlier=before)
        )
    return CellReport(
        publication=publication,
        cell=cell,
        name=cell_name(publication, cell),
        kind=_report_kind(publication.disclosure_state_of(cell)),
        participation=publication.participation_of(cell),
        rows=_in_shown_order(_with_long_changes(publication, before, rows), instrument),
        quadrants=publication.quadrants_of(cell),
        balance=publication.balance_of(cell),
        last_at=before[-1].round_opened_at if before else None,
        before=before[-1].participation_of(cell) if before else None,
        questionnaire_change=questionnaire_change(publication, publications_that_asked_cell(earlier, cell)),
    )


def _with_long_changes(
    publication: Publication, earlier: Sequence[Publication], rows: Sequence[ReportRow]
) -> list[ReportRow]:
    changes = long_changes(publication, earlier, [(row.figure, row.earlier_rounds) for row in rows])
    return [replace(row, long_change=change) for row, change in zip(rows, changes, strict=True)]


def _in_shown_order(rows: Sequence[ReportRow], instrument: Instrument) -> tuple[ReportRow, ...]:
    """Return the rows in the direction in which they are shown; those where low is good in a group at the end."""
    shown = [orient_row(row, instrument) for row in rows]
    return tuple(sorted(shown, key=lambda row: not row.high_is_good))


def cell_name(publication: Publication, cell: Cell) -> str:
    """Return the name of the unit, municipality or region."""
    region = publication.region
    if cell.level is Level.REGION:
        return region.name
    named = region.municipalities if cell.level is Level.MUNICIPALITY else region.units
    return next((item.name for item in named if item.id == cell.unit), cell.unit)


def smallest_wider_cell_with_numbers(publication: Publication, cell: Cell) -> Cell:
    """Return the smallest wider cell with numbers: the municipality, else the region."""
    cells = (
        wider
        for wider in wider_cells(publication, cell)
        if publication.disclosure_state_of(wider) is DisclosureState.SHOWN
    )
    return next(cells, publication.region_cell)


def wider_cells(publication: Publication, cell: Cell) -> tuple[Cell, ...]:
    """Return the cells around a cell: for a unit its municipality, for every cell the region."""
    municipality = next((unit.municipality for unit in publication.region.units if unit.id == cell.unit), None)
    if cell.level is Level.COMMUNITY and municipality is not None:
        return Cell(Level.MUNICIPALITY, municipality), publication.region_cell
    return (publication.region_cell,)


def _report_kind(state: DisclosureState) -> ReportContentKind:
    return {
        DisclosureState.SHOWN: ReportContentKind.NUMBERS,
        DisclosureState.PLACEMENT: ReportContentKind.PLACEMENT,
        DisclosureState.WITHHELD: ReportContentKind.WIDER,
    }[state]


def report_row(
    publication: Publication,
    figure: Figure,
    *,
    texts: tuple[str, str],
    comparison: RegionComparisonOutcome,
    earlier: Sequence[Publication],
) -> ReportRow:
    """Return the row of a scale or item; `texts` are its title and description."""
    trend = latest_trend_with_publication(figure, earlier)
    is_region = figure.cell.level is Level.REGION
    return ReportRow(
        title=texts[0],
        description=texts[1],
        measure=publication.measure(figure.measure),
        figure=_published_part(figure),
        region=None if is_region else publication.figure(publication.region_cell, figure.measure),
        comparison=comparison,
        earlier_rounds=figure_history(publication, earlier, figure),
        trend=None if trend is None else trend[0],
        trend_since=None if trend is None else trend[1].round_opened_at,
        placement_chance=placement_chance(publication, figure),
    )


def _published_part(figure: Figure) -> Figure:
    """Return a figure without numbers unless it is shown, so that no page or sentence can print a withheld one."""
    if figure.state is DisclosureState.SHOWN:
        return figure
    return Figure(figure.cell, figure.measure, figure.state, placement=figure.placement)


def orient_row(row: ReportRow, instrument: Instrument) -> ReportRow:
    """Return a row in the direction in which it is shown; one that is shown as it was asked stays the same."""
    measure = row.measure
    if not orientation.is_measure_turned(measure, instrument):
        return row
    return replace(
        row,
        measure=orientation.reflect_measure(measure),
        figure=orientation.reflect_figure(row.figure, measure),
        region=None if row.region is None else orientation.reflect_figure(row.region, measure),
        comparison=orientation.reflect_comparison(row.comparison),
        earlier_rounds=tuple(
            replace(
                previous,
                figure=None if previous.figure is None else orientation.reflect_figure(previous.figure, measure),
            )
            for previous in row.earlier_rounds
        ),
        trend=None if row.trend is None else orientation.reflect_trend(row.trend),
        long_change=None if row.long_change is None else _turned_change(row.long_change, measure),
        is_turned=True,
    )


def _turned_change(change: LongChange, measure: Measure) -> LongChange:
    means = tuple(orientation.reflect_number(mean, measure) for mean in change.means)
    return LongChange(change.since, means, orientation.reflect_trend(change.trend))
