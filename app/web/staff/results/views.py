"""Results pages: community, municipality, region, coordinator's table and files."""

from collections.abc import Sequence

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.comments import POOLED
from app.core.matching.recommendations import CourseList
from app.core.organisations import ReportingUnit
from app.core.other_surveys import ScaleMatch
from app.core.publication import Cell, Level, Publication, ReleasedSurveys, SurveyResult
from app.core.rounds import RoundId
from app.reports import exports, orientation, publication_lookup, quality_sentences, read_access, region_report
from app.reports.chart_specs import ChartSpec, chart_spec, dimension_chart_spec
from app.reports.impact_report import relative_weight_report
from app.reports.number_format import format_month
from app.reports.publication_lookup import PublicationContext
from app.reports.resembling_scales import resembling_scales
from app.reports.unit_report import cell_name
from app.services import accounts, comments, followup, matching, municipality, other_surveys
from app.store import publications
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, requires
from app.web.shared.app_context import now
from app.web.shared.fragment_cache import cached_fragment
from app.web.shared.languages import language
from app.web.shared.shared_staff_words import shared_staff_sentence
from app.web.shared.table_files import send_table
from app.web.shared.translated_texts import plain_round_title
from app.web.staff.results import charts
from app.web.staff.results.cell_page import cell_page_parts, own_report_and_fallback, region_in_short

blueprint = Blueprint("results", __name__, url_prefix="/staff/results")
READ = Permission.READ_COMMUNITY
READ_WIDE = Permission.READ_REGION
DIMENSION_PICTURE = "dimension/<measure>/<any(shares, trends):name>-<any(wide, narrow):width>.svg"
RoundLink = tuple[RoundId, str, str]
PICTURE = "<any(dimensions, shares, trends, plane):name>-<any(wide, narrow):width>.svg"


@blueprint.get("/")
@requires(READ)
def redirect_or_choose_results() -> ResponseReturnValue:
    """Redirect to the newest results that the account may read, or let it choose among its communities."""
    with read_session() as session:
        newest = publication_lookup.default_results_round_id(session, current_account())
        own = publication_lookup.newest_readable_survey_of_each_unit(session, current_account())
    if newest is None:
        return render_template("staff/results/none.html")
    if current_account().may(READ_WIDE):
        return redirect(url_for("results.region", number=newest))
    if len(own) == 1:
        return redirect(url_for("results.community", number=own[0].publication.round, unit=own[0].unit.id))
    return render_template("staff/results/choose.html", results=own)


@blueprint.get("/<int:number>")
@requires(READ_WIDE)
def region(number: int) -> ResponseReturnValue:
    """Show dimensions by communities, and the funnel of one dimension."""
    context = get_results_or_404(number)
    places = [
        municipality
        for municipality in context.publication.region.municipalities
        if has_permission_at(READ_WIDE, municipality=municipality.id)
    ]
    table = region_report.heat_table(
        context.publication,
        instrument=context.instrument,
        language=language(),
        by=request.args.get("by"),
        municipalities=[place.id for place in places],
        page=request.args.get("page", 1, type=int),
        size=region_report.ROWS_ON_A_PAGE,
    )
    reads_whole_region = has_permission_at(READ_WIDE)
    drawn = _funnel(context, table.sorted_by) if reads_whole_region else None
    pooled: tuple[str, ...] = ()
    if reads_whole_region:
        with read_session() as session:
            pooled = comments.released_comments(session, context.publication.round, POOLED)
    return render_template(
        "staff/results/region.html",
        found=context,
        table=table,
        funnel=drawn,
        places=places,
        rounds=round_links(),
        in_short=region_in_short(context),
        most_weaker=_most_weaker(context, tuple(place.id for place in places)),
        differences=_differences(context),
        impact=relative_weight_report(context.publication, instrument=context.instrument, language=language()),
        by_chance=quality_sentences.expected_outliers_sentence,
        has_pooled_comments=bool(pooled),
    )


