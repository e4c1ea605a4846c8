"""Plan editor: minutes and focus, actions from the library or free text, history, escalation."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.catalogue import Course
from app.core.followup import (
    Action,
    ActionId,
    ActionStatus,
    DecisionLevel,
    FollowUpStep,
    InvalidAction,
    InvalidMeeting,
    action_to_form,
)
from app.services import catalogue, followup, votes
from app.services.followup import EditConflict, EscalationError, FollowUp, UnknownAction
from app.store.action_library import load_suggested_actions
from app.store.database import Session, read_session, write_session
from app.web.shared.access import current_account, requires
from app.web.shared.app_context import now, settings, today
from app.web.shared.followup_words import ACTION_FAULTS, MEETING_FAULTS
from app.web.staff.followup.plan_forms import (
    ActionForm,
    MeetingForm,
    conflicting_fields,
    labelled_change_fields,
    merge_their_changes_into_form,
    new_action_defaults,
    submitted_version,
    texts_from_suggestion,
)
from app.web.staff.followup.views import get_follow_up_or_404

blueprint = Blueprint("plans", __name__, url_prefix="/staff/followup")
EDIT = Permission.EDIT_PLAN


@blueprint.route("/<int:number>/<unit>/meeting", methods=["GET", "POST"])
@requires(EDIT)
def edit_minutes(number: int, unit: str) -> ResponseReturnValue:
    """Edit the minutes: date, attendance, and the focus that staff chose."""
    follow_up = get_follow_up_or_404(number, unit, EDIT)
    clash = None
    form = MeetingForm(_minutes(follow_up), follow_up.plan.version)
    if request.method == "POST":
        try:
            _save_meeting(follow_up, form)
        except InvalidMeeting as refused:
            for name, fault in refused.faults.items():
                form.add_error(form[name], str(MEETING_FAULTS[fault]))
        except EditConflict as clashed:
            clash = clashed
        else:
            return redirect(url_for("followup.show", number=number, unit=unit))
    return _page("staff/followup/meeting.html", follow_up, form, clash)


@blueprint.get("/<int:number>/<unit>/library")
@requires(EDIT)
def library(number: int, unit: str) -> ResponseReturnValue:
    """List suggested actions for each dimension, those of the focus first."""
    follow_up = get_follow_up_or_404(number, unit, EDIT)
    suggested = sorted(
        load_suggested_actions(settings().surveys),
        key=lambda suggested_action: suggested_action.dimension not in follow_up.plan.focus,
    )
    return render_template("staff/followup/library.html", found=follow_up, suggested=suggested)


@blueprint.route("/<int:number>/<unit>/action", methods=["GET", "POST"])
@requires(EDIT)
def add(number: int, unit: str) -> ResponseReturnValue:
    """Add an action, as free text or from the library."""
    follow_up = get_follow_up_or_404(number, unit, EDIT)
    suggestions = {
        suggested_action.id: suggested_action for suggested_action in load_suggested_actions(settings().surveys)
    }
    suggested_action = suggestions.get(request.args.get("from", ""))
    chosen = (
        texts_from_suggestion(suggested_action) if suggested_action else {"dimension": (*follow_up.plan.focus, "")[0]}
    )
    start = {**new_action_defaults(follow_up, today()), **chosen}
    return _edit(follow_up, ActionForm(_courses(), start), None)


@blueprint.route("/<int:number>/<unit>/action/<int:action>", methods=["GET", "POST"])
@requires(EDIT)
def edit(number: int, unit: str, action: int) -> ResponseReturnValue:
    """Edit an action, its status included."""
    follow_up = get_follow_up_or_404(number, unit, EDIT)
    at_rest = _action(follow_up, action)
    return _edit(follow_up, ActionForm(_courses(), action_to_form(at_rest), at_rest.version), at_rest.id)


@blueprint.route("/<int:number>/<unit>/action/<int:action>/hand-on", methods=["GET", "POST"])
@requires(EDIT)
def escalate(number: int, unit: str, action: int) -> ResponseReturnValue:
    """Escalate an action to the municipality as an issue, with a reason."""
    follow_up = get_follow_up_or_404(number, unit, EDIT)
    at_rest = _action(follow_up, action)
    failing = None
    if at_rest.power is DecisionLevel.COMMUNITY:
        abort(404)
    why = request.form.get("why", "").strip()
    if request.method == "POST":
        try:
            with write_session() as session:
                followup.escalate(
                    session, follow_up.round, follow_up.unit.id, at_rest.id, why, by=current_account().id, now=now()
                )
        except EscalationError:
            failing = gettext("Explain why it is needed in at most 500 characters. An issue can be escalated once.")
        else:
            flash(gettext("The issue has been sent to the municipality."), "success")
            return redirect(url_for("followup.show", number=number, unit=unit))
    page = render_template("staff/followup/escalate.html", found=follow_up, action=at_rest, failing=failing, why=why)
    return page, 422 if failing else 200


@blueprint.get("/<int:number>/<unit>/history")
@requires(EDIT)
def history(number: int, unit: str) -> ResponseReturnValue:
    """Show all changes of the plan, newest first."""
    follow_up = get_follow_up_or_404(number, unit, EDIT)
    with read_session() as session:
        changes = followup.plan_changes(session, follow_up.round, follow_up.unit.id)
        names = followup.author_names(session, changes)
    courses = _courses()
    return render_template(
        "staff/followup/history.html",
        found=follow_up,
        changes=changes,
        names=names,
        labelled_fields=lambda change: labelled_change_fields(change, courses),
    )


def _minutes(follow_up: FollowUp) -> dict[str, str]:
    """Return the current minutes; without a focus, that of the meeting's vote is filled in."""
    texts = dict(followup.minutes_and_focus_to_form(follow_up.plan))
    if not texts.get("focus"):
        with read_session() as session:
            past_votes = votes.votes_of_unit(session, follow_up.round, follow_up.unit.id)
        texts["focus"] = ",".join(past_votes[0].clear_winners) if past_votes else ""
    return texts


