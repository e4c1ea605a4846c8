"""Cached parts of a cell's page: summary, next actions and figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from app.core.followup import SuggestedAction
from app.core.instruments import Instrument
from app.core.matching.recommendations import CourseList, ListedCourse
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, Publication
from app.reports import highlights
from app.reports.chart_specs import ChartSpec, chart_specs, dimension_chart_spec
from app.reports.publication_lookup import PublicationContext
from app.reports.references import reference_rows
from app.reports.same_kind import same_kind_comparison
from app.reports.staff_groups import staff_group_table
from app.reports.unit_report import (
    CellReport,
    ReportContentKind,
    ReportRow,
    build_cell_report,
    smallest_wider_cell_with_numbers,
)
from app.store.action_library import load_suggested_actions
from app.web.shared.app_context import settings
from app.web.shared.fragment_cache import cached_fragment
from app.web.shared.languages import language

MAX_ACTIONS = 2  # in the section of a dimension


@dataclass(frozen=True, slots=True)
class CellPageParts:
    """Rendered parts of a page, in the language of the request."""

    in_short: Markup
    suggestions: Markup
    figures: Markup


@dataclass(frozen=True, slots=True)
class FocusSuggestion:
    """A suggested focus area: why, and the first action and course for it, if there are any."""

    row: ReportRow
    reason: str
    actions: tuple[SuggestedAction, ...]
    course: ListedCourse | None


@dataclass(frozen=True, slots=True)
class DimensionSection:
    """One scale of the report with its charts, actions and courses; `is_open` for the suggested ones."""

    row: ReportRow
    charts: tuple[ChartSpec, ...]
    actions: tuple[SuggestedAction, ...]
    courses: tuple[ListedCourse, ...]
    is_open: bool


def cell_page_parts(
    context: PublicationContext, cell: Cell, *, unit: ReportingUnit | None, courses: CourseList | None
) -> CellPageParts:
    """Return the parts of a page; the same values are rendered once for each language.

    `courses` is the list of the community, None for a wider cell and while the list is being made.
    """
    frozen = (context.publication, *context.earlier, *(() if courses is None else (courses,)))
    key = "cell", cell, language(), unit is None, courses is None
    return cached_fragment(frozen, key, lambda: _render(context, cell, unit, courses))


def region_in_short(context: PublicationContext) -> Markup:
    """Return the summary of the whole region, for the page that compares its communities."""
    frozen = (context.publication, *context.earlier)
    return cached_fragment(frozen, ("region in short", language()), lambda: _region_in_short(context))


def _region_in_short(context: PublicationContext) -> Markup:
    own = _read(context, context.publication.region_cell)
    values = {"own": own, "strengths": highlights.strengths(own), "areas": highlights.areas_to_improve(own)}
    return Markup(render_template("staff/results/_in_short.html", **values))  # noqa: S704 - escaped by Jinja


def own_report_and_fallback(context: PublicationContext, cell: Cell) -> tuple[CellReport, CellReport]:
    """Return the report on a cell, and that on the smallest wider cell that has numbers."""
    own = _read(context, cell)
    has_numbers = own.kind is ReportContentKind.NUMBERS
    return own, own if has_numbers else _read(context, smallest_wider_cell_with_numbers(context.publication, cell))


def _read(context: PublicationContext, cell: Cell) -> CellReport:
    return build_cell_report(
        context.publication, cell, instrument=context.instrument, earlier=context.earlier, language=language()
    )


def _render(
    context: PublicationContext, cell: Cell, unit: ReportingUnit | None, courses: CourseList | None
) -> CellPageParts:
    own, wide = own_report_and_fallback(context, cell)
    values = {
        "own": own,
        "wide": wide,
        "unit": unit,
        "course_list": courses,
        "strengths": highlights.strengths(own),
        "areas": highlights.areas_to_improve(own),
        "suggestions": _suggestions(own, courses),
        "sections": _sections(own, wide, courses),
        "pictures": {chart.name: chart for chart in chart_specs(wide)},
        "questions_of": _scales_with_questions(context.publication, context.instrument, wide.cell),
        "references": reference_rows(wide, context.instrument, context.earlier),
        "same_kind": same_kind_comparison(own, unit),
        "staff_groups": staff_group_table(own, instrument=context.instrument, language=language()),
    }
    return CellPageParts(
        in_short=Markup(render_template("staff/results/_in_short.html", **values)),  # noqa: S704 - escaped by Jinja
        suggestions=Markup(render_template("staff/results/_suggestions.html", **values)),  # noqa: S704 - likewise
        figures=Markup(render_template("staff/results/_figures.html", **values)),  # noqa: S704 - likewise
    )


def _suggestions(own: CellReport, courses: CourseList | None) -> tuple[FocusSuggestion, ...]:
    """Return the suggested focus areas of a community; a wider cell and a tiny community have none."""
    dimensions = highlights.suggested_dimensions(own)
    rows = {row.measure.dimension: row for row in reversed(highlights.areas_to_improve(own))}
    return tuple(
        FocusSuggestion(
            rows[dimension],
            highlights.focus_reason_sentence(rows[dimension]),
            _actions_for(dimension),
            next(iter(_courses_for(dimension, courses)), None),
        )
        for dimension in dimensions
    )


def _sections(own: CellReport, wide: CellReport, courses: CourseList | None) -> tuple[DimensionSection, ...]:
    suggested = highlights.suggested_dimensions(own)
    sections = []
    for row in highlights.rows_in_page_order(wide):
        charts = (dimension_chart_spec(wide, name, row.measure.id) for name in ("shares", "trends"))
        sections.append(
            DimensionSection(
                row,
                tuple(chart for chart in charts if chart is not None),
                _actions_for(row.measure.dimension),
                _courses_for(row.measure.dimension, courses),
                is_open=own is wide and row.measure.dimension in suggested,
            )
        )
    return tuple(sections)


def _actions_for(dimension: str) -> tuple[SuggestedAction, ...]:
    library = load_suggested_actions(settings().surveys)
    return tuple(action for action in library if action.dimension == dimension)[:MAX_ACTIONS]


def _courses_for(dimension: str, courses: CourseList | None) -> tuple[ListedCourse, ...]:
    if courses is None:
        return ()
    return tuple(listed for listed in courses.listed if listed.dimension == dimension)


def _scales_with_questions(publication: Publication, instrument: Instrument, cell: Cell) -> Sequence[str]:
    """Return the scales of which the cell publishes single questions."""
    published = {figure.measure for figure in publication.item_figures_in(cell)}
    return [scale.id for scale in instrument.scales if published.intersection(scale.items)]