@blueprint.get("/<int:number>/quality")
@requires(READ_WIDE)
def quality(number: int) -> ResponseReturnValue:
    """Show how far the figures may be trusted: response, what is withheld, reliability, differences."""
    context = get_results_or_404(number)
    places = {
        municipality.id
        for municipality in context.publication.region.municipalities
        if has_permission_at(READ_WIDE, municipality=municipality.id)
    }
    units = [unit for unit in context.publication.region.units if unit.municipality in places]
    parts = [(unit, context.publication.participation_of(Cell(Level.COMMUNITY, unit.id))) for unit in units]
    titles = orientation.scale_titles(context.instrument, language())
    return render_template(
        "staff/results/quality.html",
        found=context,
        publication=context.publication,
        parts=parts,
        titles=titles,
        counts=quality_sentences.disclosure_counts(context.publication, units),
        differences=_differences(context),
        reliability=quality_sentences.scale_reliability_sentence,
    )


@blueprint.get("/<int:number>/community/<unit>")
@requires(READ)
def community(number: int, unit: str) -> ResponseReturnValue:
    """Show one community's results: numbers, or placements, or the wider result."""
    context, home = get_results_and_unit_or_404(number, unit)
    cell = Cell(Level.COMMUNITY, home.id)
    with read_session() as session:
        latest = ReleasedSurveys.from_publications(context.current)
        result = matching.survey_result_for_course_list(latest, context.publication, home)
        # A joined community may since have become separate: readers of the joint result may not read its own.
        if result is not None and not read_access.may_read(current_account(), result.unit):
            result = None
        course_list = None if result is None else matching.course_list(session, result, now=now(), latest=latest)
        words = comments.released_comments(session, context.publication.round, home.id)
        next_step = followup.next_step(session, latest, context.publication, home)
        matches = other_surveys.crosswalk_of_municipalities(session, [home.municipality])
        responsible = municipality.shared_staff_responsibilities(session, home.communities)
    courses = None if result is None else _recommended(context.publication, result, course_list)
    return _page(
        context,
        cell,
        unit=home,
        matches=matches,
        links=round_links(context.current),
        courses=course_list,
        recommended=courses,
        has_comments=bool(words),
        next_step=next_step,
        shared_staff=shared_staff_sentence(responsible),
    )


@blueprint.get("/<int:number>/area/<any(municipality, region):level>/<unit>")
@requires(READ_WIDE)
def area(number: int, level: str, unit: str) -> ResponseReturnValue:
    """Show the results of a municipality, or of the whole region."""
    context = get_results_or_404(number)
    cell = get_area_cell_or_404(context, level, unit)
    places = (
        [unit]
        if cell.level is Level.MUNICIPALITY
        else [place.id for place in context.publication.region.municipalities]
    )
    with read_session() as session:
        matches = other_surveys.crosswalk_of_municipalities(session, places)
    return _page(context, cell, unit=None, matches=matches, links=round_links())


@blueprint.get(f"/<int:number>/community/<unit>/{PICTURE}")
@requires(READ)
def community_picture(number: int, unit: str, name: str, width: str) -> Response:
    """Send one chart of a community's page."""
    context, home = get_results_and_unit_or_404(number, unit)
    return _chart(context, Cell(Level.COMMUNITY, home.id), name, width)


@blueprint.get(f"/<int:number>/community/<unit>/{DIMENSION_PICTURE}")
@requires(READ)
def community_dimension_picture(number: int, unit: str, measure: str, name: str, width: str) -> Response:
    """Send one chart of one dimension of a community's page."""
    context, home = get_results_and_unit_or_404(number, unit)
    return _chart(context, Cell(Level.COMMUNITY, home.id), name, width, measure=measure)


@blueprint.get(f"/<int:number>/area/<any(municipality, region):level>/<unit>/{PICTURE}")
@requires(READ_WIDE)
def area_picture(number: int, level: str, unit: str, name: str, width: str) -> Response:
    """Send one chart of a municipality's or the region's page."""
    context = get_results_or_404(number)
    return _chart(context, get_area_cell_or_404(context, level, unit), name, width)


