"""The days that the steps after a round may take, on one page for the coordinator of the whole region."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from app.core.accounts import Permission
from app.core.followup import PaceFault, PaceRefused, template_of
from app.core.rounds import Round, RoundId, RoundRefused
from app.services import followup, rounds
from app.store.database import reading, transaction
from app.web.shared.access import account, allowed, require_place
from app.web.shared.door import now

blueprint = Blueprint("paces", __name__, url_prefix="/staff/timelines")
PLAN = Permission.PLAN_ROUND
WORDS: dict[str, LazyString] = {
    "preview": _("The principal reads the results: days from the release"),
    "meeting": _("The results are discussed with staff: days from the release"),
    "plan": _("The plan is agreed: days from the meeting"),
    "first_step": _("The first step is seen: days from the plan"),
    "pulse_from": _("The pulse at the earliest: days from the plan"),
    "pulse_by": _("The pulse at the latest: days from the plan"),
    "review": _("The effect is reviewed: days from the next release"),
    "answer": _("The municipality answers: days from being asked"),
}
FAULTS: dict[PaceFault, LazyString] = {
    PaceFault.NO_NUMBER: _("Write the days as a whole number."),
    PaceFault.OUT_OF_RANGE: _("Write from 1 to 365 days."),
    PaceFault.ENDS_BEFORE_IT_BEGINS: _("The pulse cannot end before it may begin."),
}


@blueprint.route("/<int:number>/days", methods=["GET", "POST"])
@allowed(PLAN)
def change(number: int) -> ResponseReturnValue:
    """Show the days, and take others."""
    require_place(PLAN)
    current, faults = _round(number), {}
    with reading() as session:
        days = {name: str(n) for name, n in followup.template(session, current.id).days.items()}
    if request.method == "POST":
        try:
            chosen = template_of(request.form)
        except PaceRefused as refused:
            faults, days = dict(refused.faults), {name: request.form.get(name, "") for name in days}
        else:
            with transaction() as session:
                followup.set_template(session, current.id, chosen, by=account().id, now=now())
            flash(gettext("Saved. The clocks of all communities follow the new days."), "success")
            return redirect(url_for("timelines.index"))
    page = render_template(
        "staff/timelines/days.html",
        round=current,
        days=days,
        faults=faults,
        failing=bool(faults),
        WORDS=WORDS,
        FAULTS=FAULTS,
    )
    return page, 422 if faults else 200


def _round(number: int) -> Round:
    try:
        with reading() as session:
            return rounds.round_of(session, RoundId(number))
    except RoundRefused:
        abort(404)
