"""Compare a community's results with those of communities of the same kind in the region."""

from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.organisations import CommunityKind, ReportingUnit
from app.core.publication import (
    Cell,
    CommunityKindMean,
    DisclosureState,
    Figure,
    Level,
    Publication,
    RegionComparisonOutcome,
    compare_scales_with_kind_mean,
)
from app.reports import orientation
from app.reports.unit_report import CellReport, ReportRow


@dataclass(frozen=True, slots=True)
class SameKindComparisonRow:
    """One scale of a community beside the mean of its kind; `figure` is that mean."""

    row: ReportRow
    figure: Figure
    comparison: RegionComparisonOutcome


@dataclass(frozen=True, slots=True)
class SameKindComparison:
    """A community beside its kind. `communities` are the fewest and the most that a scale counts."""

    kind: CommunityKind
    title: str
    communities: tuple[int, int]
    rows: tuple[SameKindComparisonRow, ...]


def kind_title(kind: CommunityKind) -> str:
    """Return the name of all the region's communities of a kind."""
    titles = {
        CommunityKind.EARLY_CHILDHOOD: _("Early childhood education in the region"),
        CommunityKind.SCHOOL: _("Schools in the region"),
        CommunityKind.UPPER_SECONDARY: _("Upper secondary schools in the region"),
        CommunityKind.OTHER: _("Other communities in the region"),
    }
    return str(titles[kind])


def published_kinds(publication: Publication) -> tuple[CommunityKind, ...]:
    """Return the kinds of which any mean is published, in the order of the kinds."""
    published = {item.kind for item in publication.kinds}
    return tuple(kind for kind in CommunityKind if kind in published)


def kind_mean_of(publication: Publication, figure: Figure) -> CommunityKindMean | None:
    """Return the mean of the kind of a community's figure.

    None for other cells, where it is not published, and for a community without a number of its own: files show no
    numbers in the rows of these.
    """
    is_unit = figure.cell.level is Level.COMMUNITY and figure.cell.group is None
    if not is_unit or figure.state is not DisclosureState.SHOWN:
        return None
    unit = publication.find_unit_of_community(figure.cell.unit)
    return None if unit is None else publication.kind_mean(unit.kind, figure.measure)


def same_kind_comparison(report: CellReport, unit: ReportingUnit | None) -> SameKindComparison | None:
    """Return a community beside its kind; None for wider cells and where no mean of the kind is published.

    Scales that are withheld for the community are left out: there is nothing to put beside the mean.
    """
    if unit is None or report.cell != Cell(Level.COMMUNITY, unit.id) or unit.kind is None:
        return None
    publication = report.publication
    comparisons = compare_scales_with_kind_mean(publication, unit)
    means = [
        (row, mean)
        for row in report.rows
        if row.figure.state is not DisclosureState.WITHHELD
        and (mean := publication.kind_mean(unit.kind, row.measure.id)) is not None
    ]
    if not means:
        return None
    counts = [mean.communities for _row, mean in means]
    return SameKindComparison(
        kind=unit.kind,
        title=kind_title(unit.kind),
        communities=(min(counts), max(counts)),
        rows=tuple(
            _kind_row(row, mean.as_figure(publication.region_cell), comparisons[row.measure.id]) for row, mean in means
        ),
    )


def _kind_row(row: ReportRow, figure: Figure, comparison: RegionComparisonOutcome) -> SameKindComparisonRow:
    """Return the row in the direction in which the community's own row is shown."""
    if not row.is_turned:
        return SameKindComparisonRow(row, figure, comparison)
    turned = orientation.reflect_figure(figure, row.measure)
    return SameKindComparisonRow(row, turned, orientation.reflect_comparison(comparison))
