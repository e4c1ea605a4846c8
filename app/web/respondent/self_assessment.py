"""Self-assessment: the survey's questions without a code, at any time; nothing is counted or stored.

The answers travel in the page, as in a survey. There is no code that could be spent, so a page from a shared
computer is bound to the moment at which it was made: sent again later, by "back", it shows nothing.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import BadRequest

from app.core.instruments import Instrument
from app.core.organisations import Municipality
from app.services import questionnaires
from app.store import organisations
from app.store.database import read_connection, read_session
from app.store.instruments import UnknownInstrument
from app.web.respondent import answer_state
from app.web.respondent.answer_state import AnswerState, InvalidAnswerState
from app.web.respondent.length_padding import pad_content_to_multiple
from app.web.respondent.own_feedback import FeedbackRequest, render_feedback_page
from app.web.respondent.page_cache import CompiledPage, cached_page, escape_bytes, placeholder
from app.web.respondent.questionnaire_pages import CHECKED, QuestionnairePages, questionnaire_pages
from app.web.respondent.steps import CHECK, INFORMATION, Step
from app.web.respondent.submission_request import (
    TIME_OUT,
    hidden_inputs_html,
    instrument_by_digest,
    timeout_meta_refresh,
)
from app.web.respondent.url_language import LANG, set_language_and_size_limit
from app.web.respondent.views import FORGET, answering_minutes
from app.web.shared.app_context import now, secret, settings
from app.web.shared.languages import language

blueprint = Blueprint("self_assessment", __name__, url_prefix=LANG + "/self-assessment")
blueprint.url_value_preprocessor(set_language_and_size_limit)
PURPOSE = b"voimavara moment of a self-assessment page"
MAX_AGE = timedelta(seconds=TIME_OUT)
ANSWER = "self-assessment/answer"
EXTENSION = "voimavara.instruments of self-assessments"


class ExpiredOrForgedPage(Exception):
    """The page was made too long ago, or not by this service."""


@dataclass(frozen=True, slots=True)
class SelfAssessmentRequest:
    """The content of one request; `place` is the id of the municipality whose contacts are requested, or empty."""

    instrument: Instrument
    answers: AnswerState
    shared: bool
    place: str
    step: str
    returning: bool = False

    def pages(self) -> QuestionnairePages:
        """Return the pages of the questionnaire in the reader's language."""
        return questionnaire_pages(self.instrument, language(), comments=False, self_assessment=True)


@blueprint.get("")
def start() -> Response:
    """Show what a self-assessment is, before the first question."""
    instrument = _current_instrument()
    visit = SelfAssessmentRequest(
        instrument,
        answer_state.empty_state(instrument),
        shared=True,
        place=request.args.get("place", "")[:100],
        step="",
    )
    return _show(visit, INFORMATION)


@blueprint.post("/answer")
def answer() -> Response:
    """Read the answers of one page and show the page that was asked for."""
    try:
        visit = _read()
    except ExpiredOrForgedPage:
        return _to_start()
    pressed = request.form.get("go", "")
    step = visit.pages().steps.page_to_show(pressed, at=visit.step, returning=visit.returning)
    chosen_at_check = visit.step == CHECK and pressed == step
    returning = step not in (CHECK, INFORMATION) and (visit.returning or chosen_at_check)
    return _show(replace(visit, returning=returning), step)


@blueprint.post("/feedback")
def feedback() -> Response:
    """Show the own feedback; nothing is stored, so there is nothing to send."""
    if request.form.get("go") == "stay":
        return answer()
    try:
        visit = _read()
    except ExpiredOrForgedPage:
        return _to_start()
    asked = FeedbackRequest(visit.instrument, visit.answers.marks, visit.place, self_assessment=True)
    with read_connection() as connection:
        page = make_response(render_feedback_page(connection, asked))
    page.headers["Clear-Site-Data"] = FORGET
    return page


@blueprint.get("/answer")
@blueprint.get("/feedback")
def redirect_to_start() -> Response:
    """Redirect a reloaded or typed address to the start."""
    return _to_start()


def _to_start() -> Response:
    return make_response(redirect(url_for("self_assessment.start", lang=language().value), 303))


