"""A community's follow-up: its clock and what comes next; the staff's word; paper."""

from collections.abc import Container

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.followup import BY_HAND, Step, StepRefused
from app.core.organisations import Unit
from app.core.publication import Cell, Level
from app.core.rounds import RoundId
from app.services import followup
from app.services.followup import FollowUp
from app.services.followup.telling import renew_word, word_of
from app.store.database import reading, transaction
from app.web.shared.access import account, allowed, may_at
from app.web.shared.door import now, secret
from app.web.shared.followup_words import STEP_FAULTS

blueprint = Blueprint("followup", __name__, url_prefix="/staff/followup")
READ, EDIT = Permission.READ_COMMUNITY, Permission.EDIT_PLAN


@blueprint.get("/")
@allowed(EDIT)
def index() -> ResponseReturnValue:
    """List the communities whose follow-up is one's own; go straight to the only one."""
    with reading() as session:
        newest = followup.newest_surveys(session)
    own = [one for one in newest if covers(one.unit, EDIT)]
    if len(own) == 1:
        return redirect(url_for("followup.show", number=own[0].publication.round, unit=own[0].unit.id))
    return render_template("staff/followup/index.html", any_released=bool(newest), results=own)


@blueprint.get("/<int:number>/<unit>")
@allowed(READ)
def show(number: int, unit: str) -> ResponseReturnValue:
    """Show one community's clock, what comes next, its plan, and what staff may read."""
    found = find(number, unit)
    own = covers(found.unit, EDIT)
    with reading() as session:
        word = word_of(session, found.round, found.unit.id, secret=secret()) if own else None
        known = [one for one in followup.surveys(session) if any(home.id == unit for home in one.region.units)]
    waiting = found.clock.next
    return render_template(
        "staff/followup/show.html",
        found=found,
        own=own,
        word=word,
        surveys=known[::-1],
        lacking=followup.may_take(found, waiting.step) if waiting and waiting.step in BY_HAND else None,
        by_hand=BY_HAND,
        cell=found.publication.participation_of(Cell(Level.COMMUNITY, found.unit.id)),
    )


@blueprint.route("/<int:number>/<unit>/step/<step>", methods=["GET", "POST"])
@allowed(EDIT)
def step(number: int, unit: str, step: str) -> ResponseReturnValue:
    """Ask once more, then take a step."""
    found, wanted = find(number, unit, EDIT), _step(step, BY_HAND)
    fault = followup.may_take(found, wanted)
    if request.method == "GET" and fault is None:
        return render_template("staff/followup/step.html", found=found, step=wanted)
    if fault is not None:
        flash(str(STEP_FAULTS[fault]), "warning")
        return redirect(url_for("followup.show", number=number, unit=unit))
    try:
        with transaction() as session:
            followup.take(session, found.round, found.unit.id, wanted, by=account().id, now=now())
    except StepRefused as refused:
        flash(str(STEP_FAULTS[refused.fault]), "warning")
    return redirect(url_for("followup.show", number=number, unit=unit))


@blueprint.post("/<int:number>/<unit>/undo/<step>")
@allowed(EDIT)
def undo(number: int, unit: str, step: str) -> ResponseReturnValue:
    """Take back the last step, pressed by mistake."""
    found, wanted = find(number, unit, EDIT), _step(step, BY_HAND)
    try:
        with transaction() as session:
            followup.take_back(session, found.round, found.unit.id, wanted, by=account().id, now=now())
    except StepRefused as refused:
        flash(str(STEP_FAULTS[refused.fault]), "warning")
    return redirect(url_for("followup.show", number=number, unit=unit))


@blueprint.route("/<int:number>/<unit>/word", methods=["GET", "POST"])
@allowed(EDIT)
def new_word(number: int, unit: str) -> ResponseReturnValue:
    """Ask, then give the community another word; the old one opens nothing any more."""
    found = find(number, unit, EDIT)
    if request.method == "GET":
        return render_template(
            "staff/confirm.html",
            heading=gettext("Make a new word?"),
            told=[
                gettext("The old word stops working at once, also where it hangs on a wall or is written down."),
                gettext("The staff need the new one to read the results, the clock and the plan."),
            ],
            yes=gettext("Yes, make a new word"),
            back=url_for("followup.show", number=number, unit=unit),
        )
    with transaction() as session:
        renew_word(session, found.round, found.unit.id)
    return redirect(url_for("followup.show", number=number, unit=unit))


@blueprint.get("/<int:number>/<unit>/paper")
@allowed(READ)
def paper(number: int, unit: str) -> ResponseReturnValue:
    """Show the plan as a sheet for the wall."""
    return render_template("staff/followup/paper.html", found=find(number, unit))


def find(number: int, unit: str, permission: Permission = READ) -> FollowUp:
    """Return a community's follow-up; 404 before the release, 403 where the account may not be."""
    with reading() as session:
        try:
            found = followup.followup_of(session, RoundId(number), unit)
        except followup.FollowUpUnknown:
            abort(404)
    if not covers(found.unit, permission):
        abort(403)
    return found


def covers(unit: Unit, permission: Permission) -> bool:
    """Tell whether the account may do this in a community, or in one of those that are joined in it."""
    here = (unit.id, *unit.communities)
    return any(may_at(permission, municipality=unit.municipality, community=one) for one in here)


def _step(name: str, known: Container[Step]) -> Step:
    found = next((one for one in Step if one.value == name), None)
    if found is None or found not in known:
        abort(404)
    return found
