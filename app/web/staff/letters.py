"""Letters of a round: in whose name, invitations, reminders, thanks; and how many are where, never whose."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.core.accounts import Permission
from app.core.audit import Deed
from app.core.notices import BatchId, NoticeRefused, Purpose, Sender, about
from app.core.rounds import KeyMode, Round, RoundRefused, RoundState
from app.render.letters import letterhead
from app.services import accounts, bounces, contacts, notices, rounds
from app.services.notices import Coded, Desk
from app.store.database import Session, reading, transaction
from app.web.shared.access import account, allowed, require_place
from app.web.shared.door import now, secret, settings
from app.web.shared.round_faults import sentence
from app.web.staff.letter_forms import DAY_FAULTS, PURPOSES, ReminderForm, SenderForm
from app.web.staff.rounds import find

blueprint = Blueprint("letters", __name__, url_prefix="/staff/rounds")
ISSUE = Permission.ISSUE_CODES


@blueprint.get("/<int:number>/letters")
@allowed(ISSUE)
def index(number: int) -> ResponseReturnValue:
    """Show the letters of a round: what is sent, what waits, what is planned."""
    return _page(_round(number), ReminderForm())


@blueprint.route("/<int:number>/letters/sender", methods=["GET", "POST"])
@allowed(ISSUE)
def sender(number: int) -> ResponseReturnValue:
    """Choose in whose name the letters of a round go out."""
    current = _round(number)
    with reading() as session:
        before = notices.sender(session, current.id)
    form = SenderForm(obj=before)
    if not form.validate_on_submit():
        return render_template("staff/letters/sender.html", round=current, form=form), 422 if form.errors else 200
    with transaction() as session:
        chosen = Sender(form.name.data.strip(), (form.reply_to.data or "").strip())
        notices.set_sender(session, current.id, chosen)
    flash(gettext("The sender is saved."), "success")
    return redirect(url_for("letters.index", number=number))


@blueprint.route("/<int:number>/letters/invitations", methods=["GET", "POST"])
@allowed(ISSUE)
def invite(number: int) -> ResponseReturnValue:
    """Ask once more, then draw a code for each address that has none and put its letter into the outbox."""
    current = _round(number)
    with reading() as session:
        waiting = notices.uninvited(session, current.id)
    if request.method == "GET" or not (waiting and _may_send(current)):
        ready = bool(waiting) and _may_send(current)
        return render_template("staff/letters/invite.html", round=current, waiting=waiting, ready=ready)
    try:
        with transaction() as session:
            drawn = rounds.invite(session, current.id, waiting, secret=secret(), now=now())
            coded = [Coded(one.unit_id, one.contact, one.code) for one in drawn]
            count = notices.write_invitations(session, current, coded, desk=_desk())
            accounts.record(session, account().id, Deed.LETTERS_WRITTEN, f"round:{number} letters:{count}", now=now())
    except RoundRefused as refused:
        flash(sentence(refused), "error")
        return redirect(url_for("letters.index", number=number))
    flash(ngettext("One invitation goes out now.", "%(num)s invitations go out now.", count), "success")
    return redirect(url_for("letters.index", number=number))


@blueprint.post("/<int:number>/letters/reminders")
@allowed(ISSUE)
def remind(number: int) -> ResponseReturnValue:
    """Plan a reminder for the morning of a day."""
    current, form = _round(number), ReminderForm()
    if not form.validate_on_submit():
        return _page(current, form), 422
    try:
        with transaction() as session:
            notices.plan_reminder(session, current, form.day.data, desk=_desk())
            _record_planning(session, number)
    except NoticeRefused as refused:
        form.complain(form.day, DAY_FAULTS[refused.reason])
        return _page(current, form), 422
    return redirect(url_for("letters.index", number=number))


@blueprint.post("/<int:number>/letters/once/<any(thanks, released):word>")
@allowed(ISSUE)
def plan_once(number: int, word: str) -> ResponseReturnValue:
    """Plan thanks to all when the round closes, or news when its results are released."""
    current = _round(number)
    try:
        with transaction() as session:
            notices.plan_once(session, current, Purpose(word))
            _record_planning(session, number)
    except NoticeRefused:
        flash(gettext("That is planned already."), "warning")
    return redirect(url_for("letters.index", number=number))


@blueprint.post("/<int:number>/letters/<int:batch>/cancel")
@allowed(ISSUE)
def cancel(number: int, batch: int) -> ResponseReturnValue:
    """Take back letters that are only planned."""
    current = _round(number)
    with transaction() as session:
        cancelled = notices.cancel(session, current, BatchId(batch))
    if not cancelled:
        flash(gettext("These letters are on their way already."), "warning")
    return redirect(url_for("letters.index", number=number))


def _page(current: Round, form: ReminderForm) -> str:
    with reading() as session:
        batches = notices.batches(session, current.id)
        returned = bounces.by_batch(session, current.id)
        known = contacts.contacts(session, current.id)
        waiting = notices.uninvited(session, current.id)
        chosen = notices.sender(session, current.id)
    planned = {one.purpose for one in batches}
    return render_template(
        "staff/letters/index.html",
        round=current,
        batches=batches,
        returned=returned,
        known=len(known),
        uninvited=sum(len(addresses) for addresses in waiting.values()),
        sender=chosen,
        form=form,
        has_server=bool(settings().smtp_url),
        may_send=_may_send(current),
        is_over=current.state in {RoundState.COUNTED, RoundState.RELEASED},
        missing=[one for one in (Purpose.THANKS, Purpose.RELEASED) if one not in planned and _still(one, current)],
        purposes=PURPOSES,
        about=about,
    )


def _still(purpose: Purpose, current: Round) -> bool:
    over = {RoundState.CLOSED, RoundState.COUNTED} if purpose is Purpose.THANKS else set()
    return current.state is not RoundState.RELEASED and current.state not in over


def _may_send(current: Round) -> bool:
    """Tell whether invitations can go out: the round open, its key tried, a mail server set."""
    with reading() as session:
        tried = current.key_mode is KeyMode.AUTOMATIC or rounds.is_rehearsed(session, current.id)
    return bool(settings().smtp_url) and tried and current.accepts_answers(now())


def _round(number: int) -> Round:
    require_place(ISSUE)
    return find(number)


def _desk() -> Desk:
    return Desk(head=letterhead(settings()), secret=secret(), now=now())


def _record_planning(session: Session, number: int) -> None:
    accounts.record(session, account().id, Deed.LETTERS_PLANNED, f"round:{number}", now=now())
