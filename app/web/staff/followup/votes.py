"""Votes of a meeting: open, print slips, close, show the result."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.meetings.votes import (
    MAX_OPTIONS,
    MAX_PEOPLE,
    MIN_OPTIONS,
    MIN_VOTES,
    DotVote,
    VoteError,
    VoteSetup,
)
from app.render.slips import SlipBatch, slips_pdf
from app.render.vote_words import STEPS, TOLD
from app.services import accounts, votes
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, requires
from app.web.shared.app_context import now, secret, settings
from app.web.shared.languages import language
from app.web.staff.followup.meetings import MeetingContext, get_meeting_context_or_404
from app.web.staff.followup.views import may_in_unit

blueprint = Blueprint("votes", __name__, url_prefix="/staff/meetings")
EDIT = Permission.EDIT_PLAN
BOUNDS = {"fewest": MIN_OPTIONS, "most": MAX_OPTIONS, "votes": MIN_VOTES, "people": MAX_PEOPLE}


@blueprint.get("/<int:number>/<unit>/vote")
@requires(EDIT)
def show(number: int, unit: str) -> ResponseReturnValue:
    """Show the open vote, past results, or the form to open one."""
    return _page(_editable_context(number, unit), None)


@blueprint.post("/<int:number>/<unit>/vote")
@requires(EDIT)
def begin(number: int, unit: str) -> ResponseReturnValue:
    """Open a vote on the chosen options."""
    prepared = _editable_context(number, unit)
    try:
        with write_session() as session:
            opened = votes.open_vote(
                session,
                prepared.round_id,
                prepared.unit.id,
                choice=_setup_from_form(),
                secret=secret(),
                key_folder=settings().keys,
                now=now(),
            )
            accounts.record_audit_event(
                session, current_account().id, AuditEvent.VOTE_OPENED, f"vote:{opened}", now=now()
            )
    except VoteError:
        message = gettext(
            "Choose %(fewest)s to %(most)s topics, and a number of people from %(votes)s to %(people)s. Only one "
            "vote can be open at a time.",
            **BOUNDS,
        )
        return _page(prepared, message), 422
    return redirect(_vote_url(prepared))


@blueprint.post("/<int:number>/<unit>/vote/<int:vote>/slips")
@requires(EDIT)
def issue_slips(number: int, unit: str, vote: int) -> ResponseReturnValue:
    """Draw the codes of an open vote and send them as printable slips."""
    prepared = _editable_context(number, unit)
    open_vote = _vote(prepared, vote)
    try:
        with write_session() as session:
            codes = votes.issue_vote_codes(session, open_vote.id, secret=secret(), now=now())
            result = slips_pdf(_batch(prepared, open_vote, codes), zone=ZoneInfo(settings().time_zone), now=now())
    except VoteError:
        flash(
            gettext("Someone has already voted, so no new slips can be made. Close this vote to open another."), "error"
        )
        return redirect(_vote_url(prepared))
    headers = {"Content-Disposition": f'attachment; filename="vote-{open_vote.id}.pdf"'}
    return Response(result, mimetype="application/pdf", headers=headers)


@blueprint.route("/<int:number>/<unit>/vote/<int:vote>/close", methods=["GET", "POST"])
@requires(EDIT)
def close_and_count(number: int, unit: str, vote: int) -> ResponseReturnValue:
    """After confirmation, close and count a vote and destroy what could reveal who voted for what."""
    prepared = _editable_context(number, unit)
    open_vote = _vote(prepared, vote)
    folder = settings().keys
    if request.method == "GET":
        return _confirm_page(prepared)
    with write_session() as session:
        votes.close_count_and_erase(session, open_vote.id, secret=secret(), key_folder=folder, now=now())
        accounts.record_audit_event(
            session, current_account().id, AuditEvent.VOTE_CLOSED, f"vote:{open_vote.id}", now=now()
        )
    with read_session() as session:
        votes.destroy_keys_of_closed_votes(session, key_folder=folder)
    return redirect(_vote_url(prepared))


def _confirm_page(prepared: MeetingContext) -> str:
    return render_template(
        "staff/confirm.html",
        heading=gettext("Close the vote and count?"),
        sentences=[
            gettext("No one can vote any more, and the vote cannot be reopened."),
            gettext("The votes are counted together; then the votes, codes and key are destroyed."),
        ],
        yes=gettext("Yes, close and count"),
        back=_vote_url(prepared),
        is_dangerous=True,
    )


def _editable_context(number: int, unit: str) -> MeetingContext:
    prepared = get_meeting_context_or_404(number, unit)
    if not may_in_unit(prepared.unit, EDIT):
        abort(403)
    return prepared


def _vote(prepared: MeetingContext, number: int) -> DotVote:
    return next((vote for vote in prepared.votes if vote.id == number), None) or abort(404)


def _setup_from_form() -> VoteSetup:
    options = tuple(request.form.getlist("option"))
    return VoteSetup(options, request.form.get("dots", 0, type=int), request.form.get("people", 0, type=int))


def _vote_url(prepared: MeetingContext) -> str:
    return url_for("votes.show", number=prepared.number, unit=prepared.unit.id)


def _page(prepared: MeetingContext, failing: str | None) -> str:
    vote = prepared.votes[0] if prepared.votes else None
    return render_template(
        "staff/meetings/vote.html",
        prepared=prepared,
        vote=vote,
        ended=vote is not None and now() >= vote.closes_at,
        failing=failing,
        bounds=BOUNDS,
        people=request.form.get("people", prepared.unit.invited_count),
        options=request.form.getlist("option"),
    )


def _batch(prepared: MeetingContext, vote: DotVote, codes: tuple[str, ...]) -> SlipBatch:
    return SlipBatch(
        service=settings().service_name,
        round_title=gettext("Choose the focus"),
        community=prepared.unit.name,
        codes=codes,
        closes_at=vote.closes_at,
        base_url=settings().base_url,
        language=language(),
        instructions=TOLD,
        steps=STEPS,
        page="vote",
    )
