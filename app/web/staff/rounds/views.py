"""Rounds: list, details, planning, and previews of the questionnaire."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.instruments import Instrument
from app.core.languages import Language
from app.core.organisations import Municipality, ReportingUnit
from app.core.rounds import KeyMode, Round, RoundError, RoundId, RoundKind, RoundState
from app.render.printable import unprintable
from app.services import accounts, counting, rounds
from app.store import instruments, publications
from app.store.database import Session, read_session, write_session
from app.web.shared.access import account, may_at, require_place, requires
from app.web.shared.app_context import now
from app.web.shared.languages import language
from app.web.staff.questionnaires.views import survey_questionnaires
from app.web.staff.rounds.forms import PlanForm
from app.web.staff.rounds.participation import participation_table
from app.web.staff.rounds.steps import RoundStep, next_step

blueprint = Blueprint("rounds", __name__, url_prefix="/staff/rounds")
PLAN = Permission.PLAN_ROUND
PULSE = "pulse"


@blueprint.get("/")
@requires(PLAN)
def index() -> ResponseReturnValue:
    """List all rounds, newest first, with their next steps."""
    with read_session() as session:
        listed = [(round_, permitted_next_step(session, round_)) for round_ in rounds.rounds(session)]
    return render_template("staff/rounds/index.html", rounds=listed[::-1], whole=may_at(PLAN))


@blueprint.get("/<int:number>")
@requires(PLAN)
def show(number: int) -> ResponseReturnValue:
    """Show one round: state, next step, and participation in bands."""
    with read_session() as session:
        round_ = get_round_or_404(number)
        step = permitted_next_step(session, round_)
        bands = rounds.participation_bands(session, round_.id) if round_.state is RoundState.OPEN else {}
        has_codes = rounds.has_codes(session, round_.id)
        instrument = instruments.stored_instrument(session, round_.instrument_digest)
        certificate = counting.certificate(session, round_.id)
        replaced = publications.replacement_of(session, round_.id)
    return render_template(
        "staff/rounds/show.html",
        replaced=replaced,
        round=round_,
        step=step if step is None or step.url != request.path else None,
        participation=participation_table(round_, bands) if round_.state is RoundState.OPEN else None,
        has_codes=has_codes,
        instrument=instrument,
        certificate=certificate,
        states=list(RoundState),
        whole=may_at(PLAN),
    )


@blueprint.route("/plan", methods=["GET", "POST"])
@requires(PLAN)
def plan() -> ResponseReturnValue:
    """Plan a round: title, questionnaire, dates and key mode."""
    require_place(PLAN)
    files = survey_questionnaires()
    form = PlanForm([instrument for instrument, _source in files.values()])
    if not form.validate_on_submit():
        return render_template("staff/rounds/plan.html", form=form), 422 if form.errors else 200
    instrument, source = files[form.instrument.data]
    opens_at, closes_at = form.moments()
    with write_session() as session:
        number = rounds.plan(
            session,
            title=form.title.data,
            instrument=instrument,
            source=source,
            opens_at=opens_at,
            closes_at=closes_at,
            key_mode=KeyMode(form.key_mode.data),
            kind=RoundKind.PULSE if instrument.id == PULSE else RoundKind.SURVEY,
            by_group=form.by_group.data,
            comments=form.comments.data,
        )
        accounts.record(session, account().id, AuditEvent.ROUND_PLANNED, f"round:{number}", now=now())
    flash(gettext("The round is planned. No one can answer before it is opened."), "success")
    if replaced := unprintable(form.title.data):
        message = gettext(
            "Some characters cannot be printed; slips and PDFs show □ instead: %(signs)s", signs=" ".join(replaced)
        )
        flash(message, "warning")
    return redirect(url_for("rounds.show", number=number))


@blueprint.get("/questionnaires/<name>")
@requires(PLAN)
def questionnaire(name: str) -> ResponseReturnValue:
    """Preview an available questionnaire in the requested language."""
    instrument, _source = survey_questionnaires().get(name) or abort(404)
    return _questionnaire_page(instrument)


@blueprint.get("/<int:number>/questionnaire")
@requires(PLAN)
def frozen_questionnaire(number: int) -> ResponseReturnValue:
    """Preview the questionnaire that was frozen with a round."""
    with read_session() as session:
        return _questionnaire_page(instruments.stored_instrument(session, get_round_or_404(number).instrument_digest))


def get_round_or_404(number: int) -> Round:
    """Return the round with this number, or abort with 404."""
    try:
        with read_session() as session:
            return rounds.round_of(session, RoundId(number))
    except RoundError:
        abort(404)


def permitted_next_step(session: Session, round_: Round) -> RoundStep | None:
    """Return the next step of a round if the current account may take it."""
    if publications.replacement_of(session, round_.id) is not None:
        return None
    step = next_step(session, round_)
    return step if step is not None and step.is_allowed_for(account()) else None


def permitted_units(round_: Round, permission: Permission) -> list[tuple[Municipality, tuple[ReportingUnit, ...]]]:
    """Return municipalities of an open round in which the current account has `permission`, with their units."""
    region = round_.boundaries
    return [
        (municipality, region.units_of(municipality.id))
        for municipality in (region.municipalities if region else ())
        if region and region.units_of(municipality.id) and may_at(permission, municipality=municipality.id)
    ]


def _questionnaire_page(instrument: Instrument) -> ResponseReturnValue:
    requested = request.args.get("text", "")
    text = Language(requested) if requested in set(Language) else language()
    return render_template("staff/rounds/questionnaire.html", instrument=instrument, text=text)
