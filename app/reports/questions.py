"""Report on single questions of a cell, in the order of their scales.

Items need more answers than scales. If a cell has none, the smallest wider cell with items is used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.core.instruments import Instrument, Item, Option, Scale
from app.core.languages import Language
from app.core.publication import (
    Cell,
    DisclosureState,
    Figure,
    MeasureKind,
    Publication,
    RegionComparisonOutcome,
    compare_measures_with_region,
)
from app.reports import orientation
from app.reports.history import publications_that_asked_cell
from app.reports.unit_report import (
    MAX_ROUNDS,
    CellReport,
    ReportContentKind,
    ReportRow,
    cell_name,
    orient_row,
    report_row,
    wider_cells,
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its figures.

    `is_reversed`: agreement counts against its dimension; `ends` are the options of the lowest and highest number as
    they are shown.
    """

    row: ReportRow
    is_reversed: bool
    ends: tuple[str, str]


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """The questions of one scale; an empty title for questions without a scale."""

    id: str
    title: str
    description: str
    questions: tuple[Question, ...]

    @property
    def slug(self) -> str:
        """The group's name in URLs; scale ids have no hyphen."""
        return self.id or "no-scale"

    @property
    def shown_rows(self) -> tuple[ReportRow, ...]:
        """The rows of the questions with numbers."""
        return tuple(question.row for question in self.questions if question.row.figure.state is DisclosureState.SHOWN)


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """Report on single questions: `report` has all of them as rows, `groups` by scale."""

    report: CellReport
    groups: tuple[QuestionGroup, ...]


def question_report(
    publication: Publication,
    cell: Cell,
    *,
    instrument: Instrument,
    earlier: Sequence[Publication],
    language: Language,
) -> QuestionReport:
    """Return the report on single questions of a cell, including withheld ones."""
    before = publications_that_asked_cell(earlier, cell)[-(MAX_ROUNDS - 1) :]
    comparisons = compare_measures_with_region(publication, cell, MeasureKind.ITEM)

    def question(item: Item, scale: Scale | None) -> Question:
        figure = publication.figure(cell, item.id) or Figure(cell, item.id, DisclosureState.WITHHELD)
        texts = (_without_full_stop(item.text.in_language(language)), "")
        against = comparisons.get(item.id, RegionComparisonOutcome.UNKNOWN)
        row = report_row(publication, figure, texts=texts, comparison=against, earlier=before)
        row = orient_row(row, instrument)
        lowest, highest = (option.label.in_language(language) for option in _ends(item))
        ends = (highest, lowest) if row.is_turned else (lowest, highest)
        row = replace(row, meaning=ends[1] if row.is_turned else "")
        return Question(row, scale is not None and item.id in scale.reversed, ends)

    grouped = _grouped(instrument, publication)
    groups = tuple(
        _group(instrument, scale, [question(item, scale) for item in items], language) for scale, items in grouped
    )
    report = CellReport(
        publication=publication,
        cell=cell,
        name=cell_name(publication, cell),
        kind=ReportContentKind.NUMBERS if any(group.shown_rows for group in groups) else ReportContentKind.WIDER,
        participation=publication.participation_of(cell),
        rows=tuple(question.row for group in groups for question in group.questions),
        quadrants=None,
        balance=None,
        last_at=before[-1].round_opened_at if before else None,
        before=before[-1].participation_of(cell) if before else None,
    )
    return QuestionReport(report, groups)


def find_cell_with_questions(publication: Publication, cell: Cell) -> Cell | None:
    """Return the cell if it publishes questions, else the smallest wider one that does; None if none."""
    chosen = (cell, *wider_cells(publication, cell))
    return next((cell for cell in chosen if publication.item_figures_in(cell)), None)


def _grouped(instrument: Instrument, publication: Publication) -> Iterator[tuple[Scale | None, list[Item]]]:
    """Yield each scale with its items, each item once, then the items without a scale."""
    item_ids = {measure.id for measure in publication.measures if measure.kind is MeasureKind.ITEM}
    waiting = {item.id: item for item in instrument.items if item.id in item_ids}
    for scale in instrument.scales:
        items = [waiting.pop(name) for name in scale.items if name in waiting]
        if items:
            yield scale, items
    if waiting:
        yield None, list(waiting.values())


def _group(instrument: Instrument, scale: Scale | None, questions: list[Question], language: Language) -> QuestionGroup:
    if scale is None:
        return QuestionGroup("", "", "", tuple(questions))
    title = orientation.scale_title(scale, instrument, language)
    description = orientation.scale_description(scale, instrument, language)
    return QuestionGroup(scale.id, title, description, tuple(questions))


def _ends(item: Item) -> tuple[Option, Option]:
    ordered = sorted(item.options, key=lambda option: option.value)
    return ordered[0], ordered[-1]


def _without_full_stop(text: str) -> str:
    """Return a question without its full stop, to quote it in a sentence."""
    return text.rstrip().removesuffix(".")