@blueprint.get(f"/<int:number>/area/<any(municipality, region):level>/<unit>/{DIMENSION_PICTURE}")
@requires(READ_WIDE)
def area_dimension_picture(number: int, level: str, unit: str, measure: str, name: str, width: str) -> Response:
    """Send one chart of one dimension of a municipality's or the region's page."""
    context = get_results_or_404(number)
    return _chart(context, get_area_cell_or_404(context, level, unit), name, width, measure=measure)


@blueprint.get("/<int:number>/funnel/<measure>-<any(wide, narrow):width>.svg")
@requires(READ_WIDE)
def funnel_picture(number: int, measure: str, width: str) -> Response:
    """Send the funnel of one dimension, to those who may see every community."""
    if not has_permission_at(READ_WIDE):
        abort(403)
    context = get_results_or_404(number)
    if measure not in {scale.id for scale in context.publication.scales}:
        abort(404)
    return charts.send_chart(_funnel(context, measure), width)


@blueprint.get("/<int:number>/community/<unit>/figures.csv")
@requires(Permission.EXPORT_RESULTS)
def community_file(number: int, unit: str) -> Response:
    """Send a community's figures, with its municipality and the region beside it, as CSV; `workbooks` has XLSX."""
    context, home = get_results_and_unit_or_404(number, unit)
    rows = exports.scale_figure_table(context.publication, unit_and_wider_cells(context, home))
    return send_and_audit_results(context, rows, f"{number}-{home.id}", kind="csv")


@blueprint.get("/<int:number>/figures.csv")
@requires(Permission.EXPORT_RESULTS)
def all_readable_figures_file(number: int) -> Response:
    """Send every figure of the municipalities that the account may read."""
    context = get_results_or_404(number)
    if not read_access.fully_readable_municipalities(current_account(), context.publication):
        abort(403)
    cells = read_access.readable_cells(current_account(), context.publication)
    return send_and_audit_results(
        context, exports.scale_figure_table(context.publication, cells), str(number), kind="csv"
    )


def get_results_or_404(number: int) -> PublicationContext:
    """Return a round's results; 404 before the count, and before the release for those who only read.

    410 with a page that says so where other results replaced them.
    """
    with read_session() as session:
        context = publication_lookup.find_publication_context(session, RoundId(number))
        replaced = None if context else publications.find_replacement(session, RoundId(number))
    if replaced is not None:
        abort(make_response(render_template("staff/results/replaced.html", replaced=replaced), 410))
    if context is None or not (context.released or current_account().may(READ_WIDE)):
        abort(404)
    return context


def get_results_and_unit_or_404(number: int, name: str) -> tuple[PublicationContext, ReportingUnit]:
    """Return a round's results and one of its units; 403 where the account may not read it."""
    context = get_results_or_404(number)
    unit = publication_lookup.find_reporting_unit(context.publication, name)
    if unit is None:
        abort(404)
    if not read_access.may_read(current_account(), unit):
        abort(403)
    return context, unit


def unit_and_wider_cells(context: PublicationContext, home: ReportingUnit) -> list[Cell]:
    """Return a unit's own cell and those of its municipality and the region."""
    own = Cell(Level.COMMUNITY, home.id)
    around = Cell(Level.MUNICIPALITY, home.municipality)
    return [own, around, context.publication.region_cell]


def get_area_cell_or_404(context: PublicationContext, level: str, name: str) -> Cell:
    """Return the cell of a municipality or the region; 404 where there is none, 403 where it may not be read."""
    cell = publication_lookup.find_cell(context.publication, Level(level), name)
    if cell is None or cell.unit != name:
        abort(404)
    if cell.level is Level.MUNICIPALITY and not has_permission_at(READ_WIDE, municipality=name):
        abort(403)
    return cell


