"""Inbox of a municipality: matters that communities passed on, and the replies."""

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.followup import AnswerKind, Escalation, EscalationId
from app.services import followup, organisations
from app.services.followup import EscalationError
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, requires
from app.web.shared.app_context import now

blueprint = Blueprint("inbox", __name__, url_prefix="/staff/inbox")
ANSWER = Permission.ANSWER_INBOX


@blueprint.get("/")
@requires(ANSWER)
def index() -> ResponseReturnValue:
    """List what waits for an answer, and what was answered, of one's own municipalities; `?show=late` filters."""
    with read_session() as session:
        matters = [
            escalation
            for escalation in followup.inbox(session)
            if has_permission_at(ANSWER, municipality=escalation.municipality)
        ]
        places = {municipality.id: municipality.name for municipality in organisations.municipalities(session)}
    late = [escalation for escalation in matters if escalation.is_late(now().date())]
    only_late = request.args.get("show") == "late"
    return render_template(
        "staff/inbox/index.html",
        matters=late if only_late else matters,
        late=len(late),
        only_late=only_late,
        places=places,
        names=_names(matters),
    )


@blueprint.route("/<int:number>", methods=["GET", "POST"])
@requires(ANSWER)
def escalation(number: int) -> ResponseReturnValue:
    """Show one matter and take its answer; the community and its staff read it."""
    with read_session() as session:
        escalation = followup.escalation(session, EscalationId(number)) or abort(404)
    if not has_permission_at(ANSWER, municipality=escalation.municipality):
        abort(403)
    failing = None
    if request.method == "POST":
        try:
            _answer(escalation)
        except (EscalationError, ValueError):
            failing = gettext("Choose an answer and write its reason or date in at most 500 characters.")
        else:
            flash(gettext("The answer was saved. The community and its staff see it."), "success")
            return redirect(url_for("inbox.index"))
    page = render_template(
        "staff/inbox/matter.html", matter=escalation, failing=failing, name=_names([escalation])[escalation.id]
    )
    return page, 422 if failing else 200


def _answer(escalation: Escalation) -> None:
    seen = request.form.get("over", "")
    with write_session() as session:
        followup.answer_escalation(
            session,
            escalation.id,
            AnswerKind(request.form.get("kind", "")),
            request.form.get("text", ""),
            seen_answer_at=datetime.fromisoformat(seen) if seen else None,
            by=current_account().id,
            now=now(),
        )


def _names(matters: list[Escalation]) -> dict[EscalationId, str]:
    with read_session() as session:
        units = {
            (survey.round, unit.id): unit.name
            for survey in followup.released_surveys(session)
            for unit in survey.region.units
        }
    return {escalation.id: units.get((escalation.round, escalation.unit), escalation.unit) for escalation in matters}
