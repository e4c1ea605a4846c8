"""Results question by question: of a community, a municipality or the region, under the rules of the other results."""

from flask import Blueprint, Response, abort, render_template, url_for
from markupsafe import Markup

from app.core.accounts import Permission
from app.core.organisations import Unit
from app.core.publication import Cell, Level
from app.services.results import reach, tables
from app.services.results.finding import Found
from app.services.results.pictures import question_picture
from app.services.results.questions import Group, Questions, cell_with_questions, read_questions
from app.services.results.readings import name_of
from app.web.shared.access import account, allowed
from app.web.shared.kept import kept
from app.web.shared.languages import language
from app.web.staff import charts
from app.web.staff.results import READ, READ_WIDE, area_cell, cells_beside, find, find_unit, round_links, send_file

blueprint = Blueprint("questions", __name__, url_prefix="/staff/results")
PICTURE = "<name>-<any(wide, narrow):width>.svg"
FILE = "questions"


@blueprint.get("/<int:number>/community/<unit>/questions/")
@allowed(READ)
def community(number: int, unit: str) -> str:
    """Show one community's questions one by one, or the wider ones where it has too few answers for them."""
    found, home = find_unit(number, unit)
    return _page(found, Cell(Level.COMMUNITY, home.id), home)


@blueprint.get("/<int:number>/area/<any(municipality, region):level>/<unit>/questions/")
@allowed(READ_WIDE)
def area(number: int, level: str, unit: str) -> str:
    """Show the questions of a municipality, or of the whole region."""
    found = find(number)
    return _page(found, area_cell(found, level, unit), None)


@blueprint.get(f"/<int:number>/community/<unit>/questions/{PICTURE}")
@allowed(READ)
def community_picture(number: int, unit: str, name: str, width: str) -> Response:
    """Send the chart of one dimension's questions, of a community's page."""
    found, home = find_unit(number, unit)
    return _picture(found, Cell(Level.COMMUNITY, home.id), name, width)


@blueprint.get(f"/<int:number>/area/<any(municipality, region):level>/<unit>/questions/{PICTURE}")
@allowed(READ_WIDE)
def area_picture(number: int, level: str, unit: str, name: str, width: str) -> Response:
    """Send the chart of one dimension's questions, of a municipality's or the region's page."""
    found = find(number)
    return _picture(found, area_cell(found, level, unit), name, width)


@blueprint.get("/<int:number>/community/<unit>/questions.csv")
@allowed(Permission.EXPORT_RESULTS)
def community_file(number: int, unit: str) -> Response:
    """Send a community's questions, with those of its municipality and the region beside them, as CSV."""
    found, home = find_unit(number, unit)
    return send_file(found, _table(found, cells_beside(found, home)), f"{number}-{home.id}", begins=FILE)


@blueprint.get("/<int:number>/questions.csv")
@allowed(Permission.EXPORT_RESULTS)
def region_file(number: int) -> Response:
    """Send every question of the municipalities that the account may read."""
    found = find(number)
    if not reach.municipalities(account(), found.publication):
        abort(403)
    known = reach.cells(account(), found.publication)
    cells = [part.cell for part in found.publication.participation if part.cell in known]
    return send_file(found, _table(found, cells), str(number), begins=FILE)


def _page(found: Found, cell: Cell, unit: Unit | None) -> str:
    """Show one cell; all but the links to other rounds follows from frozen publications, and is rendered once."""
    frozen = (found.publication, *found.earlier)
    key = "questions", cell, language(), unit is None
    return render_template(
        "staff/results/questions.html",
        found=found,
        cell=cell,
        unit=unit,
        name=name_of(found.publication, cell),
        figures=Markup(kept(frozen, key, lambda: _figures(found, cell))),  # noqa: S704 - rendered, and so escaped
        rounds=round_links(),
    )


def _figures(found: Found, cell: Cell) -> str:
    read = _read(found, cell)
    if read is None:
        return render_template("staff/results/_no_questions.html", publication=found.publication)
    shown = [(group, question_picture(group, read.reading)) for group in read.groups]
    address = _own_address(found, cell)
    return render_template("staff/results/_questions.html", questions=read, own=cell, shown=shown, address=address)


def _own_address(found: Found, cell: Cell) -> str:
    number = found.publication.round
    if cell.level is Level.COMMUNITY:
        return url_for("questions.community", number=number, unit=cell.unit)
    return url_for("questions.area", number=number, level=cell.level.value, unit=cell.unit)


def _picture(found: Found, cell: Cell, name: str, width: str) -> Response:
    read = _read(found, cell)
    groups: tuple[Group, ...] = () if read is None else read.groups
    group = next((one for one in groups if one.word == name), None)
    return charts.send(None if read is None or group is None else question_picture(group, read.reading), width)


def _read(found: Found, cell: Cell) -> Questions | None:
    chosen = cell_with_questions(found.publication, cell)
    if chosen is None:
        return None
    return read_questions(
        found.publication, chosen, instrument=found.instrument, earlier=found.earlier, language=language()
    )


def _table(found: Found, cells: list[Cell]) -> str:
    return tables.questions_as_csv(found.publication, cells, instrument=found.instrument, language=language())
