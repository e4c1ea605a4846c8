"""The vote of a meeting: the principal opens it, prints the slips, closes it, and all see what came of it."""

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
from app.web.shared.access import account, requires
from app.web.shared.app_context import now, secret, settings
from app.web.shared.languages import language
from app.web.staff.followup import covers
from app.web.staff.meetings import Preparation, preparation

blueprint = Blueprint("votes", __name__, url_prefix="/staff/meetings")
EDIT = Permission.EDIT_PLAN
BOUNDS = {"fewest": MIN_OPTIONS, "most": MAX_OPTIONS, "votes": MIN_VOTES, "people": MAX_PEOPLE}


@blueprint.get("/<int:number>/<unit>/vote")
@requires(EDIT)
def show(number: int, unit: str) -> ResponseReturnValue:
    """Show the vote that is open, what the last ones brought, or the form to open one."""
    return _page(_prepared(number, unit), None)


@blueprint.post("/<int:number>/<unit>/vote")
@requires(EDIT)
def begin(number: int, unit: str) -> ResponseReturnValue:
    """Open a vote on the chosen matters."""
    prepared = _prepared(number, unit)
    try:
        with write_session() as session:
            opened = votes.open_vote(
                session,
                prepared.round,
                prepared.unit.id,
                choice=_choice(),
                secret=secret(),
                key_folder=settings().keys,
                now=now(),
            )
            accounts.record(session, account().id, AuditEvent.VOTE_OPENED, f"vote:{opened}", now=now())
    except VoteError:
        message = gettext(
            "Choose %(fewest)s to %(most)s topics, and a number of people from %(votes)s to %(people)s. Only one "
            "vote can be open at a time.",
            **BOUNDS,
        )
        return _page(prepared, message), 422
    return redirect(_here(prepared))


@blueprint.post("/<int:number>/<unit>/vote/<int:vote>/slips")
@requires(EDIT)
def slips(number: int, unit: str, vote: int) -> ResponseReturnValue:
    """Draw the codes of an open vote and hand them out as slips to print, cut and draw from a bowl."""
    prepared = _prepared(number, unit)
    found_vote = _vote(prepared, vote)
    try:
        with write_session() as session:
            codes = votes.issue(session, found_vote.id, secret=secret(), now=now())
            result = slips_pdf(_batch(prepared, found_vote, codes), zone=ZoneInfo(settings().time_zone), now=now())
    except VoteError:
        flash(
            gettext("Someone has already voted, so no new slips can be made. Close this vote to open another."), "error"
        )
        return redirect(_here(prepared))
    headers = {"Content-Disposition": f'attachment; filename="vote-{found_vote.id}.pdf"'}
    return Response(result, mimetype="application/pdf", headers=headers)


@blueprint.route("/<int:number>/<unit>/vote/<int:vote>/close", methods=["GET", "POST"])
@requires(EDIT)
def close(number: int, unit: str, vote: int) -> ResponseReturnValue:
    """Ask, then close a vote, count it, and destroy all that could tell who voted how."""
    prepared = _prepared(number, unit)
    found_vote = _vote(prepared, vote)
    folder = settings().keys
    if request.method == "GET":
        return _asked(prepared)
    with write_session() as session:
        votes.close(session, found_vote.id, secret=secret(), key_folder=folder, now=now())
        accounts.record(session, account().id, AuditEvent.VOTE_CLOSED, f"vote:{found_vote.id}", now=now())
    with read_session() as session:
        votes.destroy_keys(session, key_folder=folder)
    return redirect(_here(prepared))


def _asked(prepared: Preparation) -> str:
    return render_template(
        "staff/confirm.html",
        heading=gettext("Close the vote and count?"),
        told=[
            gettext("No one can vote any more, and the vote cannot be reopened."),
            gettext("The votes are counted together; then the votes, codes and key are destroyed."),
        ],
        yes=gettext("Yes, close and count"),
        back=_here(prepared),
        is_dangerous=True,
    )


def _prepared(number: int, unit: str) -> Preparation:
    prepared = preparation(number, unit)
    if not covers(prepared.unit, EDIT):
        abort(403)
    return prepared


def _vote(prepared: Preparation, number: int) -> DotVote:
    return next((vote for vote in prepared.votes if vote.id == number), None) or abort(404)


def _choice() -> VoteSetup:
    options = tuple(request.form.getlist("option"))
    return VoteSetup(options, request.form.get("dots", 0, type=int), request.form.get("people", 0, type=int))


def _here(prepared: Preparation) -> str:
    return url_for("votes.show", number=prepared.number, unit=prepared.unit.id)


def _page(prepared: Preparation, failing: str | None) -> str:
    vote = prepared.votes[0] if prepared.votes else None
    return render_template(
        "staff/meetings/vote.html",
        prepared=prepared,
        vote=vote,
        ended=vote is not None and now() >= vote.closes_at,
        failing=failing,
        bounds=BOUNDS,
        people=request.form.get("people", prepared.unit.size),
        options=request.form.getlist("option"),
    )


def _batch(prepared: Preparation, vote: DotVote, codes: tuple[str, ...]) -> SlipBatch:
    return SlipBatch(
        service=settings().service_name,
        round_title=gettext("Choose the focus"),
        community=prepared.unit.name,
        codes=codes,
        closes_at=vote.closes_at,
        base_url=settings().base_url,
        language=language(),
        told=TOLD,
        steps=STEPS,
        page="vote",
    )
