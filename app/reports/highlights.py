"""Highlights at the top of a report: strengths, areas to improve, and the reasons."""

from collections.abc import Sequence

from flask_babel import gettext as _

from app.core.catalogue import DIMENSIONS
from app.core.publication import ChangeLabel, DisclosureState, Placement
from app.reports import placements, sentences, summaries
from app.reports.number_format import format_mean, format_names, format_number
from app.reports.questionnaire_change import questionnaire_change_sentences, questionnaire_change_summary
from app.reports.unit_report import MAX_HIGHLIGHTS, CellReport, ReportContentKind, ReportRow

CERTAIN_CHANGES = (ChangeLabel.CLEAR, ChangeLabel.SMALL)


def strengths(report: CellReport) -> tuple[ReportRow, ...]:
    """Return at most two strengths; of a small community what is probably better than in the region."""
    if report.kind is ReportContentKind.PLACEMENT:
        return _placed(report, better=True)
    return report.strongest


def areas_to_improve(report: CellReport) -> tuple[ReportRow, ...]:
    """Return at most two areas to improve; of a small community what is probably worse than in the region."""
    if report.kind is ReportContentKind.PLACEMENT:
        return _placed(report, better=False)
    return report.areas_to_improve


def improvement_heading(rows: Sequence[ReportRow]) -> str:
    """Return what the areas to improve are called: only the lowest results where all are better than in the region."""
    if rows and all(row.is_better for row in rows):
        return str(_("Lowest results"))
    return str(_("Areas to improve"))


def suggested_dimensions(report: CellReport) -> tuple[str, ...]:
    """Return the dimensions of the areas to improve that the catalogue knows; staff choose among all of them."""
    if report.kind is ReportContentKind.WIDER:
        return ()
    dimensions = (row.measure.dimension for row in areas_to_improve(report))
    return tuple(dict.fromkeys(dimension for dimension in dimensions if dimension in DIMENSIONS))


def also_weaker_sentence(report: CellReport) -> str:
    """Return what else is weaker than the region; empty if nothing is."""
    names = [row.title for row in report.also_weaker]
    return str(_("Also worse than in the region: %(names)s.", names=format_names(names))) if names else ""


def highlight_sentence(row: ReportRow) -> str:
    """Return in one sentence how a strength or an area to improve compares with the region."""
    if row.figure.state is DisclosureState.PLACEMENT:
        return f"{sentences.placement_sentence(row)}."
    return sentences.region_sentence(row)


def focus_reason_sentence(row: ReportRow) -> str:
    """Return why a dimension is suggested as a focus area."""
    if row.figure.state is DisclosureState.PLACEMENT:
        return f"{sentences.placement_sentence(row)}."
    mean = format_mean(row.figure, row.measure)
    if row.region is None or row.region.mean is None:
        return str(_("Among the lowest results here: %(mean)s.", mean=mean))
    if _has_declined(row) and not row.is_worse:
        return str(_("It has become worse. %(change)s", change=sentences.trend_sentence(row)))
    values = {"mean": mean, "region": format_number(row.region.mean, row.measure)}
    if row.is_worse:
        text = _("Worse than in the region: %(mean)s, region %(region)s.", **values)
    elif row.is_better:
        text = _("Among your lowest results (%(mean)s), although better than in the region (%(region)s).", **values)
    elif values["mean"] == values["region"]:
        text = _("Among your lowest results (%(mean)s), the same as in the region.", mean=mean)
    else:
        text = _(
            "Among your lowest results (%(mean)s). The difference from the region (%(region)s) is not clear.", **values
        )
    return str(text)


def change_and_questionnaire_lines(report: CellReport) -> list[str]:
    """Return the change since the last round and over all rounds that ask the same, and what cannot be compared.

    A community without numbers has no changes; what its next survey can be compared with is true of it too.
    """
    renewed = questionnaire_change_summary(report.questionnaire_change, report.titles)
    if report.kind is not ReportContentKind.NUMBERS:
        return renewed
    return [*summaries.change_sentences(report), *summaries.long_change_sentences(report), *renewed]


def questionnaire_change_details(report: CellReport) -> list[str]:
    """Return what begins anew since the questions changed, to be folded under the lines about changes."""
    return questionnaire_change_sentences(report.questionnaire_change, report.titles)[1:]


def _has_declined(row: ReportRow) -> bool:
    return row.trend is not None and row.trend.label in CERTAIN_CHANGES and not summaries.is_change_favourable(row)


def _placed(report: CellReport, *, better: bool) -> tuple[ReportRow, ...]:
    """Return the rows that are probably on one side of the region, the most certain first."""
    wanted = [row for row in report.rows if _side_is_good(row) is better]
    return tuple(sorted(wanted, key=lambda row: -(row.placement_chance or 0.0))[:MAX_HIGHLIGHTS])


def _side_is_good(row: ReportRow) -> bool | None:
    side = placements.treat_even_chance_as_same(row.figure.placement, row.placement_chance)
    if side is None or side is Placement.SAME:
        return None
    return (side is Placement.ABOVE) == row.high_is_good


def rows_in_page_order(report: CellReport) -> Sequence[ReportRow]:
    """Return the rows with numbers as the page shows them: areas to improve first, the rest in their order."""
    first = areas_to_improve(report)
    return (*first, *(row for row in report.rows_with_numbers if row not in first))
