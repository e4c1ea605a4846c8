"""Result workbooks: of one community in its context, or of everything that the account may read."""

from collections.abc import Collection

from flask import Blueprint, Response, abort

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.publication import Cell
from app.reports import read_access
from app.reports.publication_lookup import PublicationContext
from app.reports.questionnaire_change import questionnaire_change
from app.reports.workbooks import PublicationWorkbook
from app.services import accounts
from app.store.database import write_session
from app.web.shared.access import current_account, requires
from app.web.shared.app_context import now
from app.web.shared.languages import language
from app.web.shared.translated_texts import plain_round_title
from app.web.staff.results.views import READ_WIDE, get_results_and_unit_or_404, get_results_or_404, unit_and_wider_cells

blueprint = Blueprint("workbooks", __name__, url_prefix="/staff/results")
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/<int:number>/community/<unit>/figures.xlsx")
@requires(Permission.EXPORT_RESULTS)
def community(number: int, unit: str) -> Response:
    """Send a community's figures, with those of its municipality and the region beside it."""
    context, home = get_results_and_unit_or_404(number, unit)
    return _send(context, unit_and_wider_cells(context, home), f"{number}-{home.id}")


@blueprint.get("/<int:number>/figures.xlsx")
@requires(Permission.EXPORT_RESULTS)
def all_readable_figures_workbook(number: int) -> Response:
    """Send every figure of the municipalities that the account may read."""
    context = get_results_or_404(number)
    if not read_access.fully_readable_municipalities(current_account(), context.publication):
        abort(403)
    return _send(context, read_access.readable_cells(current_account(), context.publication), str(number))


def _send(context: PublicationContext, cells: Collection[Cell], name: str) -> Response:
    workbook = PublicationWorkbook(
        context.publication,
        frozenset(cells),
        context.instrument,
        language(),
        {int(publication.round): plain_round_title(publication) for publication in context.earlier},
        with_quality=current_account().may(READ_WIDE),
        change=questionnaire_change(context.publication, context.earlier),
    )
    content = workbook.content()
    with write_session() as session:
        accounts.record_audit_event(
            session, current_account().id, AuditEvent.RESULTS_EXPORTED, f"round:{name}", now=now()
        )
    answer = Response(content, mimetype=TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="results-{context.publication.round}.xlsx"'
    return answer
