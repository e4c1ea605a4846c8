"""Deadlines of the follow-up steps of a round."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from app.core.accounts import Permission
from app.core.followup import DeadlineErrorCode, InvalidDeadlines, deadlines_from_form
from app.core.rounds import Round, RoundError, RoundId
from app.services import followup, rounds
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now

blueprint = Blueprint("deadlines", __name__, url_prefix="/staff/timelines")
PLAN = Permission.PLAN_ROUND
WORDS: dict[str, LazyString] = {
    "preview": _("Principal reads the results: days after release"),
    "meeting": _("Results discussed with staff: days after release"),
    "plan": _("Plan agreed: days after the meeting"),
    "first_step": _("First step visible: days after the plan"),
    "pulse_from": _("Pulse survey at the earliest: days after the plan"),
    "pulse_by": _("Pulse survey at the latest: days after the plan"),
    "review": _("Effect reviewed: days after the next release"),
    "answer": _("Municipality answers: days after the request"),
}
FAULTS: dict[DeadlineErrorCode, LazyString] = {
    DeadlineErrorCode.NO_NUMBER: _("Write the number of days as a whole number."),
    DeadlineErrorCode.OUT_OF_RANGE: _("Write from 1 to 365 days."),
    DeadlineErrorCode.ENDS_BEFORE_IT_BEGINS: _("The pulse survey cannot end before it may begin."),
}


@blueprint.route("/<int:number>/days", methods=["GET", "POST"])
@requires(PLAN)
def edit(number: int) -> ResponseReturnValue:
    """Show and change the deadlines."""
    require_permission_at(PLAN)
    round_ = _round(number)
    faults = {}
    with read_session() as session:
        days = {name: str(n) for name, n in followup.deadlines_of_round(session, round_.id).days.items()}
    if request.method == "POST":
        try:
            step_deadlines = deadlines_from_form(request.form)
        except InvalidDeadlines as refused:
            faults = dict(refused.faults)
            days = {name: request.form.get(name, "") for name in days}
        else:
            with write_session() as session:
                followup.set_deadlines(session, round_.id, step_deadlines, by=current_account().id, now=now())
            flash(gettext("Saved. The timelines of all communities follow the new days."), "success")
            return redirect(url_for("followup_overview.index"))
    page = render_template(
        "staff/followup_overview/days.html",
        round=round_,
        days=days,
        faults=faults,
        failing=bool(faults),
        WORDS=WORDS,
        FAULTS=FAULTS,
    )
    return page, 422 if faults else 200


def _round(number: int) -> Round:
    try:
        with read_session() as session:
            return rounds.get_round(session, RoundId(number))
    except RoundError:
        abort(404)
