"""Pages of the survey: code, information, themes, check, thanks."""

import math
from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, TooManyRequests

from app.core.comments import fits_slot
from app.core.instruments import Instrument
from app.services import answering, followup, support
from app.services.answering import AnswerTicket, InvalidAnswers, InvalidCode, KeyAvailabilityCache, Refusal, Submission
from app.store.database import DatabaseUnavailable, Executor, read_connection, write_connection
from app.web.respondent import answer_state, tickets
from app.web.respondent.failed_code_limiter import FailedCodeLimiter
from app.web.respondent.length_padding import pad_content_to_multiple
from app.web.respondent.own_feedback import Closing, FeedbackRequest, render_feedback_page
from app.web.respondent.page_cache import CompiledPage, cached_page, escape_bytes, placeholder
from app.web.respondent.questionnaire_pages import QuestionnairePages
from app.web.respondent.steps import CHECK, COMMENT, COMMENT_AGAIN, INFORMATION, Step
from app.web.respondent.submission_batcher import BatcherRegistry
from app.web.respondent.submission_request import (
    SubmissionRequest,
    common_placeholder_values,
    instrument_for_ticket,
    parse_submission_request,
)
from app.web.respondent.url_language import LANG, set_language_and_size_limit
from app.web.shared.app_context import now, secret, settings
from app.web.shared.languages import language

blueprint = Blueprint("respondent", __name__)
blueprint.url_value_preprocessor(set_language_and_size_limit)
SECONDS_PER_ITEM = 9
FEWEST = 5  # fewest answers for which at least a placement is shown
FAILED_CODES = "voimavara.guesses"
BATCHERS = "voimavara.batchers"
KEY_WATCH = "voimavara.key_watch"
FORGET = '"cache", "storage"'  # not cookies: a colleague may be signed in to the staff area in this browser


@blueprint.get("/")
def redirect_to_preferred_language() -> Response:
    """Redirect to the front page in the browser's language."""
    answer = make_response(redirect(url_for("respondent.ask_for_code", lang=language().value)))
    answer.vary.add("Accept-Language")
    return answer


@blueprint.get(LANG + "/")
def ask_for_code() -> bytes:
    """Show the front page, which asks for the code."""
    return _start_page(code="", shared=True)


@blueprint.post(LANG + "/code")
def enter_code() -> Response:
    """Resolve the access code and show the information page before the first question."""
    typed = request.form.get("code", "").strip()[:100]
    shared = request.form.get("shared") == "yes"
    if request.form.get("go") == "stay":  # another language was asked for
        return make_response(_start_page(code=typed, shared=shared))
    if not typed:  # empty input is not counted as a failed attempt
        return make_response(_start_page(code="", shared=shared, failing=_("Type your code."), empty=True), 400)
    _slow_down()
    try:
        with read_connection() as connection:
            ticket = answering.resolve_code(connection, typed, secret=secret(), now=now())
            _key_watch().require_host_with_key(connection, ticket, now=now())  # nobody should answer in vain
            notice = _information_notice(connection, ticket)
    except InvalidCode:
        return _refuse(typed, shared=shared)
    word = tickets.sign(ticket, code=typed, secret=secret())
    instrument = instrument_for_ticket(ticket)
    return _inform(
        SubmissionRequest(typed, word, ticket, shared, instrument, answer_state.empty_state(instrument), INFORMATION),
        notice,
    )


@blueprint.post(LANG + "/answer")
def show_requested_page() -> Response:
    """Take the answers of one page and show the requested page."""
    form = request.form
    try:
        visit = parse_submission_request(form)
    except InvalidCode:
        return _refuse(form.get("code", ""), shared=True)
    pages = visit.questionnaire_pages(language())
    pressed = form.get("go", "")
    step = pages.steps.page_to_show(pressed, at=visit.step, returning=visit.returning)
    visit = replace(visit, returning=_is_returning(visit, step, pressed))
    if not fits_slot(visit.answers.comment) and step != COMMENT:
        step = COMMENT_AGAIN
    return _show(visit, pages, step)


