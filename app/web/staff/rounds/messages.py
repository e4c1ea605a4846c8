"""E-mails of a round: sender, invitations, reminders, thanks; counts by status, never recipients."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.mail import BatchId, MailBatchNotAllowed, MessagePurpose, SenderIdentity, round_down_to_ten
from app.core.rounds import KeyMode, Round, RoundError, RoundState
from app.render.mail_messages import sender_details
from app.services import accounts, bounces, contacts, mail, outbox_delivery, rounds
from app.services.mail import MailContext
from app.store.database import Session, read_session, write_session
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now, secret, settings
from app.web.shared.round_faults import fault_sentence
from app.web.staff.rounds.message_forms import DAY_FAULTS, PURPOSES, SETBACKS, ReminderForm, SenderForm
from app.web.staff.rounds.views import get_round_or_404

blueprint = Blueprint("messages", __name__, url_prefix="/staff/rounds")
ISSUE = Permission.ISSUE_CODES


@blueprint.get("/<int:number>/letters")
@requires(ISSUE)
def index(number: int) -> ResponseReturnValue:
    """Show the messages of a round: sent, waiting and planned."""
    return _page(_round(number), ReminderForm())


@blueprint.route("/<int:number>/letters/sender", methods=["GET", "POST"])
@requires(ISSUE)
def edit_sender(number: int) -> ResponseReturnValue:
    """Edit the sender of a round's messages."""
    round_ = _round(number)
    with read_session() as session:
        before = mail.sender_of_round(session, round_.id)
    form = SenderForm(obj=before)
    if not form.validate_on_submit():
        return render_template("staff/messages/sender.html", round=round_, form=form), 422 if form.errors else 200
    with write_session() as session:
        sender_identity = SenderIdentity(form.name.data.strip(), (form.reply_to.data or "").strip())
        mail.set_sender(session, round_.id, sender_identity)
    flash(gettext("The sender was saved."), "success")
    return redirect(url_for("messages.index", number=number))


@blueprint.route("/<int:number>/letters/invitations", methods=["GET", "POST"])
@requires(ISSUE)
def issue_codes_and_invite(number: int) -> ResponseReturnValue:
    """After confirmation, issue a code for each address that has none and queue its invitation."""
    round_ = _round(number)
    with read_session() as session:
        waiting = mail.uninvited_addresses_by_unit(session, round_.id)
    if request.method == "GET" or not (waiting and _may_send(round_)):
        ready = bool(waiting) and _may_send(round_)
        return render_template("staff/messages/invite.html", round=round_, waiting=waiting, ready=ready)
    try:
        with write_session() as session:
            codes = rounds.issue_mailed_codes(session, round_.id, waiting, secret=secret(), now=now())
            count = mail.write_invitations(session, round_, codes, context=_desk())
            accounts.record_audit_event(
                session, current_account().id, AuditEvent.LETTERS_WRITTEN, f"round:{number} letters:{count}", now=now()
            )
    except RoundError as refused:
        flash(fault_sentence(refused), "error")
        return redirect(url_for("messages.index", number=number))
    flash(ngettext("One invitation is being sent now.", "%(num)s invitations are being sent now.", count), "success")
    return redirect(url_for("messages.index", number=number))


@blueprint.post("/<int:number>/letters/reminders")
@requires(ISSUE)
def plan_reminder(number: int) -> ResponseReturnValue:
    """Plan a reminder for the morning of a day."""
    round_ = _round(number)
    form = ReminderForm()
    if not form.validate_on_submit():
        return _page(round_, form), 422
    try:
        with write_session() as session:
            mail.plan_reminder(session, round_, form.day.data, context=_desk())
            _record_planning(session, number)
    except MailBatchNotAllowed as refused:
        form.add_error(form.day, DAY_FAULTS[refused.reason])
        return _page(round_, form), 422
    return redirect(url_for("messages.index", number=number))


@blueprint.post("/<int:number>/letters/once/<any(thanks, released):purpose>")
@requires(ISSUE)
def plan_thanks_or_results_news(number: int, purpose: str) -> ResponseReturnValue:
    """Plan thanks to all when the round closes, or news when its results are released."""
    round_ = _round(number)
    try:
        with write_session() as session:
            mail.plan_thanks_or_results_news(session, round_, MessagePurpose(purpose))
            _record_planning(session, number)
    except MailBatchNotAllowed:
        flash(gettext("This is already planned."), "warning")
    return redirect(url_for("messages.index", number=number))


