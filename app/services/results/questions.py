"""One cell question by question: the frozen figures of single items, in the order of the scales they belong to.

Items need more answers than scales do. Where a cell has none, the smallest wider set with them is read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.instruments import Instrument, Item, Option, Scale
from app.core.languages import Language
from app.core.publication import (
    Cell,
    DisclosureState,
    Figure,
    MeasureKind,
    Publication,
    RegionComparison,
    compare_with_region,
)
from app.services.results.cell_report import (
    MOST_ROUNDS,
    CellReport,
    ReportKind,
    ReportRow,
    name_of,
    report_row,
    wider_cells,
)
from app.services.results.history import asked_in


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its figures.

    `turned` says that agreeing with it counts against its dimension; `ends` are its lowest and its
    highest option.
    """

    row: ReportRow
    turned: bool
    ends: tuple[str, str]


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """The questions of one scale, or, with an empty title, those that belong to none."""

    id: str
    title: str
    description: str
    questions: tuple[Question, ...]

    @property
    def word(self) -> str:
        """What the group is called in an address; no scale's id has a hyphen."""
        return self.id or "no-scale"

    @property
    def shown(self) -> tuple[ReportRow, ...]:
        """The rows of the questions that have a number."""
        return tuple(question.row for question in self.questions if question.row.figure.state is DisclosureState.SHOWN)


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """What the page says: whose figures they are (`reading`, all questions as rows), and the groups."""

    reading: CellReport
    groups: tuple[QuestionGroup, ...]


def question_report(
    publication: Publication,
    cell: Cell,
    *,
    instrument: Instrument,
    earlier: Sequence[Publication],
    language: Language,
) -> QuestionReport:
    """Read the single questions of a cell beside the region and the rounds before; withheld ones as such."""
    before = asked_in(earlier, cell)[-(MOST_ROUNDS - 1) :]
    beside = compare_with_region(publication, cell, MeasureKind.ITEM)

    def question(item: Item, scale: Scale | None) -> Question:
        figure = publication.figure(cell, item.id) or Figure(cell, item.id, DisclosureState.WITHHELD)
        words = (_bare(item.text.read(language)), "")
        against = beside.get(item.id, RegionComparison.UNKNOWN)
        row = report_row(publication, figure, words=words, against=against, earlier=before)
        lowest, highest = (option.label.read(language) for option in _ends(item))
        return Question(row, scale is not None and item.id in scale.reversed, (lowest, highest))

    grouped = _grouped(instrument, publication)
    groups = tuple(_group(scale, [question(item, scale) for item in items], language) for scale, items in grouped)
    report = CellReport(
        publication=publication,
        cell=cell,
        name=name_of(publication, cell),
        standing=ReportKind.NUMBERS if any(group.shown for group in groups) else ReportKind.WIDER,
        participation=publication.participation_of(cell),
        rows=tuple(question.row for group in groups for question in group.questions),
        quadrants=None,
        balance=None,
        last_at=before[-1].asked_at if before else None,
        before=before[-1].participation_of(cell) if before else None,
    )
    return QuestionReport(report, groups)


def cell_with_questions(publication: Publication, cell: Cell) -> Cell | None:
    """Return the cell itself if single questions may be told of it, else the smallest wider one; None if nowhere."""
    chosen = (cell, *wider_cells(publication, cell))
    return next((cell for cell in chosen if publication.items_in(cell)), None)


def _grouped(instrument: Instrument, publication: Publication) -> Iterator[tuple[Scale | None, list[Item]]]:
    """Give each scale with its items, each item once, and at last the items of no scale."""
    asked = {measure.id for measure in publication.measures if measure.kind is MeasureKind.ITEM}
    waiting = {item.id: item for item in instrument.items if item.id in asked}
    for scale in instrument.scales:
        items = [waiting.pop(name) for name in scale.items if name in waiting]
        if items:
            yield scale, items
    if waiting:
        yield None, list(waiting.values())


def _group(scale: Scale | None, questions: list[Question], language: Language) -> QuestionGroup:
    if scale is None:
        return QuestionGroup("", "", "", tuple(questions))
    return QuestionGroup(scale.id, scale.title.read(language), scale.description.read(language), tuple(questions))


def _ends(item: Item) -> tuple[Option, Option]:
    ordered = sorted(item.options, key=lambda option: option.value)
    return ordered[0], ordered[-1]


def _bare(text: str) -> str:
    """Return a question without its full stop, so that it may stand within a sentence."""
    return text.rstrip().removesuffix(".")
