"""Issues that communities escalated to a municipality, and the replies."""

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.followup import Escalation, EscalationId, MunicipalityAnswerKind
from app.services import followup, organisations
from app.services.followup import EscalationError
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, requires
from app.web.shared.app_context import now, today
from app.web.shared.translated_texts import field_values, text_of_fields

blueprint = Blueprint("inbox", __name__, url_prefix="/staff/inbox")
ANSWER = Permission.ANSWER_INBOX


@blueprint.get("/")
@requires(ANSWER)
def index() -> ResponseReturnValue:
    """List unanswered and answered issues of one's own municipalities; `?show=late` filters."""
    with read_session() as session:
        matters = [
            escalation
            for escalation in followup.all_escalations(session)
            if has_permission_at(ANSWER, municipality=escalation.municipality)
        ]
        places = {municipality.id: municipality.name for municipality in organisations.municipalities(session)}
    late = [escalation for escalation in matters if escalation.is_late(today())]
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
def answer_escalation(number: int) -> ResponseReturnValue:
    """Show one issue and save its answer, which the community and its staff read."""
    with read_session() as session:
        escalation = followup.find_escalation(session, EscalationId(number)) or abort(404)
    if not has_permission_at(ANSWER, municipality=escalation.municipality):
        abort(403)
    failing = None
    if request.method == "POST":
        try:
            _answer(escalation)
        except (EscalationError, ValueError):
            failing = gettext(
                "Choose an answer and write its reason or date in at least one language, "
                "in at most 500 characters each."
            )
        else:
            flash(gettext("The answer was saved. The community and its staff see it."), "success")
            return redirect(url_for("inbox.index"))
    page = render_template(
        "staff/inbox/matter.html",
        matter=escalation,
        failing=failing,
        name=_names([escalation])[escalation.id],
        texts=_texts(escalation),
    )
    return page, 422 if failing else 200


def _texts(escalation: Escalation) -> Mapping[str, str]:
    """Return what the fields of the answer show: what was sent, else the answer that was given before."""
    if request.method == "POST":
        return request.form
    return {} if escalation.answer is None else field_values("text", escalation.answer.text)


def _answer(escalation: Escalation) -> None:
    seen = request.form.get("over", "")
    with write_session() as session:
        followup.answer_escalation(
            session,
            escalation.id,
            MunicipalityAnswerKind(request.form.get("kind", "")),
            text_of_fields(request.form, "text"),
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