@blueprint.post(LANG + "/send")
def send() -> Response:
    """Submit the ballot; afterwards no page contains the answers or the code."""
    form = request.form.to_dict()  # a plain dict: hot path, and a missing key is slow in a MultiDict
    if form.get("go") == "stay":
        return show_requested_page()
    # No limit on failed codes here: a ticket is bound to its code and signed, so nothing can be guessed, and wrong
    # codes from a school's address must not stop those of its staff who are about to send their answers.
    try:
        visit = parse_submission_request(form)
        _submit(visit)
    except InvalidCode:
        return _refuse(form.get("code", ""), shared=True)
    except InvalidAnswers as fault:
        raise BadRequest from fault
    sent = make_response(_own_feedback(visit) if form.get("profile") == "yes" else _to_thanks())
    sent.headers["Clear-Site-Data"] = FORGET
    return sent


@blueprint.get(LANG + "/code")
@blueprint.get(LANG + "/answer")
@blueprint.get(LANG + "/send")
def redirect_to_start() -> Response:
    """Redirect a reloaded or typed URL of a form to the front page."""
    return make_response(redirect(url_for("respondent.ask_for_code", lang=language().value), 303))


@blueprint.get(LANG + "/thanks")
def thanks() -> Response:
    """Thank the respondent and show when the open rounds close."""
    closing = _closing()
    text = cached_page(
        ("thanks", language(), closing), lambda: render_template("respondent/thanks.html", closing=closing)
    )
    page = make_response(text.fill({}))
    page.headers["Clear-Site-Data"] = FORGET
    return page


@blueprint.get(LANG + "/ended")
def timed_out() -> Response:
    """Show that the page was closed after a timeout on a shared computer."""
    page = make_response(render_template("respondent/ended.html"))
    page.headers["Clear-Site-Data"] = FORGET
    return page


def _is_returning(visit: SubmissionRequest, step: Step, pressed: str) -> bool:
    """Tell whether the page `step` leads back to the check page: it was chosen there."""
    if step in (CHECK, INFORMATION):
        return False
    return visit.returning or (visit.step == CHECK and pressed == step)


def _slow_down() -> None:
    wait = _guesses().remaining_wait(request.remote_addr or "", now=now())
    if wait:
        raise TooManyRequests(retry_after=math.ceil(wait.total_seconds()))


def _guesses() -> FailedCodeLimiter:
    failed_code_limiter: FailedCodeLimiter = current_app.extensions[FAILED_CODES]
    return failed_code_limiter


def _refuse(typed: str, *, shared: bool) -> Response:
    """Answer a wrong, a spent and a closed code with the very same page."""
    _guesses().record_failure(request.remote_addr or "", now=now())
    return make_response(_start_page(code=typed, shared=shared, failing=_("This code cannot be used.")), 400)


def _start_page(*, code: str, shared: bool, failing: str | None = None, empty: bool = False) -> bytes:
    def render() -> str:
        remedy = _("It is on your slip of paper or in your e-mail invitation.") if empty else None
        return render_template(
            "respondent/start.html",
            code=placeholder("code"),
            shared=shared,
            failing=failing,
            remedy=remedy,
            there="code",
        )

    return cached_page(("start", language(), shared, failing), render).fill({"code": escape_bytes(code)})


def _show(visit: SubmissionRequest, pages: QuestionnairePages, step: Step) -> Response:
    if step == INFORMATION:
        with read_connection() as connection:
            return _inform(visit, _information_notice(connection, visit.ticket))
    carried = common_placeholder_values(visit, step, pages.language)
    page = pages.pages[step].fill(carried | pages.answer_slot_values(step, visit.answers))
    # The number of open questions depends on the answers: it must not change the padded length.
    return make_response(pad_content_to_multiple(page, steps=2) if step == CHECK else page)


