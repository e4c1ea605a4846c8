"""Table of all questions by place: municipalities of the region, or communities of one municipality.

Every number is one of the publication; nothing is computed but the colour, which follows from the comparison with the
region.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from flask_babel import gettext as _

from app.core.instruments import Instrument, Polarity
from app.core.languages import Language
from app.core.publication import (
    Capped,
    Cell,
    DisclosureState,
    Figure,
    Level,
    Measure,
    MeasureKind,
    Publication,
    RegionComparisonOutcome,
    compare_measures_with_region,
)
from app.core.text import sort_key
from app.render.tabular_files import Value
from app.reports import number_format, orientation
from app.reports.questions import QuestionGroup, question_report
from app.reports.region_report import HeatTone, heat_tone
from app.reports.unit_report import cell_name

MAX_COLUMNS = 12  # places in one table: with more, a page of 1280 pixels would have to be pulled sideways


@dataclass(frozen=True, slots=True)
class QuestionHeatCell:
    """One question in one place. `text` is empty where it is withheld, `value` None there and for a bound."""

    place: str
    text: str
    tone: HeatTone
    comparison: RegionComparisonOutcome
    value: float | None


@dataclass(frozen=True, slots=True)
class QuestionHeatRow:
    """One dimension or question: its number in the region, and one cell for each place.

    `meaning` is the option that a high number of a turned question stands for; else empty.
    """

    title: str
    measure: Measure
    is_dimension: bool
    region: QuestionHeatCell
    cells: tuple[QuestionHeatCell, ...]
    meaning: str = ""

    @property
    def low_is_good(self) -> bool:
        """Whether a low number is favourable."""
        return self.measure.polarity is Polarity.HIGH_IS_BAD


@dataclass(frozen=True, slots=True)
class QuestionHeatGroup:
    """A dimension with its questions; `rows` begins with the dimension itself, where there is one."""

    id: str
    rows: tuple[QuestionHeatRow, ...]


@dataclass(frozen=True, slots=True)
class QuestionHeatMap:
    """The map. `places` have any number, `withheld` are the names of places that have none."""

    places: tuple[Cell, ...]
    names: tuple[str, ...]
    withheld: tuple[str, ...]
    groups: tuple[QuestionHeatGroup, ...]

    @property
    def rows(self) -> tuple[QuestionHeatRow, ...]:
        """All rows in order."""
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def column_blocks(self) -> tuple[range, ...]:
        """Return the columns of each table: as few tables as hold twelve places each, all about as wide."""
        count = -(-len(self.places) // MAX_COLUMNS)
        ends = [round(len(self.places) * number / count) for number in range(count + 1)] if count else []
        return tuple(range(first, last) for first, last in pairwise(ends))

    @property
    def rows_and_cells_that_differ(self) -> tuple[tuple[QuestionHeatRow, QuestionHeatCell], ...]:
        """The cells that differ from the region by more than chance explains, in the order of the rows."""
        coloured = (RegionComparisonOutcome.HIGHER, RegionComparisonOutcome.LOWER)
        return tuple((row, cell) for row in self.rows for cell in row.cells if cell.comparison in coloured)


def question_heat_map(
    publication: Publication,
    cells: Sequence[Cell],
    *,
    instrument: Instrument,
    language: Language,
    as_asked: bool = False,
) -> QuestionHeatMap:
    """Return the map of all questions in `cells`, which are in the order of their names.

    Pages show every number rising to the good end; `as_asked` keeps the direction of the questionnaire, for files.
    """
    ordered = sorted(cells, key=lambda cell: sort_key(cell_name(publication, cell)))
    shown = [cell for cell in ordered if _has_numbers(publication, cell)]
    report = question_report(publication, publication.region_cell, instrument=instrument, earlier=(), language=language)
    if as_asked:
        titles = {scale.id: scale.title.in_language(language) for scale in instrument.scales}
    else:
        titles = orientation.scale_titles(instrument, language)
    reader = _MapReader(publication, tuple(shown), instrument, as_asked=as_asked)
    groups = {group.id: _group(reader, group, titles) for group in report.groups}
    others = {
        measure.id: QuestionHeatGroup(measure.id, (reader.row(measure, titles[measure.id]),))
        for measure in publication.scales
        if measure.id not in groups
    }
    order = [*(scale.id for scale in publication.scales), *(group.id for group in report.groups)]
    return QuestionHeatMap(
        places=tuple(shown),
        names=tuple(cell_name(publication, cell) for cell in shown),
        withheld=tuple(cell_name(publication, cell) for cell in ordered if cell not in set(shown)),
        groups=tuple((groups | others)[name] for name in dict.fromkeys(order)),
    )


def _has_numbers(publication: Publication, cell: Cell) -> bool:
    figures = (*publication.scale_figures_in(cell), *publication.item_figures_in(cell))
    return any(figure.state is DisclosureState.SHOWN for figure in figures)


def _group(reader: "_MapReader", group: QuestionGroup, titles: dict[str, str]) -> QuestionHeatGroup:
    shown = [question.row for question in group.questions]
    rows = [reader.row(reader.publication.measure(row.measure.id), row.title, meaning=row.meaning) for row in shown]
    if group.id in titles:
        rows = [reader.row(reader.publication.measure(group.id), titles[group.id]), *rows]
    return QuestionHeatGroup(group.id, tuple(rows))


class _MapReader:
    """Reads the cells of a map; each place is compared with the region once for each kind of measure."""

    def __init__(self, publication: Publication, places: tuple[Cell, ...], instrument: Instrument, *, as_asked: bool):
        self.publication = publication
        self._places = places
        self._instrument = instrument
        self._as_asked = as_asked
        self._comparisons = {
            (place, kind): compare_measures_with_region(publication, place, kind)
            for place in places
            for kind in MeasureKind
        }

    def row(self, measure: Measure, title: str, *, meaning: str = "") -> QuestionHeatRow:
        """Return the row of a stored measure, in the direction of the map."""
        is_turned = self._is_turned(measure)
        return QuestionHeatRow(
            title=title,
            measure=orientation.reflect_measure(measure) if is_turned else measure,
            is_dimension=measure.kind is MeasureKind.SCALE,
            region=self._cell(self.publication.region_cell, measure, RegionComparisonOutcome.UNKNOWN),
            cells=tuple(
                self._cell(
                    place,
                    measure,
                    self._comparisons[place, measure.kind].get(measure.id, RegionComparisonOutcome.UNKNOWN),
                )
                for place in self._places
            ),
            meaning=meaning if is_turned else "",
        )

    def _is_turned(self, measure: Measure) -> bool:
        return not self._as_asked and orientation.is_measure_turned(measure, self._instrument)

    def _figure(self, place: Cell, measure: Measure) -> Figure | None:
        stored = self.publication.figure(place, measure.id)
        return (
            orientation.reflect_figure(stored, measure) if stored is not None and self._is_turned(measure) else stored
        )

    def _cell(self, place: Cell, measure: Measure, comparison: RegionComparisonOutcome) -> QuestionHeatCell:
        name = cell_name(self.publication, place)
        figure = self._figure(place, measure)
        if figure is None or figure.state is not DisclosureState.SHOWN or figure.mean is None:
            return QuestionHeatCell(name, "", HeatTone.NONE, RegionComparisonOutcome.UNKNOWN, None)
        region = self._figure(self.publication.region_cell, measure)
        value = None if figure.capped else figure.mean
        shown = measure
        if self._is_turned(measure):
            shown = orientation.reflect_measure(measure)
            comparison = orientation.reflect_comparison(comparison)
        tone = heat_tone(figure, region, shown, comparison)
        return QuestionHeatCell(name, _short(figure, shown), tone, comparison, value)


def _short(figure: Figure, measure: Measure) -> str:
    """Return a mean so short that many fit beside one another; a bound with a sign instead of words."""
    signs = {None: "", Capped.LOW: "≤ ", Capped.HIGH: "≥ "}
    return f"{signs[figure.capped]}{number_format.format_number(figure.mean or 0.0, measure)}"


def question_heat_map_table(found: QuestionHeatMap, *, region: str) -> list[Sequence[Value]]:
    """Return the map as a table for files, header first: a row for each question, a column for each place.

    A bound ("at most 12") is written as text, so that nobody takes it for a mean; withheld cells are empty.
    """
    rows: list[Sequence[Value]] = [
        [_("Dimension"), _("Question"), _("Good direction"), region, *found.names],
    ]
    for group in found.groups:
        dimension = next((row.title for row in group.rows if row.is_dimension), "")
        for row in group.rows:
            question = "" if row.is_dimension else row.title
            direction = _("low") if row.low_is_good else _("high")
            rows.append([dimension, question, direction, *map(_value, (row.region, *row.cells))])
    return rows


def _value(cell: QuestionHeatCell) -> Value:
    return cell.text if cell.value is None else cell.value


def question_heat_map_cells(publication: Publication, municipality: str | None, readable: Sequence[str]) -> list[Cell]:
    """Return the places of a map: the units of a municipality, or the readable municipalities for None."""
    if municipality is None:
        return [Cell(Level.MUNICIPALITY, place) for place in readable]
    return [Cell(Level.COMMUNITY, unit.id) for unit in publication.region.units_of(municipality)]