def _read() -> SelfAssessmentRequest:
    """Read what a page sent.

    Raises ExpiredOrForgedPage for a page of a shared computer that is older than the time-out, or that names no
    questionnaire of ours, and BadRequest where the marks are none that our pages send.
    """
    form = request.form
    shared = form.get("shared") == "yes"
    if shared and now() - _moment(form.get("made", "")) > MAX_AGE:
        raise ExpiredOrForgedPage
    try:
        instrument = _asked_of(instrument_by_digest(form.get("questionnaire", "")))
        answers = answer_state.read_answers(instrument, form)
    except UnknownInstrument as fault:
        raise ExpiredOrForgedPage from fault
    except InvalidAnswerState as fault:
        raise BadRequest from fault
    return SelfAssessmentRequest(
        instrument,
        AnswerState(answers.marks),
        shared,
        place=form.get("place", "")[:100],
        step=form.get("step", ""),
        returning=form.get("then") == CHECK,
    )


def _show(visit: SelfAssessmentRequest, step: Step) -> Response:
    values = _values(visit, step)
    if step == INFORMATION:
        return make_response(_information(visit.instrument).fill(values | {"places": _places(visit.place)}))
    pages = visit.pages()
    page = pages.pages[step].fill(values | pages.answer_slot_values(step, visit.answers))
    return make_response(pad_content_to_multiple(page, steps=2) if step == CHECK else page)


def _values(visit: SelfAssessmentRequest, step: Step) -> dict[str, bytes]:
    """Return what every page carries, as the slots of a compiled page ask for it."""
    carried = {
        "questionnaire": visit.instrument.digest,
        "made": _sign(now()),
        "step": step,
        "marks": visit.answers.marks,
    }
    if step != INFORMATION:  # that step asks for both
        carried["place"] = visit.place
        if visit.shared:
            carried["shared"] = "yes"
    if visit.returning:
        carried["then"] = CHECK
    return {
        "state": hidden_inputs_html(carried).encode(),
        "timeout": timeout_meta_refresh(language()).encode() if visit.shared else b"",
        "shared": CHECKED if visit.shared else b"",
    }


def _information(instrument: Instrument) -> CompiledPage:
    def render() -> str:
        return render_template(
            "respondent/self_assessment.html",
            introduction=instrument.introduction.in_language(language()),
            minutes=answering_minutes(instrument),
            state=placeholder("state"),
            timeout=placeholder("timeout"),
            slot=placeholder,
            there=ANSWER,
        )

    return cached_page(("self-assessment", language(), instrument.digest), render)


def _places(chosen: str) -> bytes:
    """Return the municipalities as options, for the contacts of one of them."""
    with read_session() as session:
        options = [_option(one, chosen) for one in organisations.municipalities(session) if one.member]
    return escape_bytes(Markup("").join(options))


def _option(municipality: Municipality, chosen: str) -> Markup:
    selected = Markup(" selected") if municipality.id == chosen else ""
    return Markup('<option value="{}"{}>{}</option>').format(municipality.id, selected, municipality.name)


def _current_instrument() -> Instrument:
    with read_connection() as connection:
        instrument = questionnaires.find_self_assessment_questionnaire(connection, settings().surveys)
    if instrument is None:
        abort(404)
    return _asked_of(instrument)


def _asked_of(whole: Instrument) -> Instrument:
    """Return a questionnaire as a self-assessment asks it: no question on an earlier survey, no staff group."""
    # Cached, because the page cache identifies a questionnaire by object identity.
    known: dict[str, Instrument] = current_app.extensions.setdefault(EXTENSION, {})
    if whole.digest not in known:
        known[whole.digest] = replace(whole.without_second_survey_themes, groups=())
    return known[whole.digest]


def _sign(moment: datetime) -> str:
    written = moment.isoformat().encode()
    return base64.urlsafe_b64encode(_mark(written) + written).decode()


def _moment(signed_moment: str) -> datetime:
    """Return the moment at which this service made a page; ExpiredOrForgedPage where it did not."""
    try:
        raw = base64.urlsafe_b64decode(signed_moment)
    except (ValueError, binascii.Error) as fault:
        raise ExpiredOrForgedPage from fault
    if not hmac.compare_digest(raw[:32], _mark(raw[32:])):
        raise ExpiredOrForgedPage
    return datetime.fromisoformat(raw[32:].decode())


def _mark(content: bytes) -> bytes:
    return hmac.digest(_key(secret()), content, hashlib.sha256)


@lru_cache(maxsize=4)
def _key(installation_secret: bytes) -> bytes:
    return hmac.digest(installation_secret, PURPOSE, hashlib.sha256)
