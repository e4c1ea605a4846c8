"""Confirm the server's time after a clock jump, so that scheduled tasks of rounds run again."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.services import accounts, clock_jumps
from app.store import clock_checks
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now

blueprint = Blueprint("clock", __name__, url_prefix="/staff/clock")
MAX_AGE = timedelta(minutes=30)


@blueprint.get("/")
@requires(Permission.OPEN_ROUND)
def show() -> ResponseReturnValue:
    """Show the present time, the last trusted one, and a button where a person must decide."""
    require_permission_at(Permission.OPEN_ROUND)
    return _page()


@blueprint.post("/")
@requires(Permission.OPEN_ROUND)
def confirm() -> ResponseReturnValue:
    """Confirm the time that the page showed."""
    require_permission_at(Permission.OPEN_ROUND)
    with write_session() as session:
        jump = clock_jumps.find_jump(session, now=now())
        is_confirmed = jump is not None and _is_recent(request.form.get("seen", ""))
        if is_confirmed:
            clock_jumps.confirm(session, clock_checks.read_clock(session, now()))
            accounts.record_audit_event(session, current_account().id, AuditEvent.CLOCK_CONFIRMED, "clock", now=now())
    if jump is not None and not is_confirmed:
        flash(gettext("The time has changed since this page was opened. Check it again."), "warning")
        return _page(), 409
    flash(gettext("The time is confirmed. Rounds open, close and are counted automatically again."), "success")
    return redirect(url_for("rounds.index"))


def _page() -> str:
    with read_session() as session:
        jump = clock_jumps.find_jump(session, now=now())
    return render_template("staff/rounds/clock.html", jump=jump, present=now())


def _is_recent(seen: str) -> bool:
    """Tell whether the page showed about the present time: who confirmed an earlier one did not see a later jump."""
    try:
        moment = datetime.fromisoformat(seen)
    except ValueError:
        return False
    return moment.tzinfo is not None and abs(now() - moment) <= MAX_AGE
