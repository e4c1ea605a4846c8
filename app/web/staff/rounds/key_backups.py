"""PDF files of key backups and of the certificate of the count."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from app.core.accounts import Permission
from app.core.rounds import KeyMode
from app.render.key_backups import KeySheetPage, certificate_pdf, key_sheets_pdf
from app.services import counting, processes
from app.store.database import read_session
from app.vault.round_keys import InvalidKey, key_backup_from_text
from app.web.shared.access import require_permission_at, requires
from app.web.shared.app_context import now, settings
from app.web.shared.languages import language
from app.web.shared.translated_texts import plain_round_title
from app.web.staff.rounds.views import get_round_or_404

blueprint = Blueprint("key_backups", __name__, url_prefix="/staff/rounds")


@blueprint.post("/<int:number>/key/sheet.pdf")
@requires(Permission.OPEN_ROUND)
def key_sheets_pdf_from_form(number: int) -> ResponseReturnValue:
    """Send the key backups that the form contains as a PDF; the service has not stored them."""
    require_permission_at(Permission.OPEN_ROUND)
    round_ = get_round_or_404(number)
    try:
        key_backups = [key_backup_from_text(text) for text in request.form.getlist("sheet")[:2]]
    except InvalidKey:
        abort(400)
    if not key_backups:
        abort(400)
    result = key_sheets_pdf(
        [KeySheetPage(key_backup.lines, key_backup.payload) for key_backup in key_backups],
        service=settings().service_name,
        title=plain_round_title(round_),
        closes_at=round_.closes_at,
        zone=ZoneInfo(settings().time_zone),
        now=now(),
        language=language(),
        recovery=round_.key_mode is KeyMode.AUTOMATIC,
    )
    return _attachment(result, f"key-{number}.pdf")


@blueprint.get("/<int:number>/certificate.pdf")
@requires(Permission.COUNT_ROUND)
def count_certificate_pdf(number: int) -> ResponseReturnValue:
    """Send the certificate of a count as a PDF."""
    require_permission_at(Permission.COUNT_ROUND)
    round_ = get_round_or_404(number)
    with read_session() as session:
        counted = counting.find_certificate(session, round_.id)
        unreplaced_hosts = (
            processes.hosts_with_processes_running_since_count(session, counted) if counted is not None else ()
        )
    if counted is None:
        abort(404)
    result = certificate_pdf(
        counted,
        left=unreplaced_hosts,
        service=settings().service_name,
        title=plain_round_title(round_),
        zone=ZoneInfo(settings().time_zone),
        now=now(),
        language=language(),
    )
    return _attachment(result, f"certificate-{number}.pdf")


def _attachment(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="application/pdf", headers=headers)
