"""State transitions of a round, each with a confirmation: open, test the key, close, count, release."""

from collections.abc import Sequence
from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import counting as core_counting
from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.counting import RESPONSES
from app.core.disclosure.policy import policy_for_promised_k
from app.core.organisations import Region
from app.core.rounds import InvalidTransition, KeyMode, Round, RoundError, RoundState
from app.render.printable import unprintable_characters
from app.render.qr_codes import qr_data_uri
from app.services import accounts, answering, counting, followup, lost_keys, mail, organisations, processes, rounds
from app.services.rounds import OpenedRound
from app.store import instruments, jobs
from app.store.database import read_session, write_session
from app.store.round_key_copies import SHARING_TASK, SILENCE
from app.store.secure_erase import EraseIncomplete
from app.vault.round_keys import InvalidKey
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now, secret, settings
from app.web.shared.languages import language
from app.web.shared.round_faults import fault_sentence
from app.web.staff.rounds.conflicts import survey_conflict_of_round
from app.web.staff.rounds.forms import KeySheetsForm
from app.web.staff.rounds.readiness import OpeningPreview, opening_preview
from app.web.staff.rounds.views import get_round_or_404

blueprint = Blueprint("transitions", __name__, url_prefix="/staff/rounds")


@blueprint.get("/<int:number>/open")
@requires(Permission.OPEN_ROUND)
def check(number: int) -> ResponseReturnValue:
    """Show what opening will freeze, with warnings."""
    require_permission_at(Permission.OPEN_ROUND)
    round_ = get_round_or_404(number)
    if round_.state is not RoundState.DRAFT:
        return redirect(url_for("rounds.show", number=number))
    ready = _readiness(round_)
    names = [unit.name for _municipality, units in ready.municipalities for unit in units]
    replaced = unprintable_characters(*round_.translated_title.distinct_texts, *names, settings().service_name)
    with read_session() as session:
        hosts = jobs.host_count_of_task(session, SHARING_TASK, since=now() - SILENCE)
        conflict = survey_conflict_of_round(session, round_)
    return render_template(
        "staff/rounds/check.html",
        round=round_,
        ready=ready,
        replaced=replaced,
        rests_on_one_host=hosts <= 1,
        conflict=conflict,
    )


@blueprint.get("/<int:number>/forecast")
@requires(Permission.OPEN_ROUND)
def show_draft_forecast(number: int) -> ResponseReturnValue:
    """Show what would be published at three response rates, while communities can still be joined."""
    require_permission_at(Permission.OPEN_ROUND)
    round_ = get_round_or_404(number)
    if round_.state is not RoundState.DRAFT:
        return redirect(url_for("rounds.show", number=number))
    with read_session() as session:
        region: Region = followup.region_asked_by_round(session, round_.id, organisations.region(session))
    policy = policy_for_promised_k(round_.k)
    return render_template(
        "staff/rounds/forecast.html",
        round=round_,
        policy=policy,
        forecasts=[
            core_counting.forecast_at_response_rate(region, policy, response=response) for response in RESPONSES
        ],
        municipalities=[
            (municipality, units)
            for municipality in region.municipalities
            if (units := [unit for unit in region.units_of(municipality.id) if unit.invited_count])
        ],
    )


@blueprint.post("/<int:number>/open")
@requires(Permission.OPEN_ROUND)
def open_(number: int) -> ResponseReturnValue:
    """Open a round; show its key backups or its recovery sheet, once."""
    require_permission_at(Permission.OPEN_ROUND)
    round_ = get_round_or_404(number)
    try:
        with write_session() as session:
            opened = rounds.open_round(
                session,
                round_.id,
                now=now(),
                secret=secret(),
                keys=settings().keys,
                region=organisations.region(session),
                split="split" in request.form,
                recovery_sheet="recovery" in request.form,
            )
            detail = f"round:{number} recovery sheet" if _is_recovery_sheet(opened) else f"round:{number}"
            accounts.record_audit_event(session, current_account().id, AuditEvent.ROUND_OPENED, detail, now=now())
    except (RoundError, InvalidTransition) as refused:
        return _show_error(number, refused)
    if not opened.key_backups:
        flash(gettext("The round is open."), "success")
        return redirect(url_for("rounds.show", number=number))
    squares = [(key_backup, qr_data_uri(key_backup.payload)) for key_backup in opened.key_backups]
    return render_template("staff/rounds/key.html", round=opened.round, sheets=squares)


