"""Results question by question: of a community, a municipality or the region, under the rules of the other results."""

from flask import Blueprint, Response, abort, render_template, url_for
from markupsafe import Markup

from app.core.accounts import Permission
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, Level
from app.services.results import exports, read_access
from app.services.results.cell_report import name_of
from app.services.results.chart_specs import question_chart
from app.services.results.publication_lookup import PublicationContext
from app.services.results.questions import QuestionGroup, QuestionReport, cell_with_questions, question_report
from app.web.shared.access import account, requires
from app.web.shared.fragment_cache import cached_fragment
from app.web.shared.languages import language
from app.web.staff import charts
from app.web.staff.results import READ, READ_WIDE, area_cell, cells_beside, find, find_unit, round_links, send_file

blueprint = Blueprint("questions", __name__, url_prefix="/staff/results")
PICTURE = "<name>-<any(wide, narrow):width>.svg"
FILE = "questions"


@blueprint.get("/<int:number>/community/<unit>/questions/")
@requires(READ)
def community(number: int, unit: str) -> str:
    """Show one community's questions one by one, or the wider ones where it has too few answers for them."""
    found, home = find_unit(number, unit)
    return _page(found, Cell(Level.COMMUNITY, home.id), home)


@blueprint.get("/<int:number>/area/<any(municipality, region):level>/<unit>/questions/")
@requires(READ_WIDE)
def area(number: int, level: str, unit: str) -> str:
    """Show the questions of a municipality, or of the whole region."""
    found = find(number)
    return _page(found, area_cell(found, level, unit), None)


@blueprint.get(f"/<int:number>/community/<unit>/questions/{PICTURE}")
@requires(READ)
def community_picture(number: int, unit: str, name: str, width: str) -> Response:
    """Send the chart of one dimension's questions, of a community's page."""
    found, home = find_unit(number, unit)
    return _picture(found, Cell(Level.COMMUNITY, home.id), name, width)


@blueprint.get(f"/<int:number>/area/<any(municipality, region):level>/<unit>/questions/{PICTURE}")
@requires(READ_WIDE)
def area_picture(number: int, level: str, unit: str, name: str, width: str) -> Response:
    """Send the chart of one dimension's questions, of a municipality's or the region's page."""
    found = find(number)
    return _picture(found, area_cell(found, level, unit), name, width)


@blueprint.get("/<int:number>/community/<unit>/questions.csv")
@requires(Permission.EXPORT_RESULTS)
def community_file(number: int, unit: str) -> Response:
    """Send a community's questions, with those of its municipality and the region beside them, as CSV."""
    found, home = find_unit(number, unit)
    return send_file(found, _table(found, cells_beside(found, home)), f"{number}-{home.id}", begins=FILE)


@blueprint.get("/<int:number>/questions.csv")
@requires(Permission.EXPORT_RESULTS)
def region_file(number: int) -> Response:
    """Send every question of the municipalities that the account may read."""
    found = find(number)
    if not read_access.readable_municipalities(account(), found.publication):
        abort(403)
    known = read_access.readable_cells(account(), found.publication)
    cells = [part.cell for part in found.publication.participation if part.cell in known]
    return send_file(found, _table(found, cells), str(number), begins=FILE)


def _page(found: PublicationContext, cell: Cell, unit: ReportingUnit | None) -> str:
    """Show one cell; all but the links to other rounds follows from frozen publications, and is rendered once."""
    frozen = (found.publication, *found.earlier)
    key = "questions", cell, language(), unit is None
    return render_template(
        "staff/results/questions.html",
        found=found,
        cell=cell,
        unit=unit,
        name=name_of(found.publication, cell),
        figures=Markup(cached_fragment(frozen, key, lambda: _figures(found, cell))),  # noqa: S704 - rendered, and so escaped
        rounds=round_links(),
    )


def _figures(found: PublicationContext, cell: Cell) -> str:
    read = _read(found, cell)
    if read is None:
        return render_template("staff/results/_no_questions.html", publication=found.publication)
    shown = [(group, question_chart(group, read.reading)) for group in read.groups]
    address = _own_address(found, cell)
    return render_template("staff/results/_questions.html", questions=read, own=cell, shown=shown, address=address)


def _own_address(found: PublicationContext, cell: Cell) -> str:
    number = found.publication.round
    if cell.level is Level.COMMUNITY:
        return url_for("questions.community", number=number, unit=cell.unit)
    return url_for("questions.area", number=number, level=cell.level.value, unit=cell.unit)


def _picture(found: PublicationContext, cell: Cell, name: str, width: str) -> Response:
    read = _read(found, cell)
    groups: tuple[QuestionGroup, ...] = () if read is None else read.groups
    group = next((one for one in groups if one.word == name), None)
    return charts.send(None if read is None or group is None else question_chart(group, read.reading), width)


def _read(found: PublicationContext, cell: Cell) -> QuestionReport | None:
    chosen = cell_with_questions(found.publication, cell)
    if chosen is None:
        return None
    return question_report(
        found.publication, chosen, instrument=found.instrument, earlier=found.earlier, language=language()
    )


def _table(found: PublicationContext, cells: list[Cell]) -> str:
    return exports.export_questions_csv(found.publication, cells, instrument=found.instrument, language=language())
