"""Rounds: list, details, planning, and previews of the questionnaire."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.instruments import Instrument
from app.core.languages import Language, PartlyTranslatedText
from app.core.organisations import Municipality, ReportingUnit
from app.core.rounds import KeyMode, Round, RoundError, RoundFault, RoundId, RoundKind, RoundState
from app.render.printable import unprintable_characters
from app.services import accounts, answering, clock_jumps, counting, followup, organisations, questionnaires, rounds
from app.services.answering import RoundKeyAvailability
from app.store import instruments, publications
from app.store.database import Session, read_session, write_session
from app.web.shared.access import current_account, has_permission_at, require_permission_at, requires
from app.web.shared.app_context import now, settings
from app.web.shared.languages import language
from app.web.shared.round_faults import fault_sentence
from app.web.shared.seen_digest import seen_digest
from app.web.shared.translated_texts import plain_round_title
from app.web.staff.questionnaires.views import askable_questionnaires
from app.web.staff.round_titles import title_service_arguments
from app.web.staff.rounds.conflicts import survey_conflict_of_form, survey_conflict_of_round
from app.web.staff.rounds.forms import (
    PlanForm,
    form_values_for_round_copy,
    form_values_of_planned_round,
)
from app.web.staff.rounds.participation import requested_participation_table
from app.web.staff.rounds.steps import RoundStep, next_step

blueprint = Blueprint("rounds", __name__, url_prefix="/staff/rounds")
PLAN = Permission.PLAN_ROUND


@blueprint.get("/")
@requires(PLAN)
def index() -> ResponseReturnValue:
    """List all rounds, newest first, with their next steps."""
    with read_session() as session:
        listed = [(round_, permitted_next_step(session, round_)) for round_ in rounds.rounds(session)]
        conflicts = {round_.id: survey_conflict_of_round(session, round_) for round_, _step in listed}
        jump = clock_jumps.find_jump(session, now=now())
    return render_template(
        "staff/rounds/index.html",
        rounds=listed[::-1],
        conflicts=conflicts,
        whole=has_permission_at(PLAN),
        jump=jump,
        may_confirm_time=has_permission_at(Permission.OPEN_ROUND),
    )


@blueprint.get("/<int:number>")
@requires(PLAN)
def show(number: int) -> ResponseReturnValue:
    """Show one round: state, next step, and participation in bands."""
    with read_session() as session:
        round_ = get_round_or_404(number)
        step = permitted_next_step(session, round_)
        bands = rounds.participation_bands_by_unit(session, round_.id) if round_.state is RoundState.OPEN else {}
        has_codes = rounds.has_codes(session, round_.id)
        instrument = instruments.get_questionnaire(session, round_.instrument_digest)
        certificate = counting.find_certificate(session, round_.id)
        replaced = publications.find_replacement(session, round_.id)
        holders = _round_key_hosts(session, round_)
        conflict = survey_conflict_of_round(session, round_)
    return render_template(
        "staff/rounds/show.html",
        round_key_hosts=holders,
        conflict=conflict,
        replaced=replaced,
        round=round_,
        step=step if step is None or step.url != request.path else None,
        participation=requested_participation_table(round_, bands) if round_.state is RoundState.OPEN else None,
        has_codes=has_codes,
        instrument=instrument,
        certificate=certificate,
        states=list(RoundState),
        whole=has_permission_at(PLAN),
    )


def _round_key_hosts(session: Session, round_: Round) -> RoundKeyAvailability | None:
    """Return who can open a round whose ballots are not counted yet; None where a trustee has the key."""
    if round_.key_mode is KeyMode.TRUSTEE or round_.state not in {RoundState.OPEN, RoundState.CLOSED}:
        return None
    return answering.round_key_availability(session, round_.id, keys=settings().keys, now=now())


@blueprint.route("/plan", methods=["GET", "POST"])
@requires(PLAN)
def plan() -> ResponseReturnValue:
    """Plan a round: title, questionnaire, dates and key mode; `?from=` takes over the choices of another round."""
    require_permission_at(PLAN)
    files = askable_questionnaires()
    form = PlanForm([instrument for instrument, _source in files.values()], _start(request.args.get("from", "")))
    if not form.validate_on_submit() or form.store_conflict_and_check_unconfirmed(survey_conflict_of_form(form)):
        return _plan_page(form)
    values = _values(form, files[form.instrument.data])
    with write_session() as session:
        number = rounds.plan_round(session, **values)
        accounts.record_audit_event(
            session, current_account().id, AuditEvent.ROUND_PLANNED, f"round:{number}", now=now()
        )
    flash(gettext("The round is planned. No one can answer before it is opened."), "success")
    _warn_of_unprintable(form.written_title())
    return redirect(url_for("rounds.show", number=number))


@blueprint.route("/<int:number>/edit", methods=["GET", "POST"])
@requires(PLAN)
def edit(number: int) -> ResponseReturnValue:
    """Change a round that is only planned."""
    require_permission_at(PLAN)
    round_ = get_round_or_404(number)
    if round_.state is not RoundState.DRAFT:
        return _refuse(number, RoundError(RoundFault.NOT_PLANNED))
    files = _questionnaires_of(round_)
    form = PlanForm([instrument for instrument, _source in files.values()], form_values_of_planned_round(round_))
    if not form.validate_on_submit() or form.store_conflict_and_check_unconfirmed(
        survey_conflict_of_form(form, round_)
    ):
        return _plan_page(form, round_)
    values = _values(form, files[form.instrument.data])
    try:
        with write_session() as session:
            current = _current(session, round_, form.seen.data or "")
            rounds.change_planned_round(session, current, **values)
            accounts.record_audit_event(
                session, current_account().id, AuditEvent.ROUND_PREPARED, f"round:{number}", now=now()
            )
    except RoundError as refused:
        form.add_error(form.title_fi, fault_sentence(refused))
        return _plan_page(form, round_)
    flash(gettext("The plan was changed."), "success")
    _warn_of_unprintable(form.written_title())
    return redirect(url_for("rounds.show", number=number))


@blueprint.route("/<int:number>/delete", methods=["GET", "POST"])
@requires(PLAN)
def delete(number: int) -> ResponseReturnValue:
    """Delete a round that is only planned, after confirmation."""
    require_permission_at(PLAN)
    round_ = get_round_or_404(number)
    if round_.state is not RoundState.DRAFT:
        return _refuse(number, RoundError(RoundFault.NOT_PLANNED))
    if request.method == "GET":
        sentences = [
            gettext(
                "“%(title)s” is only planned: no one has received a code or answered.", title=plain_round_title(round_)
            ),
            gettext("Its days, imported addresses and planned messages are deleted. This cannot be undone."),
        ]
        return render_template(
            "staff/confirm.html",
            heading=gettext("Delete the planned round?"),
            sentences=sentences,
            yes=gettext("Delete"),
            is_dangerous=True,
            hidden={"seen": seen_digest(round_)},
            back=url_for("rounds.show", number=number),
        )
    try:
        with write_session() as session:
            rounds.delete_planned_round(session, _current(session, round_, request.form.get("seen", "")))
            accounts.record_audit_event(
                session, current_account().id, AuditEvent.ROUND_DELETED, f"round:{number}", now=now()
            )
    except RoundError as refused:
        return _refuse(number, refused)
    flash(gettext("The planned round was deleted."), "success")
    return redirect(url_for("rounds.index"))


def _current(session: Session, round_: Round, seen: str) -> Round:
    """Return the round as it is stored; RoundError if it is another than the form has `seen`."""
    current = rounds.get_round(session, round_.id)
    if seen_digest(current) != seen:
        raise RoundError(RoundFault.CHANGED_MEANWHILE)
    return current


def _plan_page(form: PlanForm, round_: Round | None = None) -> ResponseReturnValue:
    return render_template(
        "staff/rounds/plan.html", form=form, round=round_
    ), 422 if form.errors or form.conflict.nearby else 200


def _values(form: PlanForm, chosen: tuple[Instrument, str]) -> dict[str, Any]:
    """Return what the form decides, as the services take it."""
    instrument, source = chosen
    opens_at, closes_at = form.opening_and_closing()
    return {
        **title_service_arguments(form.written_title()),
        "instrument": instrument,
        "source": source,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "key_mode": KeyMode(form.key_mode.data),
        "kind": RoundKind.PULSE if questionnaires.is_pulse(instrument) else RoundKind.SURVEY,
        "by_group": form.by_group.data,
        "comments": form.comments.data,
    }


def _start(number: str) -> dict[str, Any]:
    """Return the choices of the round with this number; nothing if there is none."""
    with read_session() as session:
        listed = {str(round_.id): round_ for round_ in rounds.rounds(session)}
    return form_values_for_round_copy(listed[number]) if number in listed else {}


def _questionnaires_of(round_: Round) -> dict[str, tuple[Instrument, str]]:
    """Return what a planned round can be asked with; a pulse of certain communities keeps its questions."""
    files = askable_questionnaires()
    with read_session() as session:
        own = instruments.get_questionnaire(session, round_.instrument_digest)
        source = instruments.get_questionnaire_source(session, round_.instrument_digest)
        is_for_some = followup.region_asked_by_round(
            session, round_.id, organisations.region(session)
        ) != organisations.region(session)
    kept = {own.id: (own, source)}
    return kept if is_for_some else {**kept, **files}


def _warn_of_unprintable(title: PartlyTranslatedText) -> None:
    replaced = unprintable_characters(*title.distinct_texts)
    if replaced:
        message = gettext(
            "Some characters cannot be printed; slips and PDFs show □ instead: %(signs)s", signs=" ".join(replaced)
        )
        flash(message, "warning")


def _refuse(number: int, refused: RoundError) -> ResponseReturnValue:
    flash(fault_sentence(refused), "warning")
    return redirect(url_for("rounds.show", number=number))


@blueprint.get("/questionnaires/<name>")
@requires(PLAN)
def questionnaire(name: str) -> ResponseReturnValue:
    """Preview an available questionnaire in the requested language."""
    instrument, _source = askable_questionnaires().get(name) or abort(404)
    return _questionnaire_page(instrument)


@blueprint.get("/<int:number>/questionnaire")
@requires(PLAN)
def frozen_questionnaire(number: int) -> ResponseReturnValue:
    """Preview the questionnaire that was frozen with a round."""
    with read_session() as session:
        return _questionnaire_page(instruments.get_questionnaire(session, get_round_or_404(number).instrument_digest))


def get_round_or_404(number: int) -> Round:
    """Return the round with this number, or abort with 404."""
    try:
        with read_session() as session:
            return rounds.get_round(session, RoundId(number))
    except RoundError:
        abort(404)


def permitted_next_step(session: Session, round_: Round) -> RoundStep | None:
    """Return the next step of a round if the current account may take it."""
    if publications.find_replacement(session, round_.id) is not None:
        return None
    step = next_step(session, round_)
    return step if step is not None and step.is_allowed_for(current_account()) else None


def permitted_units_by_municipality(
    round_: Round, permission: Permission
) -> list[tuple[Municipality, tuple[ReportingUnit, ...]]]:
    """Return municipalities of an open round in which the current account has `permission`, with their units."""
    region = round_.boundaries
    return [
        (municipality, region.units_of(municipality.id))
        for municipality in (region.municipalities if region else ())
        if region and region.units_of(municipality.id) and has_permission_at(permission, municipality=municipality.id)
    ]


def _questionnaire_page(instrument: Instrument) -> ResponseReturnValue:
    requested = request.args.get("text", "")
    text = Language(requested) if requested in set(Language) else language()
    return render_template("staff/rounds/questionnaire.html", instrument=instrument, text=text)
