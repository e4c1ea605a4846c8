"""Slips with codes: shown once, as a PDF for a community or a bundle for a municipality."""

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
from app.render.printable import unprintable
from app.render.slips import SlipBatch, slips_pdf
from app.services import accounts, rounds
from app.services import slips as service
from app.store.database import read_session, write_session
from app.web.shared.access import account, require_place, requires
from app.web.shared.app_context import now, secret, settings
from app.web.shared.languages import language
from app.web.shared.round_faults import sentence
from app.web.staff.rounds import find, places_of

blueprint = Blueprint("slips", __name__, url_prefix="/staff/rounds")
ISSUE = Permission.ISSUE_CODES
AGAIN = "again"


@blueprint.get("/<int:number>/slips")
@requires(ISSUE)
def index(number: int) -> ResponseReturnValue:
    """List the units of an open round whose slips the account may print."""
    round_ = find(number)
    with read_session() as session:
        rehearsed = round_.key_mode is KeyMode.AUTOMATIC or rounds.is_key_tested(session, round_.id)
        printed = service.units_with_slips(session, round_.id)
    ready = rehearsed and round_.state is RoundState.OPEN and round_.accepts_answers(now())
    places = places_of(round_, ISSUE)
    names = [unit.name for _municipality, units in places for unit in units]
    return render_template(
        "staff/rounds/slips.html",
        round=round_,
        places=places,
        ready=ready,
        printed=printed,
        replaced=unprintable(round_.title, *names, settings().service_name),
    )


@blueprint.post("/<int:number>/slips/unit/<unit>")
@requires(ISSUE)
def one(number: int, unit: str) -> ResponseReturnValue:
    """Draw new codes for one unit and hand out its slips as a PDF; ask first where that ends slips of before."""
    round_ = find(number)
    try:
        found_unit = round_.unit(unit)
    except RoundError:
        abort(404)
    require_place(ISSUE, municipality=found_unit.municipality, community=found_unit.id)
    if asked := _asked(round_, [found_unit]):
        return asked
    try:
        return _attachment(_print(round_, found_unit), f"{_file_name(round_, found_unit)}.pdf", "application/pdf")
    except RoundError as refused:
        return _refused(round_, refused)


@blueprint.post("/<int:number>/slips/municipality/<municipality>")
@requires(ISSUE)
def bundle(number: int, municipality: str) -> ResponseReturnValue:
    """Draw new codes for every unit of a municipality as one bundle of PDFs; ask first, as for one."""
    round_ = find(number)
    units = round_.boundaries.units_of(municipality) if round_.boundaries else ()
    if not units:
        abort(404)
    require_place(ISSUE, municipality=municipality)
    if asked := _asked(round_, units):
        return asked
    try:
        return _attachment(_pack(round_, units), f"{secure_filename(municipality)}.zip", "application/zip")
    except RoundError as refused:
        return _refused(round_, refused)


def _asked(round_: Round, units: Sequence[ReportingUnit]) -> str:
    """Return a page that asks whether to print again, where slips may be in people's hands; else nothing."""
    if request.form.get(AGAIN):
        return ""
    with read_session() as session:
        held = service.units_with_slips(session, round_.id)
    names = ", ".join(unit.name for unit in units if unit.id in held)
    if not names:
        return ""
    return render_template(
        "staff/confirm.html",
        heading=gettext("Print new slips?"),
        told=[
            gettext("Slips have already been printed: %(names)s.", names=names),
            gettext("New slips have new codes. Earlier slips that have not been used stop working immediately."),
            gettext("Collect them, or ask everyone to wait for the new ones. Answers already sent remain."),
        ],
        yes=gettext("Yes, print new slips"),
        back=url_for("slips.index", number=round_.id),
        is_dangerous=True,
        hidden={AGAIN: "1"},
    )


def _pack(round_: Round, units: Sequence[ReportingUnit]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for unit in units:
            packed.writestr(f"{_file_name(round_, unit)}.pdf", _print(round_, unit))
    return file.getvalue()


def _print(round_: Round, unit: ReportingUnit) -> bytes:
    """Draw the codes of a unit and print them; if the printing fails, the codes of before stay valid."""
    # A transaction for each unit: those who are answering meanwhile wait for no more than one of them.
    with write_session() as session:
        codes = rounds.issue_slip_codes(session, round_.id, unit.id, secret=secret(), now=now())
        accounts.record(session, account().id, AuditEvent.CODES_ISSUED, f"round:{round_.id} unit:{unit.id}", now=now())
        return slips_pdf(_batch(round_, unit, codes), zone=ZoneInfo(settings().time_zone), now=now())


def _refused(round_: Round, refused: RoundError) -> ResponseReturnValue:
    flash(sentence(refused), "warning")
    return redirect(url_for("slips.index", number=round_.id))


def _batch(round_: Round, unit: ReportingUnit, codes: Sequence[str]) -> SlipBatch:
    return SlipBatch(
        service=settings().service_name,
        round_title=round_.title,
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
