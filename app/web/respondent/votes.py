"""Meeting vote on participants' phones: a code, one or two dots, thanks. No cookies."""

import math

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests

from app.core.meetings.votes import VoteError
from app.services import votes
from app.services.votes import InvalidVoteCode, VoteTicket
from app.store.database import read_session, write_session
from app.web.respondent.failed_code_limiter import FailedCodeLimiter
from app.web.respondent.url_language import LANG, set_language_and_size_limit
from app.web.respondent.views import FAILED_CODES, FORGET
from app.web.shared.app_context import now, secret
from app.web.shared.languages import language

NO_DOT = "-"

blueprint = Blueprint("vote", __name__)
blueprint.url_value_preprocessor(set_language_and_size_limit)


@blueprint.get("/vote")
def redirect_to_preferred_language() -> Response:
    """Redirect to the vote in the browser's language."""
    answer = make_response(redirect(url_for("vote.ask_for_code", lang=language().value)))
    answer.vary.add("Accept-Language")
    return answer


@blueprint.get(LANG + "/vote")
def ask_for_code() -> str:
    """Ask for the code on the slip."""
    return _start("")


@blueprint.post(LANG + "/vote")
def enter_code() -> Response:
    """Resolve the code and show the options of its vote."""
    code = _code()
    if not code:  # empty input is not counted as a failed attempt
        return make_response(
            _start("", failing=_("Type your code."), remedy=_("It is on the slip that you drew.")), 400
        )
    _slow_down()
    try:
        with read_session() as session:
            vote_ticket = votes.resolve_vote_code(session, code, secret=secret(), now=now())
    except InvalidVoteCode:
        return _refuse(code)
    return make_response(_choose(code, vote_ticket, failing=None))


@blueprint.post(LANG + "/vote/send")
def send() -> Response:
    """Store the vote; afterwards no page contains the code or the choice."""
    code = _code()
    _slow_down()
    try:
        with write_session() as session:
            vote_ticket = votes.resolve_vote_code(session, code, secret=secret(), now=now())
            votes.submit_vote(session, code, _chosen(vote_ticket), secret=secret(), now=now())
    except InvalidVoteCode:
        return _refuse(code)
    except VoteError:
        return _ask_again(code)
    sent = make_response(redirect(url_for("vote.thanks", lang=language().value), 303))
    sent.headers["Clear-Site-Data"] = FORGET
    return sent


@blueprint.get(LANG + "/vote/send")
def redirect_to_start() -> Response:
    """Redirect a reloaded or typed URL of the form to the page that asks for the code."""
    return make_response(redirect(url_for("vote.ask_for_code", lang=language().value), 303))


@blueprint.get(LANG + "/vote/thanks")
def thanks() -> Response:
    """Confirm that the vote was stored."""
    page = make_response(render_template("respondent/votes/thanks.html"))
    page.headers["Clear-Site-Data"] = FORGET
    return page


def _chosen(vote_ticket: VoteTicket) -> list[str]:
    """Return the matters that got a dot; VoteError for a dot that no page of ours sends.

    A page sends one sign for each dot, spent or not: what is sent must not be as long as a matter's name is.
    """
    signs = {str(at): option for at, option in enumerate(vote_ticket.options)}
    sent = [request.form.get(name, NO_DOT) for name in ("first", "second")]
    if not signs.keys() | {NO_DOT} >= set(sent):
        raise VoteError("The dots do not fit this vote.")
    return [signs[item] for item in sent if item != NO_DOT]


def _code() -> str:
    return request.form.get("code", "").strip()[:100]


def _ask_again(code: str) -> Response:
    try:
        with read_session() as session:
            vote_ticket = votes.resolve_vote_code(session, code, secret=secret(), now=now())
    except InvalidVoteCode:
        return _refuse(code)
    return make_response(_choose(code, vote_ticket, failing=_("Choose at least one topic.")), 422)


def _refuse(code: str) -> Response:
    """Answer a wrong, a spent and a closed code with the very same page."""
    _guesses().record_failure(request.remote_addr or "", now=now())
    return make_response(_start(code, failing=_("This code cannot be used.")), 400)


def _start(code: str, failing: str | None = None, remedy: str | None = None) -> str:
    return render_template("respondent/votes/start.html", code=code, failing=failing, remedy=remedy)


def _choose(code: str, vote_ticket: VoteTicket, *, failing: str | None) -> str:
    return render_template("respondent/votes/choose.html", code=code, vote=vote_ticket, failing=failing)


def _slow_down() -> None:
    wait = _guesses().remaining_wait(request.remote_addr or "", now=now())
    if wait:
        raise TooManyRequests(retry_after=math.ceil(wait.total_seconds()))


def _guesses() -> FailedCodeLimiter:
    failed_code_limiter: FailedCodeLimiter = current_app.extensions[FAILED_CODES]
    return failed_code_limiter
