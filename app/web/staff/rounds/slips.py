"""Slips with access codes, shown once: a PDF for a unit or a ZIP file for a municipality."""

import io
import zipfile
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import secure_filename

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.organisations import ReportingUnit
from app.core.rounds import KeyMode, Round, RoundError, RoundState
from app.render.printable import unprintable_characters
from app.render.slips import SlipBatch, slips_pdf
from app.services import accounts, rounds
from app.services import slips as service
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now, secret, settings
from app.web.shared.languages import language
from app.web.shared.round_faults import fault_sentence
from app.web.staff.rounds.views import get_round_or_404, permitted_units_by_municipality

blueprint = Blueprint("slips", __name__, url_prefix="/staff/rounds")
ISSUE = Permission.ISSUE_CODES
AGAIN = "again"


@blueprint.get("/<int:number>/slips")
@requires(ISSUE)
def index(number: int) -> ResponseReturnValue:
    """List the units of an open round for which the account may print slips."""
    round_ = get_round_or_404(number)
    with read_session() as session:
        rehearsed = round_.key_mode is KeyMode.AUTOMATIC or rounds.are_key_backups_verified(session, round_.id)
        printed_units = service.units_with_slips(session, round_.id)
    ready = rehearsed and round_.state is RoundState.OPEN and round_.accepts_answers(now())
    places = permitted_units_by_municipality(round_, ISSUE)
    names = [unit.name for _municipality, units in places for unit in units]
    return render_template(
        "staff/rounds/slips.html",
        round=round_,
        places=places,
        ready=ready,
        printed=printed_units,
        replaced=unprintable_characters(*round_.translated_title.distinct_texts, *names, settings().service_name),
    )


@blueprint.post("/<int:number>/slips/unit/<unit>")
@requires(ISSUE)
def issue_unit_slips(number: int, unit: str) -> ResponseReturnValue:
    """Draw new codes for one unit and send its slips as a PDF; ask first if earlier slips become invalid."""
    round_ = get_round_or_404(number)
    try:
        reporting_unit = round_.get_unit(unit)
    except RoundError:
        abort(404)
    require_permission_at(ISSUE, municipality=reporting_unit.municipality, community=reporting_unit.id)
    if page := _confirm_page(round_, [reporting_unit]):
        return page
    try:
        return _attachment(
            _issue_and_render(round_, reporting_unit), f"{_file_name(round_, reporting_unit)}.pdf", "application/pdf"
        )
    except RoundError as refused:
        return _show_error(round_, refused)


@blueprint.post("/<int:number>/slips/municipality/<municipality>")
@requires(ISSUE)
def issue_municipality_slips(number: int, municipality: str) -> ResponseReturnValue:
    """Draw new codes for all units of a municipality and send a ZIP file of PDFs; ask first, as for one."""
    round_ = get_round_or_404(number)
    units = round_.boundaries.units_of(municipality) if round_.boundaries else ()
    if not units:
        abort(404)
    require_permission_at(ISSUE, municipality=municipality)
    if page := _confirm_page(round_, units):
        return page
    try:
        return _attachment(_zip_bundle(round_, units), f"{secure_filename(municipality)}.zip", "application/zip")
    except RoundError as refused:
        return _show_error(round_, refused)


def _confirm_page(round_: Round, units: Sequence[ReportingUnit]) -> str:
    """Return a confirmation page if slips may already have been handed out, else None."""
    if request.form.get(AGAIN):
        return ""
    with read_session() as session:
        printed_units = service.units_with_slips(session, round_.id)
    names = ", ".join(unit.name for unit in units if unit.id in printed_units)
    if not names:
        return ""
    return render_template(
        "staff/confirm.html",
        heading=gettext("Print new slips?"),
        sentences=[
            gettext("Slips have already been printed: %(names)s.", names=names),
            gettext("New slips have new codes. Earlier slips that have not been used stop working immediately."),
            gettext("Collect them, or ask everyone to wait for the new ones. Answers already sent remain."),
        ],
        yes=gettext("Yes, print new slips"),
        back=url_for("slips.index", number=round_.id),
        is_dangerous=True,
        hidden={AGAIN: "1"},
    )


def _zip_bundle(round_: Round, units: Sequence[ReportingUnit]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for unit in units:
            packed.writestr(f"{_file_name(round_, unit)}.pdf", _issue_and_render(round_, unit))
    return file.getvalue()


def _issue_and_render(round_: Round, unit: ReportingUnit) -> bytes:
    """Draw the codes of a unit and render its slips; if rendering fails, the old codes stay valid."""
    # One transaction per unit: respondents wait for at most one of them.
    with write_session() as session:
        codes = rounds.issue_slip_codes(session, round_.id, unit.id, secret=secret(), now=now())
        accounts.record_audit_event(
            session, current_account().id, AuditEvent.CODES_ISSUED, f"round:{round_.id} unit:{unit.id}", now=now()
        )
        return slips_pdf(_batch(round_, unit, codes), zone=ZoneInfo(settings().time_zone), now=now())


def _show_error(round_: Round, error: RoundError) -> ResponseReturnValue:
    flash(fault_sentence(error), "warning")
    return redirect(url_for("slips.index", number=round_.id))


def _batch(round_: Round, unit: ReportingUnit, codes: Sequence[str]) -> SlipBatch:
    title, *further_titles = round_.translated_title.distinct_texts
    return SlipBatch(
        service=settings().service_name,
        round_title=title,
        further_titles=further_titles,
        community=unit.name,
        codes=codes,
        closes_at=round_.closes_at,
        base_url=settings().base_url,
        language=language(),
    )


def _file_name(round_: Round, unit: ReportingUnit) -> str:
    return secure_filename(f"{round_.id}-{unit.id}-{unit.name}")[:80]


def _attachment(content: bytes, name: str, kind: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