@blueprint.post("/<int:number>/letters/<int:batch>/cancel")
@requires(ISSUE)
def cancel(number: int, batch: int) -> ResponseReturnValue:
    """Cancel planned messages."""
    round_ = _round(number)
    with write_session() as session:
        cancelled = mail.cancel_planned_batch(session, round_, BatchId(batch))
    if not cancelled:
        flash(gettext("These messages are already on their way."), "warning")
    return redirect(url_for("messages.index", number=number))


@blueprint.post("/<int:number>/letters/<int:batch>/give-up")
@requires(ISSUE)
def cancel_waiting_and_withdraw_codes(number: int, batch: int) -> ResponseReturnValue:
    """Give up messages that wait for the mail server; the codes of the invitations among them are withdrawn."""
    round_ = _round(number)
    with write_session() as session:
        given_up = outbox_delivery.give_up_batch(session, round_.id, BatchId(batch), now=now(), secret=secret())
    if not given_up:
        flash(gettext("These messages are no longer waiting for the mail server."), "warning")
    return redirect(url_for("messages.index", number=number))


@blueprint.post("/<int:number>/letters/undelivered/<any(retry, delete):choice>")
@requires(ISSUE)
def reinvite_or_delete_unreached_addresses(number: int, choice: str) -> ResponseReturnValue:
    """Let the addresses that no invitation reached be invited again, or delete them."""
    round_ = _round(number)
    with write_session() as session:
        if choice == "retry":
            count = contacts.allow_reinviting_undelivered(session, round_)
        else:
            count = contacts.delete_undeliverable(session, round_.id)
    if choice == "retry" and not count:
        flash(gettext("No place is free: slips or other addresses have taken them."), "warning")
    return redirect(url_for("messages.index", number=number))


def _page(round_: Round, form: ReminderForm) -> str:
    with read_session() as session:
        batches = mail.batches(session, round_.id)
        returned = bounces.bounce_counts_by_batch(session, round_.id)
        known = contacts.contacts(session, round_.id)
        waiting = mail.uninvited_addresses_by_unit(session, round_.id)
        undelivered = mail.undeliverable_addresses_by_unit(session, round_.id)
        sender_identity = mail.sender_of_round(session, round_.id)
    planned = {batch.purpose for batch in batches}
    return render_template(
        "staff/messages/index.html",
        round=round_,
        batches=batches,
        returned=returned,
        known=len(known),
        uninvited=sum(len(addresses) for addresses in waiting.values()),
        undelivered=undelivered,
        setbacks={batch.setback: SETBACKS[batch.setback.fault] for batch in batches if batch.setback},
        sender=sender_identity,
        form=form,
        has_server=bool(settings().smtp_url),
        may_send=_may_send(round_),
        is_over=round_.state in {RoundState.COUNTED, RoundState.RELEASED},
        missing=[
            item
            for item in (MessagePurpose.THANKS, MessagePurpose.RELEASED)
            if item not in planned and _still(item, round_)
        ],
        purposes=PURPOSES,
        about=round_down_to_ten,
    )


def _still(purpose: MessagePurpose, round_: Round) -> bool:
    over = {RoundState.CLOSED, RoundState.COUNTED} if purpose is MessagePurpose.THANKS else set()
    return round_.state is not RoundState.RELEASED and round_.state not in over


def _may_send(round_: Round) -> bool:
    """Tell whether invitations can go out: the round open, its key tried, a mail server set."""
    with read_session() as session:
        tried = round_.key_mode is KeyMode.AUTOMATIC or rounds.are_key_backups_verified(session, round_.id)
    return bool(settings().smtp_url) and tried and round_.accepts_answers(now())


def _round(number: int) -> Round:
    require_permission_at(ISSUE)
    return get_round_or_404(number)


def _desk() -> MailContext:
    return MailContext(head=sender_details(settings()), secret=secret(), now=now())


def _record_planning(session: Session, number: int) -> None:
    accounts.record_audit_event(session, current_account().id, AuditEvent.LETTERS_PLANNED, f"round:{number}", now=now())