def _is_recovery_sheet(opened: OpenedRound) -> bool:
    return bool(opened.key_backups) and opened.round.key_mode is KeyMode.AUTOMATIC


@blueprint.route("/<int:number>/key", methods=["GET", "POST"])
@requires(Permission.OPEN_ROUND)
def verify_key_backups(number: int) -> ResponseReturnValue:
    """Test the key backups before any code is issued."""
    require_permission_at(Permission.OPEN_ROUND)
    round_ = get_round_or_404(number)
    form = KeySheetsForm()
    if form.validate_on_submit():
        try:
            with write_session() as session:
                rounds.verify_key_backups(session, round_.id, form.texts())
        except InvalidKey as refused:
            form.add_error(form.first, fault_sentence(refused))
        except RoundError as refused:
            return _show_error(number, refused)
        else:
            flash(_sheet_works_text(round_), "success")
            return redirect(url_for("rounds.show", number=number))
    with read_session() as session:
        renewable = lost_keys.can_renew_key(session, round_.id)
    page = render_template("staff/rounds/rehearse.html", round=round_, form=form, renewable=renewable)
    return page, 422 if form.errors else 200


def _sheet_works_text(round_: Round) -> str:
    text: str = gettext("The key sheet works. Give it to the trustee for safekeeping; codes can now be issued.")
    if round_.key_mode is KeyMode.AUTOMATIC:
        text = gettext("The recovery sheet works. Keep it under lock until the count, and destroy it then.")
    return text


@blueprint.route("/<int:number>/close", methods=["GET", "POST"])
@requires(Permission.OPEN_ROUND)
def close(number: int) -> ResponseReturnValue:
    """Close a round before its last day, after confirmation."""
    require_permission_at(Permission.OPEN_ROUND)
    round_ = get_round_or_404(number)
    if request.method == "GET":
        return render_template("staff/rounds/close.html", round=round_)
    try:
        with write_session() as session:
            rounds.close(session, round_.id, now=now())
            accounts.record_audit_event(
                session, current_account().id, AuditEvent.ROUND_CLOSED, f"round:{number}", now=now()
            )
    except (RoundError, InvalidTransition) as refused:
        return _show_error(number, refused)
    flash(gettext("The round is closed: codes can no longer be used."), "success")
    return redirect(url_for("rounds.show", number=number))


@blueprint.route("/<int:number>/count", methods=["GET", "POST"])
@requires(Permission.COUNT_ROUND)
def count(number: int) -> ResponseReturnValue:
    """Count a closed round: with the key backups, or with one click where the service keeps the key."""
    require_permission_at(Permission.COUNT_ROUND)
    round_ = get_round_or_404(number)
    if round_.state in (RoundState.COUNTED, RoundState.RELEASED):
        return redirect(url_for("transitions.certificate", number=number))
    form = KeySheetsForm()
    needs_sheet = _needs_sheet(round_)
    stopped = None
    if request.method == "POST" and (not needs_sheet or form.validate_on_submit()):
        try:
            answer = _try_to_count(round_, form, needs_sheet=needs_sheet)
        except counting.CountNeedsConfirmation as found:
            answer = None
            stopped = found.preflight
        if answer is not None:
            return answer
    with read_session() as session:
        thanking = mail.must_delay_count_for_thanks(session, round_, now=now())
    page = render_template(
        "staff/rounds/count.html",
        round=round_,
        form=form,
        needs_sheet=needs_sheet,
        thanking=thanking,
        stopped=stopped,
        taken=_scale_titles(round_, stopped.withheld_scales) if stopped else (),
    )
    return page, 422 if form.errors or stopped else 200


def _needs_sheet(round_: Round) -> bool:
    """Tell whether a person must type the key: in trustee mode, or if every host that had it was lost."""
    if round_.state is not RoundState.CLOSED:  # nothing can be counted yet, so there is no form for a key
        return False
    if round_.key_mode is KeyMode.TRUSTEE:
        return True
    with read_session() as session:
        return not answering.round_key_availability(
            session, round_.id, keys=settings().keys, now=now()
        ).any_host_can_open


