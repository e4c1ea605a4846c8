"""Follow-up of a community: timeline, steps, access phrase, printable plan."""

from collections.abc import Container

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.followup import MANUAL_STEPS, FollowUpStep, StepNotAllowed
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, Level
from app.core.rounds import RoundId
from app.services import followup, municipality
from app.services.followup import FollowUp
from app.services.followup.staff_page import access_phrase, renew_access_phrase
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, requires
from app.web.shared.app_context import now, secret
from app.web.shared.followup_words import STEP_FAULTS
from app.web.shared.shared_staff_words import shared_staff_sentence

blueprint = Blueprint("followup", __name__, url_prefix="/staff/followup")
READ = Permission.READ_COMMUNITY
EDIT = Permission.EDIT_PLAN


@blueprint.get("/")
@requires(EDIT)
def index() -> ResponseReturnValue:
    """List the account's follow-ups; redirect if there is only one."""
    with read_session() as session:
        newest = followup.newest_survey_result_of_each_unit(session)
    own = [survey_result for survey_result in newest if may_in_unit(survey_result.unit, EDIT)]
    if len(own) == 1:
        return redirect(url_for("followup.show", number=own[0].publication.round, unit=own[0].unit.id))
    return render_template("staff/followup/index.html", any_released=bool(newest), results=own)


@blueprint.get("/<int:number>/<unit>")
@requires(READ)
def show(number: int, unit: str) -> ResponseReturnValue:
    """Show a community's timeline, next step, plan, and what staff can read."""
    follow_up = get_follow_up_or_404(number, unit)
    own = may_in_unit(follow_up.unit, EDIT)
    with read_session() as session:
        word = access_phrase(session, follow_up.round, follow_up.unit.id, secret=secret()) if own else None
        known = [
            survey
            for survey in followup.released_surveys(session)
            if any(home.id == unit for home in survey.region.units)
        ]
        shared = municipality.shared_staff_responsibilities(session, follow_up.unit.communities)
    waiting = follow_up.timeline.next
    return render_template(
        "staff/followup/show.html",
        found=follow_up,
        own=own,
        word=word,
        surveys=known[::-1],
        lacking=followup.step_refusal(follow_up, waiting.step) if waiting and waiting.step in MANUAL_STEPS else None,
        by_hand=MANUAL_STEPS,
        shared_staff=shared_staff_sentence(shared),
        cell=follow_up.publication.participation_of(Cell(Level.COMMUNITY, follow_up.unit.id)),
    )


@blueprint.route("/<int:number>/<unit>/step/<step>", methods=["GET", "POST"])
@requires(EDIT)
def take_step(number: int, unit: str, step: str) -> ResponseReturnValue:
    """Take a step, after confirmation."""
    follow_up = get_follow_up_or_404(number, unit, EDIT)
    wanted = _step(step, MANUAL_STEPS)
    fault = followup.step_refusal(follow_up, wanted)
    if request.method == "GET" and fault is None:
        return render_template("staff/followup/step.html", found=follow_up, step=wanted)
    if fault is not None:
        flash(str(STEP_FAULTS[fault]), "warning")
        return redirect(url_for("followup.show", number=number, unit=unit))
    try:
        with write_session() as session:
            followup.take_step(session, follow_up.round, follow_up.unit.id, wanted, by=current_account().id, now=now())
    except StepNotAllowed as refused:
        flash(str(STEP_FAULTS[refused.fault]), "warning")
    return redirect(url_for("followup.show", number=number, unit=unit))


@blueprint.post("/<int:number>/<unit>/undo/<step>")
@requires(EDIT)
def undo(number: int, unit: str, step: str) -> ResponseReturnValue:
    """Undo the last step."""
    follow_up = get_follow_up_or_404(number, unit, EDIT)
    wanted = _step(step, MANUAL_STEPS)
    try:
        with write_session() as session:
            followup.undo_step(session, follow_up.round, follow_up.unit.id, wanted, by=current_account().id, now=now())
    except StepNotAllowed as refused:
        flash(str(STEP_FAULTS[refused.fault]), "warning")
    return redirect(url_for("followup.show", number=number, unit=unit))


@blueprint.route("/<int:number>/<unit>/word", methods=["GET", "POST"])
@requires(EDIT)
def new_access_phrase(number: int, unit: str) -> ResponseReturnValue:
    """Replace a community's access phrase, after confirmation; the old one stops working."""
    follow_up = get_follow_up_or_404(number, unit, EDIT)
    if request.method == "GET":
        return render_template(
            "staff/confirm.html",
            heading=gettext("Create a new access phrase?"),
            sentences=[
                gettext(
                    "The old access phrase stops working immediately, also where it is posted on a wall or written "
                    "down."
                ),
                gettext("The staff need the new one to read the results, the timeline and the plan."),
            ],
            yes=gettext("Yes, create a new access phrase"),
            back=url_for("followup.show", number=number, unit=unit),
        )
    with write_session() as session:
        renew_access_phrase(session, follow_up.round, follow_up.unit.id)
    return redirect(url_for("followup.show", number=number, unit=unit))


@blueprint.get("/<int:number>/<unit>/paper")
@requires(READ)
def printable_plan(number: int, unit: str) -> ResponseReturnValue:
    """Show the plan as a printable page."""
    return render_template("staff/followup/paper.html", found=get_follow_up_or_404(number, unit))


def get_follow_up_or_404(number: int, unit: str, permission: Permission = READ) -> FollowUp:
    """Return a community's follow-up; 404 before the release, 403 without permission."""
    with read_session() as session:
        try:
            follow_up = followup.follow_up_of_unit(session, RoundId(number), unit)
        except followup.UnknownFollowUp:
            abort(404)
    if not may_in_unit(follow_up.unit, permission):
        abort(403)
    return follow_up


def may_in_unit(unit: ReportingUnit, permission: Permission) -> bool:
    """Tell whether the account has a permission in a unit or in one of its communities."""
    community_ids = (unit.id, *unit.communities)
    return any(has_permission_at(permission, municipality=unit.municipality, community=item) for item in community_ids)


def _step(name: str, allowed: Container[FollowUpStep]) -> FollowUpStep:
    follow_up_step = next((item for item in FollowUpStep if item.value == name), None)
    if follow_up_step is None or follow_up_step not in allowed:
        abort(404)
    return follow_up_step