def _inform(visit: SubmissionRequest, notice: bytes) -> Response:
    own = {"unit": escape_bytes(visit.ticket.unit_name), "said": notice}
    return make_response(_information(visit).fill(common_placeholder_values(visit, INFORMATION, language()) | own))


def _information_notice(session: Executor, ticket: AnswerTicket) -> bytes:
    """Return the promises to the community after its last survey as HTML; empty if there are none."""
    earlier_promises = followup.earlier_promises(session, ticket.unit_id, other_than=ticket.round_id)
    if earlier_promises is None:
        return b""
    page = cached_page(
        ("said", language(), earlier_promises),
        lambda: render_template("respondent/said_before.html", earlier=earlier_promises),
    )
    return page.fill({})


def _information(visit: SubmissionRequest) -> CompiledPage:
    instrument = visit.instrument
    ticket = replace(visit.ticket, unit_name=placeholder("unit"))
    size = (ticket.unit_size < FEWEST, ticket.unit_size < ticket.k, ticket.surveyed_before)
    key = (language(), size, ticket.title, ticket.instrument_digest, ticket.key_mode, ticket.closes_at, ticket.k)

    def render() -> str:
        return render_template(
            "respondent/information.html",
            ticket=ticket,
            fewest=FEWEST,
            introduction=instrument.introduction.in_language(language()),
            minutes=answering_minutes(instrument),
            controller=settings().controller,
            contact=settings().contact,
            state=placeholder("state"),
            timeout=placeholder("timeout"),
            said=placeholder("said"),
            slot=placeholder,
            there="answer",
        )

    return cached_page(("information", *key), render)


def answering_minutes(instrument: Instrument) -> int:
    """Return how many minutes the questions take, rounded up."""
    return math.ceil(sum(len(theme.items) for theme in instrument.themes) * SECONDS_PER_ITEM / 60)


def _submit(visit: SubmissionRequest) -> None:
    """Cast the ballot of a visit, together with those that other people send at this moment."""
    state = visit.answers
    if not _key_watch().may_skip_key_check(visit.ticket):
        with read_connection() as connection:
            _key_watch().require_host_with_key(connection, visit.ticket, now=now())
    sending = Submission(
        visit.ticket,  # the signed ticket for this code
        answer_state.encode_ratings(state),
        answer_state.chosen_staff_group(visit.instrument, state),
        state.comment or None,
    )
    batchers: BatcherRegistry = current_app.extensions[BATCHERS]
    batchers.batcher_of_round(visit.ticket.round_id).submit(sending, _store_batch)


def _key_watch() -> KeyAvailabilityCache:
    key_watch: KeyAvailabilityCache = current_app.extensions[KEY_WATCH]
    return key_watch


def _store_batch(sendings: Sequence[Submission]) -> Sequence[Refusal | None]:
    with write_connection() as connection:
        return answering.submit_batch(connection, sendings, secret=secret(), now=now())


def _own_feedback(visit: SubmissionRequest) -> ResponseReturnValue:
    try:
        with read_connection() as connection:
            place, contacts = support.municipality_and_support_contacts_of_unit(connection, visit.ticket.unit_id)
            closing = answering.list_open_rounds(connection)
            return render_feedback_page(
                connection, FeedbackRequest(visit.instrument, visit.answers.marks, place, closing, contacts=contacts)
            )
    except DatabaseUnavailable:  # the answers are stored: do not suggest otherwise
        return _to_thanks()


def _to_thanks() -> Response:
    # Empty body: hot path, and nobody reads a page that says "you are being redirected".
    return Response(status=303, headers={"Location": f"/{language().value}/thanks"})


def _closing() -> Closing:
    try:
        with read_connection() as connection:
            return answering.list_open_rounds(connection)
    except DatabaseUnavailable:
        return ()