def _page(
    context: PublicationContext,
    cell: Cell,
    *,
    unit: ReportingUnit | None,
    matches: Sequence[ScaleMatch],
    links: Sequence[RoundLink],
    courses: CourseList | None = None,
    **more: object,
) -> str:
    """Show one cell; what comes from the frozen publications alone is rendered once."""
    return render_template(
        "staff/results/cell.html",
        found=context,
        cell=cell,
        name=cell_name(context.publication, cell),
        unit=unit,
        parts=cell_page_parts(context, cell, unit=unit, courses=courses),
        rounds=links,
        resembling=resembling_scales(context.publication, context.instrument, matches, language()),
        **more,
    )


def _chart(context: PublicationContext, cell: Cell, name: str, width: str, *, measure: str | None = None) -> Response:
    """Send one chart; only this chart is made."""
    _own, wide = own_report_and_fallback(context, cell)
    if measure is None:
        return charts.send_chart(chart_spec(wide, name), width)
    return charts.send_chart(dimension_chart_spec(wide, name, measure), width)


def _recommended(shown: Publication, result: SurveyResult, course_list: CourseList | None) -> Markup:
    """Show a unit's list; the same list is rendered once.

    The page says which survey the list rests on where it is not the round that the page shows.
    """
    other = None if result.publication.round == shown.round else plain_round_title(result.publication)

    def show() -> str:
        return render_template("staff/matching/_recommended.html", list=course_list, brief=True, survey=other)

    if course_list is None:
        return Markup(show())  # noqa: S704 - it was rendered, and so escaped
    text = cached_fragment((course_list,), ("courses", language(), other), show)
    return Markup(text)  # noqa: S704 - it was rendered, and so escaped, just above


def _differences(context: PublicationContext) -> str:
    return quality_sentences.differences_sentence(
        context.publication, instrument=context.instrument, language=language()
    )


def _most_weaker(context: PublicationContext, municipalities: tuple[str, ...]) -> list[str]:
    """Return in which dimensions most communities are weaker; it reads every community, so it is kept."""

    def sentences() -> list[str]:
        table = region_report.heat_table(
            context.publication,
            instrument=context.instrument,
            language=language(),
            by=None,
            municipalities=municipalities,
        )
        return region_report.commonly_weaker_dimension_sentences(table)

    key = ("most weaker", municipalities, language())
    return cached_fragment((context.publication, context.instrument), key, sentences)


def _funnel(context: PublicationContext, measure: str) -> ChartSpec | None:
    """Return the funnel of one dimension; it reads every community, so it is kept."""
    (funnel,) = cached_fragment(
        (context.publication, context.instrument),
        ("funnel", measure, language()),
        lambda: (
            region_report.funnel_chart_spec(
                context.publication, instrument=context.instrument, language=language(), by=measure
            ),
        ),
    )
    return funnel


def round_links(released: Sequence[Publication] | None = None) -> list[RoundLink]:
    """Return the rounds to go to with their titles and, for little room, their months where these differ.

    `released` are the current publications, oldest first, where the caller has read them already.
    """
    unreleased = current_account().may(READ_WIDE)
    if released is not None and not unreleased:
        known = tuple(reversed(released))
    else:
        with read_session() as session:
            known = publication_lookup.selectable_publications(session, unreleased=unreleased)
    months = [format_month(publication.round_opened_at) for publication in known]
    return [
        (
            publication.round,
            plain_round_title(publication),
            label if months.count(label) == 1 else plain_round_title(publication),
        )
        for publication, label in zip(known, months, strict=True)
    ]


def send_and_audit_results(
    context: PublicationContext, rows: exports.Table, name: str, *, kind: str, begins: str = "results"
) -> Response:
    """Send figures as a file and record the export in the audit log."""
    with write_session() as session:
        accounts.record_audit_event(
            session, current_account().id, AuditEvent.RESULTS_EXPORTED, f"round:{name}", now=now()
        )
    return send_table(rows, kind=kind, name=f"{begins}-{context.publication.round}", sheet=begins)
