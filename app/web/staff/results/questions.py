"""Results by question, under the same disclosure rules as other results."""

from flask import Blueprint, Response, abort, render_template, url_for
from markupsafe import Markup

from app.core.accounts import Permission
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, Level
from app.reports import exports, read_access
from app.reports.chart_specs import question_group_chart_spec
from app.reports.publication_lookup import PublicationContext
from app.reports.questions import QuestionGroup, QuestionReport, find_cell_with_questions, question_report
from app.reports.unit_report import cell_name
from app.services import municipality
from app.store.database import read_session
from app.web.shared.access import current_account, requires
from app.web.shared.fragment_cache import cached_fragment
from app.web.shared.languages import language
from app.web.shared.shared_staff_words import shared_staff_sentence
from app.web.staff.results import charts
from app.web.staff.results.views import (
    READ,
    READ_WIDE,
    get_area_cell_or_404,
    get_results_and_unit_or_404,
    get_results_or_404,
    round_links,
    send_and_audit_results,
    unit_and_wider_cells,
)

blueprint = Blueprint("questions", __name__, url_prefix="/staff/results")
PICTURE = "<name>-<any(wide, narrow):width>.svg"
FILE = "questions"


@blueprint.get("/<int:number>/community/<unit>/questions/")
@requires(READ)
def community(number: int, unit: str) -> str:
    """Show one community's questions one by one, or the wider ones where it has too few answers for them."""
    context, home = get_results_and_unit_or_404(number, unit)
    return _page(context, Cell(Level.COMMUNITY, home.id), home)


@blueprint.get("/<int:number>/area/<any(municipality, region):level>/<unit>/questions/")
@requires(READ_WIDE)
def area(number: int, level: str, unit: str) -> str:
    """Show the questions of a municipality, or of the whole region."""
    context = get_results_or_404(number)
    return _page(context, get_area_cell_or_404(context, level, unit), None)


@blueprint.get(f"/<int:number>/community/<unit>/questions/{PICTURE}")
@requires(READ)
def community_picture(number: int, unit: str, name: str, width: str) -> Response:
    """Send the chart of one dimension's questions, of a community's page."""
    context, home = get_results_and_unit_or_404(number, unit)
    return _picture(context, Cell(Level.COMMUNITY, home.id), name, width)


@blueprint.get(f"/<int:number>/area/<any(municipality, region):level>/<unit>/questions/{PICTURE}")
@requires(READ_WIDE)
def area_picture(number: int, level: str, unit: str, name: str, width: str) -> Response:
    """Send the chart of one dimension's questions, of a municipality's or the region's page."""
    context = get_results_or_404(number)
    return _picture(context, get_area_cell_or_404(context, level, unit), name, width)


@blueprint.get("/<int:number>/community/<unit>/questions.<any(csv, xlsx):kind>")
@requires(Permission.EXPORT_RESULTS)
def community_file(number: int, unit: str, kind: str) -> Response:
    """Send a community's questions, with those of its municipality and the region beside them, as CSV or XLSX."""
    context, home = get_results_and_unit_or_404(number, unit)
    rows = _table(context, unit_and_wider_cells(context, home))
    return send_and_audit_results(context, rows, f"{number}-{home.id}", kind=kind, begins=FILE)


@blueprint.get("/<int:number>/questions.<any(csv, xlsx):kind>")
@requires(Permission.EXPORT_RESULTS)
def all_readable_questions_file(number: int, kind: str) -> Response:
    """Send every question of the municipalities that the account may read."""
    context = get_results_or_404(number)
    if not read_access.fully_readable_municipalities(current_account(), context.publication):
        abort(403)
    known = read_access.readable_cells(current_account(), context.publication)
    cells = [cell for cell in context.publication.cells if cell in known]
    return send_and_audit_results(context, _table(context, cells), str(number), kind=kind, begins=FILE)


def _page(context: PublicationContext, cell: Cell, unit: ReportingUnit | None) -> str:
    """Show one cell; all but the links to other rounds follows from frozen publications, and is rendered once."""
    frozen = (context.publication, *context.earlier)
    key = "questions", cell, language(), unit is None
    return render_template(
        "staff/results/questions.html",
        found=context,
        cell=cell,
        unit=unit,
        name=cell_name(context.publication, cell),
        figures=Markup(cached_fragment(frozen, key, lambda: _figures(context, cell))),  # noqa: S704 - rendered, and so escaped
        rounds=round_links(),
        shared_staff=_shared_staff(unit),
    )


def _shared_staff(unit: ReportingUnit | None) -> str:
    if unit is None:
        return ""
    with read_session() as session:
        return shared_staff_sentence(municipality.shared_staff_responsibilities(session, unit.communities))


def _figures(context: PublicationContext, cell: Cell) -> str:
    read = _read(context, cell)
    if read is None:
        return render_template("staff/results/_no_questions.html", publication=context.publication)
    shown = [(group, question_group_chart_spec(group, read.report)) for group in read.groups]
    address = _own_address(context, cell)
    return render_template("staff/results/_questions.html", questions=read, own=cell, shown=shown, address=address)


def _own_address(context: PublicationContext, cell: Cell) -> str:
    number = context.publication.round
    if cell.level is Level.COMMUNITY:
        return url_for("questions.community", number=number, unit=cell.unit)
    return url_for("questions.area", number=number, level=cell.level.value, unit=cell.unit)


def _picture(context: PublicationContext, cell: Cell, name: str, width: str) -> Response:
    read = _read(context, cell)
    groups: tuple[QuestionGroup, ...] = () if read is None else read.groups
    group = next((group for group in groups if group.slug == name), None)
    return charts.send_chart(
        None if read is None or group is None else question_group_chart_spec(group, read.report), width
    )


def _read(context: PublicationContext, cell: Cell) -> QuestionReport | None:
    found_cell = find_cell_with_questions(context.publication, cell)
    if found_cell is None:
        return None
    return question_report(
        context.publication, found_cell, instrument=context.instrument, earlier=context.earlier, language=language()
    )


def _table(context: PublicationContext, cells: list[Cell]) -> exports.Table:
    return exports.question_table(context.publication, cells, instrument=context.instrument, language=language())
