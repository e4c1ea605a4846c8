"""Means of the staff groups of the region or of a municipality."""

from dataclasses import dataclass

from app.core.instruments import Instrument
from app.core.languages import Language
from app.core.publication import Cell, DisclosureState, Figure, Level
from app.reports import orientation
from app.reports.unit_report import CellReport, ReportRow


@dataclass(frozen=True, slots=True)
class StaffGroupRow:
    """One scale: the figure of everybody, and of each group; None where a group's is withheld."""

    row: ReportRow
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True, slots=True)
class StaffGroupTable:
    """Scales by staff groups; `answers` are the bands of those who answered in each group."""

    groups: tuple[str, ...]
    answers: tuple[str | None, ...]
    rows: tuple[StaffGroupRow, ...]


def staff_group_table(report: CellReport, *, instrument: Instrument, language: Language) -> StaffGroupTable | None:
    """Return the staff groups of a municipality or the region; None where none is published, and for communities."""
    if report.cell.level is Level.COMMUNITY:
        return None
    publication = report.publication
    cells = [(group, Cell(report.cell.level, report.cell.unit, group.id)) for group in instrument.groups]
    shown = [(group, cell) for group, cell in cells if publication.disclosure_state_of(cell) is DisclosureState.SHOWN]
    if not shown:
        return None
    parts = [publication.participation_of(cell) for _group, cell in shown]
    return StaffGroupTable(
        groups=tuple(group.name.in_language(language) for group, _cell in shown),
        answers=tuple(None if part is None else part.answers_band for part in parts),
        rows=tuple(
            StaffGroupRow(
                row,
                tuple(_shown(row, publication.figure(cell, row.measure.id)) for _group, cell in shown),
            )
            for row in report.rows_with_numbers
        ),
    )


def _shown(row: ReportRow, figure: Figure | None) -> Figure | None:
    """Return the figure of a group in the direction in which the row of everybody is shown; None if withheld."""
    if figure is None or figure.state is not DisclosureState.SHOWN:
        return None
    return orientation.reflect_figure(figure, row.measure) if row.is_turned else figure
