"""Results as an Excel workbook with all published figures, headers in words, and a guide."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from flask_babel import format_date
from flask_babel import gettext as _

from app.core.instruments import Instrument
from app.core.languages import Language
from app.core.publication import (
    Cell,
    ChangeLabel,
    Figure,
    MeasureKind,
    Publication,
    RegionComparisonOutcome,
    RegionQuality,
    compare_measures_with_region,
    placement_chance,
)
from app.render.tabular_files import xlsx_bytes
from app.reports import quality_sentences, workbook_columns
from app.reports.figure_values import place_and_municipality_names, question_figures_of_cells, scale_figures_of_cells
from app.reports.impact_report import relative_weight_report
from app.reports.number_format import format_share_and_interval
from app.reports.questionnaire_change import QuestionnaireChange, questionnaire_change_sentences
from app.reports.same_kind import kind_mean_of
from app.reports.workbook_columns import (
    FigureRow,
    RowSubject,
    Value,
    WorkbookColumn,
    level_name,
    participation_cells,
)

Row = tuple[Value, ...]
Sheet = tuple[str, list[Row]]


@dataclass(frozen=True)
class PublicationWorkbook:
    """Workbook of some cells of a publication; `titles` are the titles of earlier rounds by number.

    `change` says what can be compared with the last survey, if the questions changed.
    """

    publication: Publication
    cells: Collection[Cell]
    instrument: Instrument
    language: Language
    titles: dict[int, str]
    with_quality: bool
    change: QuestionnaireChange | None = None

    def content(self) -> bytes:
        """Return the workbook as XLSX, in the language of the request."""
        return xlsx_bytes(list(self.sheets()))

    def sheets(self) -> Iterator[Sheet]:
        """Yield the sheets with rows, header first; sheets without rows are left out."""
        yield self._guide()
        yield self._participation()
        yield self._figures(_("Dimensions"), workbook_columns.scale_columns(), self._scales)
        if self.publication.has_items:
            yield self._figures(_("Questions"), workbook_columns.question_columns(), self._questions)
        quality = (self._quality(), self._impact()) if self.with_quality else ()
        yield from (sheet for sheet in (self._changes(), self._strain(), *quality) if sheet[1][1:])

    @cached_property
    def _scales(self) -> list[FigureRow]:
        return self._lines(scale_figures_of_cells(self.publication, self.cells), MeasureKind.SCALE)

    @cached_property
    def _questions(self) -> list[FigureRow]:
        return self._lines(question_figures_of_cells(self.publication, self.cells), MeasureKind.ITEM)

    def _lines(self, figures: Iterable[Figure], kind: MeasureKind) -> list[FigureRow]:
        comparisons: dict[Cell, dict[str, RegionComparisonOutcome]] = {}
        result = []
        for figure in figures:
            if figure.cell not in comparisons:
                comparisons[figure.cell] = compare_measures_with_region(self.publication, figure.cell, kind)
            title, dimension = self._names[figure.measure]
            measure = self.publication.measure(figure.measure)
            against = comparisons[figure.cell].get(figure.measure, RegionComparisonOutcome.UNKNOWN)
            chance = placement_chance(self.publication, figure)
            same_kind = kind_mean_of(self.publication, figure)
            result.append(
                FigureRow(self._place(figure.cell), title, dimension, measure, figure, against, chance, same_kind)
            )
        return result

    @cached_property
    def _names(self) -> dict[str, tuple[str, str]]:
        """Titles of all measures, and the dimension of questions."""
        result = {item.id: (item.text.in_language(self.language), "") for item in self.instrument.items}
        for scale in self.instrument.scales:
            title = scale.title.in_language(self.language)
            result |= {name: (result[name][0], title) for name in scale.items if not result[name][1]}
            result[scale.id] = title, title
        return result

    @cached_property
    def _known(self) -> dict[Cell, RowSubject]:
        names = place_and_municipality_names(self.publication)
        groups = {group.id: group.name.in_language(self.language) for group in self.instrument.groups}
        return {
            cell: RowSubject(
                cell.level,
                *names[cell.level, cell.unit],
                "" if cell.group is None else groups.get(cell.group, cell.group),
                part,
            )
            for cell in self.publication.cells
            if cell in self.cells and (part := self.publication.participation_of(cell)) is not None
        }

    def _place(self, cell: Cell) -> RowSubject:
        return self._known[cell]

    def _places(self) -> list[tuple[Cell, RowSubject]]:
        return list(self._known.items())

    def _figures(self, name: str, columns: Sequence[WorkbookColumn], lines: Iterable[FigureRow]) -> Sheet:
        every = (*workbook_columns.subject_columns(), *columns)
        header: Row = tuple(column.title for column in every)
        return name, [header, *(tuple(column.value_of(line) for column in every) for line in lines)]

    def _guide(self) -> Sheet:
        publication = self.publication
        days = (moment for moment in (publication.opened_at, publication.closed_at) if moment is not None)
        period = "–".join(str(format_date(moment)) for moment in days)
        facts: list[Row] = [
            (_("Results"), publication.translated_title.in_language(self.language)),
            (_("Region"), publication.region.name),
            (_("Time of the survey"), period),
            (_("Questionnaire"), self.instrument.title.in_language(self.language)),
            (_("Answers needed for numbers"), publication.k),
            (_("Answers needed for questions and shares"), publication.detail_from),
        ]
        columns = (
            *workbook_columns.subject_columns(),
            *workbook_columns.scale_columns(),
            *workbook_columns.question_columns(),
        )
        meanings = {column.title: column.meaning for column in columns}
        scales = {scale.id: scale.title.in_language(self.language) for scale in self.instrument.scales}
        renewed = questionnaire_change_sentences(self.change, scales)
        facts += [(_("Comparison with earlier surveys"), sentence) for sentence in renewed]
        return _("Guide"), [*facts, ("", ""), *((title, meaning) for title, meaning in meanings.items()), *_cautions()]

    def _participation(self) -> Sheet:
        header: Row = (
            *_subject_titles(),
            _("What is shown"),
            _("Invited"),
            _("Answers"),
            _("Response rate, per cent"),
            _("Communities included"),
            _("Communities in total"),
        )
        rows = ((*_subject_cells(place), *participation_cells(place.participation)) for _cell, place in self._places())
        return _("Participation"), [header, *rows]

    def _changes(self) -> Sheet:
        header: Row = (
            *_subject_titles(),
            _("Dimension"),
            _("Question"),
            _("Good direction"),
            _("Since"),
            _("Change, points"),
            _("%(title)s, from", title=_("Working conditions")),
            _("%(title)s, to", title=_("Working conditions")),
            _("Have working conditions changed?"),
            _("%(title)s, from", title=_("The mean of our own staff")),
            _("%(title)s, to", title=_("The mean of our own staff")),
            _("Size of the change (Hedges g)"),
            _("Changes tested together"),
        )
        rows = chain.from_iterable(map(self._changed, (*self._scales, *self._questions)))
        return _("Changes"), [header, *rows]

    def _changed(self, line: FigureRow) -> Iterator[Row]:
        labels = {
            ChangeLabel.CLEAR: _("clear"),
            ChangeLabel.SMALL: _("small but certain"),
            ChangeLabel.POSSIBLE: _("possible"),
            ChangeLabel.CANNOT_TELL: _("within the margin of error"),
        }
        is_question = line.measure.kind is MeasureKind.ITEM
        for trend in line.figure.trends:
            yield (
                *_subject_cells(line.subject),
                line.dimension,
                line.title if is_question else "",
                workbook_columns.good_direction(line),
                self.titles.get(int(trend.since), str(trend.since)),
                trend.difference,
                *trend.interval,
                labels[trend.label],
                *(trend.staff_interval or ("", "")),
                "" if trend.effect is None else trend.effect,
                trend.comparisons,
            )

    def _strain(self) -> Sheet:
        header: Row = (
            *_subject_titles(),
            _("High strain"),
            _("Active work"),
            _("Passive work"),
            _("Low strain"),
            _("Control minus workload"),
            _("%(title)s, from", title=_("Control minus workload")),
            _("%(title)s, to", title=_("Control minus workload")),
        )
        return _("Workload and control"), [header, *filter(None, map(self._strained, self._places()))]

    def _strained(self, cell_and_subject: tuple[Cell, RowSubject]) -> Row:
        shares = self.publication.quadrants_of(cell_and_subject[0])
        balance = self.publication.balance_of(cell_and_subject[0])
        if shares is None and balance is None:
            return ()
        parts: Row = ("",) * 4
        if shares is not None:
            numbers = shares.high_strain, shares.active, shares.passive, shares.low_strain
            ends = shares.intervals or (None,) * 4
            parts = tuple(format_share_and_interval(number, end) for number, end in zip(numbers, ends, strict=True))
        if balance is None:
            return (*_subject_cells(cell_and_subject[1]), *parts, "", "", "")
        return (*_subject_cells(cell_and_subject[1]), *parts, balance.difference, *(balance.interval or ("", "")))

    def _quality(self) -> Sheet:
        header: Row = (
            _("Dimension"), _("Alpha"), _("Omega"), _("Reliability"), "ICC(1)", "ICC(2)", "r_wg",
            _("Do communities differ?"),
        )  # fmt: skip
        return _("Reliability"), [header, *map(self._reliable, self.publication.quality)]

    def _reliable(self, region_quality: RegionQuality) -> Row:
        differ = {True: _("Yes"), False: _("No evidence that they do"), None: ""}
        numbers = (
            (region_quality.alpha, region_quality.omega),
            (region_quality.icc1, region_quality.icc2, region_quality.rwg_median),
        )
        first, second = (tuple("" if number is None else number for number in part) for part in numbers)
        return (
            self._names[region_quality.scale][0],
            *first,
            quality_sentences.scale_reliability_sentence(region_quality),
            *second,
            str(differ[region_quality.communities_differ]),
        )

    def _impact(self) -> Sheet:
        header: Row = (
            _("Dimension"),
            _("Weight, per cent"),
            _("Interval, from"),
            _("Interval, to"),
        )
        report = relative_weight_report(self.publication, instrument=self.instrument, language=self.language)
        rows = () if report is None else report.rows
        return (
            _("Link with wellbeing"),
            [header, *((row.title, row.weight, *row.interval) for row in rows)],
        )


def _subject_titles() -> Row:
    return tuple(column.title for column in workbook_columns.subject_columns())


def _subject_cells(place: RowSubject) -> Row:
    return level_name(place.level), place.name, place.municipality, place.group


def _cautions() -> list[Row]:
    return [
        ("", ""),
        (_("Before you read"), _("Empty cells: too few people answered. The figure is not stored anywhere.")),
        (
            "",
            _(
                "A change reflects partly chance, partly who answered and partly what has really changed; the survey "
                "does not show causes."
            ),
        ),
        ("", _("“Within the margin of error” does not mean that nothing has changed.")),
    ]
