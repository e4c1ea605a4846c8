"""Dossier for external funding, in three languages."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from app.core.accounts import Permission
from app.core.languages import Language
from app.reports import orientation
from app.services import dossier
from app.store.database import read_session
from app.web.shared.access import require_permission_at, requires
from app.web.shared.app_context import now, settings

blueprint = Blueprint("dossier", __name__, url_prefix="/staff/dossier")
READ = Permission.READ_MATCHING
TYPES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@blueprint.get("/")
@requires(READ)
def index() -> ResponseReturnValue:
    """Show the contents of the dossier and links to its files."""
    require_permission_at(READ)
    with read_session() as session:
        found_dossier = dossier.gather_funding_dossier(session, now=now())
    if found_dossier is None:
        return render_template("staff/matching/nothing.html")
    return render_template("staff/dossier/index.html", dossier=orientation.orient_dossier(found_dossier))


@blueprint.get("/<any(fi, sv, en):spoken>.<any(pdf, xlsx):kind>")
@requires(READ)
def download(spoken: str, kind: str) -> ResponseReturnValue:
    """Hand out the dossier as a document or a workbook, in one language."""
    require_permission_at(READ)
    with read_session() as session:
        found_dossier = dossier.gather_funding_dossier(session, now=now())
    if found_dossier is None:
        abort(404)
    zone = ZoneInfo(settings().time_zone)
    make = dossier.export_pdf if kind == "pdf" else dossier.export_xlsx
    name = f"voimavara-{now():%Y-%m-%d}-{spoken}.{kind}"
    headers = {"Content-Type": TYPES[kind], "Content-Disposition": f"attachment; filename={name}"}
    return Response(make(orientation.orient_dossier(found_dossier), Language(spoken), zone=zone), headers=headers)
