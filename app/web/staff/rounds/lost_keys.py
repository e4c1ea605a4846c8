"""A lost round key: replace it before codes are issued, otherwise end the round."""

from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.rounds import InvalidTransition, RoundError
from app.render.qr_codes import qr_data_uri
from app.services import accounts, counting, lost_keys
from app.store.database import write_session
from app.store.secure_erase import EraseIncomplete
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now, settings
from app.web.shared.round_faults import fault_sentence
from app.web.staff.rounds.views import get_round_or_404

blueprint = Blueprint("lost_keys", __name__, url_prefix="/staff/rounds")


@blueprint.post("/<int:number>/key/anew")
@requires(Permission.OPEN_ROUND)
def renew(number: int) -> ResponseReturnValue:
    """Make a new key while no code has been drawn, and show it once."""
    require_permission_at(Permission.OPEN_ROUND)
    round_ = get_round_or_404(number)
    try:
        with write_session() as session:
            key_backups = lost_keys.renew_key(session, round_.id, split="split" in request.form)
            accounts.record_audit_event(
                session, current_account().id, AuditEvent.ROUND_OPENED, f"round:{number} new key", now=now()
            )
    except RoundError as refused:
        flash(fault_sentence(refused), "warning")
        return redirect(url_for("rounds.show", number=number))
    squares = [(key_backup, qr_data_uri(key_backup.payload)) for key_backup in key_backups]
    return render_template("staff/rounds/key.html", round=round_, sheets=squares)


@blueprint.route("/<int:number>/give-up", methods=["GET", "POST"])
@requires(Permission.OPEN_ROUND)
def give_up_round(number: int) -> ResponseReturnValue:
    """End a closed round whose key is lost: erase everything, publish nothing."""
    require_permission_at(Permission.OPEN_ROUND)
    round_ = get_round_or_404(number)
    if request.method == "GET" or "lost" not in request.form:
        return render_template("staff/rounds/give_up.html", round=round_), 200 if request.method == "GET" else 422
    try:
        with write_session() as session:
            counting.abandon_round(session, round_.id, now=now(), keys=settings().keys)
            accounts.record_audit_event(
                session, current_account().id, AuditEvent.ROUND_COUNTED, f"round:{number} key lost", now=now()
            )
    except (RoundError, InvalidTransition) as refused:
        flash(fault_sentence(refused), "warning")
        return redirect(url_for("rounds.show", number=number))
    with suppress(EraseIncomplete), write_session() as session:  # the scheduler repeats it until it succeeds
        counting.destroy_keys_and_wipe_remnants(session, now=now(), keys=settings().keys)
    return redirect(url_for("transitions.certificate", number=number))
