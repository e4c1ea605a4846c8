"""Results as a workbook: of one community with what is around it, or of all that the account may read."""

from collections.abc import Collection

from flask import Blueprint, Response, abort

from app.core.accounts import Permission
from app.core.audit import Deed
from app.core.publication import Cell
from app.services import accounts
from app.services.results import reach
from app.services.results.finding import Found
from app.services.results.workbooks import Workbook
from app.store.database import transaction
from app.web.shared.access import account, allowed
from app.web.shared.door import now
from app.web.shared.languages import language
from app.web.staff.results import READ_WIDE, cells_beside, find, find_unit

blueprint = Blueprint("workbooks", __name__, url_prefix="/staff/results")
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/<int:number>/community/<unit>/figures.xlsx")
@allowed(Permission.EXPORT_RESULTS)
def community(number: int, unit: str) -> Response:
    """Send a community's figures, with those of its municipality and the region beside it."""
    found, home = find_unit(number, unit)
    return _send(found, cells_beside(found, home), f"{number}-{home.id}")


@blueprint.get("/<int:number>/figures.xlsx")
@allowed(Permission.EXPORT_RESULTS)
def region(number: int) -> Response:
    """Send every figure of the municipalities that the account may read."""
    found = find(number)
    if not reach.municipalities(account(), found.publication):
        abort(403)
    return _send(found, reach.cells(account(), found.publication), str(number))


def _send(found: Found, cells: Collection[Cell], name: str) -> Response:
    workbook = Workbook(
        found.publication,
        frozenset(cells),
        found.instrument,
        language(),
        {int(one.round): one.title for one in found.earlier},
        with_quality=account().may(READ_WIDE),
    )
    content = workbook.content()
    with transaction() as session:
        accounts.record(session, account().id, Deed.RESULTS_EXPORTED, f"round:{name}", now=now())
    answer = Response(content, mimetype=TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="results-{found.publication.round}.xlsx"'
    return answer