@blueprint.get("/<int:number>/certificate")
@requires(Permission.COUNT_ROUND)
def certificate(number: int) -> ResponseReturnValue:
    """Show the certificate: what was counted and what was erased."""
    require_permission_at(Permission.COUNT_ROUND)
    round_ = get_round_or_404(number)
    with read_session() as session:
        counted = counting.find_certificate(session, round_.id)
        unreplaced_hosts = (
            processes.hosts_with_processes_running_since_count(session, counted) if counted is not None else ()
        )
    if counted is None:
        return redirect(url_for("transitions.count", number=number))
    return render_template("staff/rounds/certificate.html", round=round_, certificate=counted, left=unreplaced_hosts)


@blueprint.route("/<int:number>/release", methods=["GET", "POST"])
@requires(Permission.RELEASE_ROUND)
def release(number: int) -> ResponseReturnValue:
    """Publish the results for principals and staff, after confirmation."""
    require_permission_at(Permission.RELEASE_ROUND)
    round_ = get_round_or_404(number)
    if request.method == "GET":
        with read_session() as session:
            counted = counting.find_certificate(session, round_.id)
        return render_template("staff/rounds/release.html", round=round_, certificate=counted)
    try:
        with write_session() as session:
            rounds.release(session, round_.id, now=now())
            accounts.record_audit_event(
                session, current_account().id, AuditEvent.ROUND_RELEASED, f"round:{number}", now=now()
            )
    except (RoundError, InvalidTransition) as refused:
        return _show_error(number, refused)
    flash(gettext("The results have been released."), "success")
    return redirect(url_for("rounds.show", number=number))


def _try_to_count(round_: Round, form: KeySheetsForm, *, needs_sheet: bool) -> ResponseReturnValue | None:
    """Count and return the response; None if the form has errors and must be shown again."""
    try:
        return _count(round_, form.texts() if needs_sheet else ())
    except InvalidKey as refused:
        if not needs_sheet:  # the page has no field to show the error at
            return _show_error(round_.id, refused)
        form.add_error(form.first, fault_sentence(refused))
    except (RoundError, InvalidTransition) as refused:
        return _show_error(round_.id, refused)
    except counting.BoxDamaged:
        return _show_undecryptable_box(round_.id)
    return None


def _count(round_: Round, key_sheets: tuple[str, ...]) -> ResponseReturnValue:
    with write_session() as session:
        key = counting.key_from_backups(session, round_.id, key_sheets) if key_sheets else None
        counting.count_round(
            session,
            round_.id,
            key=key,
            policy=policy_for_promised_k(round_.k),
            secret=secret(),
            now=now(),
            keys=settings().keys,
            consent=counting.CountConsent.GIVEN if "anyway" in request.form else counting.CountConsent.ASK,
        )
        accounts.record_audit_event(
            session, current_account().id, AuditEvent.ROUND_COUNTED, f"round:{round_.id}", now=now()
        )
    with suppress(EraseIncomplete), write_session() as session:  # the scheduler repeats it until it succeeds
        counting.destroy_keys_and_wipe_remnants(session, now=now(), keys=settings().keys)
    return redirect(url_for("transitions.certificate", number=round_.id))


def _scale_titles(round_: Round, scales: Sequence[str]) -> tuple[str, ...]:
    """Return the titles of scales in the language of the page."""
    with read_session() as session:
        instrument = instruments.get_questionnaire(session, round_.instrument_digest)
    return tuple(instrument.scale(scale).title.in_language(language()) for scale in scales)


def _readiness(round_: Round) -> OpeningPreview:
    with read_session() as session:
        region: Region = followup.region_asked_by_round(session, round_.id, organisations.region(session))
        communities = organisations.communities(session)
        instrument = instruments.get_questionnaire(session, round_.instrument_digest)
    return opening_preview(region, communities, instrument)


def _show_undecryptable_box(number: int) -> ResponseReturnValue:
    message = gettext(
        "A ballot box cannot be opened: the database is damaged, or the secret key of the service has changed. "
        "Nothing was changed. Ask the service operator to restore both, and then count the round."
    )
    flash(message, "error")
    return redirect(url_for("transitions.count", number=number))


def _show_error(number: int, error: RoundError | InvalidTransition | InvalidKey) -> ResponseReturnValue:
    flash(fault_sentence(error), "warning")
    return redirect(url_for("rounds.show", number=number))