def _save_meeting(follow_up: FollowUp, form: MeetingForm) -> None:
    with write_session() as session:
        saved = followup.save_minutes_and_focus(
            session,
            follow_up.round,
            follow_up.unit.id,
            form.texts(),
            version=submitted_version(form),
            by=current_account().id,
            now=now(),
        )
        moved_on = _take_discussed(session, follow_up)
    _flash_saved(bool(saved.taken_from_theirs))
    if moved_on:
        flash(gettext("The discussion with the staff is marked as done. Next: agree on a plan."), "success")


def _take_discussed(session: Session, follow_up: FollowUp) -> bool:
    """Take the step that the minutes are about if it is the next one and they say all that it needs."""
    current = followup.follow_up_of_unit(session, follow_up.round, follow_up.unit.id)
    step = FollowUpStep.DISCUSSED
    if followup.step_refusal(current, step) is not None:
        return False
    followup.take_step(session, follow_up.round, follow_up.unit.id, step, by=current_account().id, now=now())
    return True


def _edit(follow_up: FollowUp, form: ActionForm, number: ActionId | None) -> ResponseReturnValue:
    clash = None
    if request.method == "POST":
        try:
            _save_action(follow_up, form, number)
        except InvalidAction as refused:
            for name, fault in refused.faults.items():
                form.add_error(form[name], str(ACTION_FAULTS[fault]))
        except EditConflict as clashed:
            clash = clashed
        else:
            return redirect(url_for("followup.show", number=follow_up.round, unit=follow_up.unit.id))
    return _page("staff/followup/action.html", follow_up, form, clash, number=number)


def _save_action(follow_up: FollowUp, form: ActionForm, number: ActionId | None) -> None:
    texts = form.texts()
    if number is None:
        texts["status"] = texts["status"] or ActionStatus.PLANNED.value
    with write_session() as session:
        saved = followup.save_action(
            session,
            follow_up.round,
            follow_up.unit.id,
            texts,
            number=number,
            version=submitted_version(form),
            by=current_account().id,
            now=now(),
        )
    _flash_saved(bool(saved.taken_from_theirs))


def _flash_saved(merged: bool) -> None:
    if merged:
        flash(
            gettext("Saved. Someone else had changed other fields in the meantime; their changes were kept too."),
            "success",
        )
    else:
        flash(gettext("Saved."), "success")


def _page(
    template: str,
    follow_up: FollowUp,
    form: MeetingForm | ActionForm,
    clash: EditConflict | None,
    number: ActionId | None = None,
) -> ResponseReturnValue:
    other = None
    others = []
    if clash is not None:
        merge_their_changes_into_form(form, clash)
        others = conflicting_fields(form, clash.merged)
        with read_session() as session:
            authors = followup.author_names(session, [clash.change]) if clash.change else {}
        other = authors.get(clash.change.by) if clash.change and clash.change.by is not None else None
    page = render_template(
        template,
        found=follow_up,
        form=form,
        clash=clash,
        others=others,
        other=other,
        number=number,
        Status=ActionStatus,
    )
    return page, 409 if clash else 422 if form.errors else 200


def _action(follow_up: FollowUp, number: int) -> Action:
    try:
        return followup.get_action(follow_up.plan, ActionId(number))
    except UnknownAction:
        abort(404)


def _courses() -> tuple[Course, ...]:
    with read_session() as session:
        return catalogue.courses(session)
