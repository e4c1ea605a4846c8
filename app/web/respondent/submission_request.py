"""Parse the request of a respondent: the code, its ticket, and the answers so far."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest

from app.core.instruments import Instrument
from app.core.languages import Language
from app.services import questionnaires
from app.services.answering import AnswerTicket, InvalidCode, recheck_code, resolve_code
from app.store.database import read_connection
from app.web.respondent import answer_state, tickets
from app.web.respondent.answer_state import AnswerState
from app.web.respondent.questionnaire_pages import CHECKED, QuestionnairePages, questionnaire_pages
from app.web.respondent.steps import CHECK, COMMENT, COMMENT_AGAIN, INFORMATION, Step, theme_step
from app.web.shared.app_context import now, secret, settings

EXTENSION = "voimavara.instruments"
FIRST_SURVEYS = "voimavara.instruments of first surveys"
TIME_OUT = 15 * 60


@dataclass(frozen=True, slots=True)
class SubmissionRequest:
    """The parsed form of a respondent's page.

    `returning` is set when the check page sent the respondent to one question.
    """

    code: str
    signed_ticket: str
    ticket: AnswerTicket
    shared: bool
    instrument: Instrument
    answers: AnswerState
    step: str
    returning: bool = False

    def questionnaire_pages(self, language: Language) -> QuestionnairePages:
        """Return the pages of the questionnaire."""
        return questionnaire_pages(self.instrument, language, comments=self.ticket.comments)


def parse_submission_request(form: Mapping[str, str]) -> SubmissionRequest:
    """Parse the form of a respondent's page.

    Raises InvalidCode if the page has no valid answer ticket or the round has closed meanwhile, and BadRequest if the
    answers are not in the form that our pages send.
    """
    code = form.get("code", "")
    signed_ticket = form.get("paper", "")
    try:
        ticket, signed_ticket = _verified_ticket(code, signed_ticket)
        instrument = instrument_for_ticket(ticket)
        answers = answer_state.read_answers(instrument, form)
    except tickets.InvalidTicket as fault:
        raise InvalidCode from fault
    except answer_state.InvalidAnswerState as fault:
        raise BadRequest from fault
    request = SubmissionRequest(
        code,
        signed_ticket,
        ticket,
        form.get("shared") == "yes",
        instrument,
        answers,
        step=form.get("step", ""),
        returning=form.get("then") == CHECK,
    )
    _require_usable(request)
    return request


def _verified_ticket(code: str, signed_ticket: str) -> tuple[AnswerTicket, str]:
    """Return the ticket that a page carried, as it is and signed; after an update, a new one for the code."""
    try:
        return tickets.verify(signed_ticket, code=code, secret=secret()), signed_ticket
    except tickets.UnsupportedTicketVersion:
        with read_connection() as connection:
            ticket = resolve_code(connection, code, secret=secret(), now=now())
        return ticket, tickets.sign(ticket, code=code, secret=secret())


def _require_usable(request: SubmissionRequest) -> None:
    """Refuse a page whose round has closed; on a shared computer also one whose code has been spent.

    There the next person may press "back" and let the browser send an earlier page again: after the
    answers have been cast such a page must show nothing of them.
    """
    if now() >= request.ticket.closes_at:
        raise InvalidCode
    if request.shared:
        with read_connection() as connection:
            recheck_code(connection, request.ticket, now=now())


def instrument_by_digest(digest: str) -> Instrument:
    """Return the questionnaire with this digest; each process reads it from the database once.

    Raises UnknownInstrument where neither a round nor a self-assessment asks it.
    """
    known: dict[str, Instrument] = current_app.extensions.setdefault(EXTENSION, {})
    if digest not in known:
        with read_connection() as connection:
            known[digest] = questionnaires.questionnaire_by_digest(connection, digest, folder=settings().surveys)
    return known[digest]


def instrument_for_ticket(ticket: AnswerTicket) -> Instrument:
    """Return the questionnaire in the version for the ticket's community."""
    whole = instrument_by_digest(ticket.instrument_digest)
    if ticket.surveyed_before:
        return whole
    # Cached, because the page cache identifies a questionnaire by object identity.
    known: dict[str, Instrument] = current_app.extensions.setdefault(FIRST_SURVEYS, {})
    return known.setdefault(whole.digest, whole.without_second_survey_themes)


def hidden_state_inputs_html(request: SubmissionRequest, step: Step) -> Markup:
    """Return the hidden inputs that carry the state to the next page, without the fields that `step` itself shows."""
    step = COMMENT if step == COMMENT_AGAIN else step
    carried = {"code": request.code, "paper": request.signed_ticket, "step": step, "marks": request.answers.marks}
    if request.shared and step != INFORMATION:  # that step has a checkbox for it
        carried["shared"] = "yes"
    if request.returning:
        carried["then"] = CHECK
    if step != theme_step(request.instrument.themes[-1].id):  # which asks for it
        carried["group"] = request.answers.group
    if step != COMMENT:
        carried["comment"] = request.answers.comment
    return hidden_inputs_html(carried)


def hidden_inputs_html(carried: Mapping[str, str]) -> Markup:
    """Return hidden inputs for these names and values."""
    fields = (f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in carried.items())
    return Markup("\n".join(fields))  # noqa: S704  every value is escaped above


def timeout_meta_refresh(language: Language) -> Markup:
    """Return the meta element that leaves the page after a timeout where scripts are disabled, for shared computers."""
    address = f"/{language.value}/ended"
    return Markup('<noscript><meta http-equiv="refresh" content="{}; url={}"></noscript>').format(TIME_OUT, address)


def common_placeholder_values(request: SubmissionRequest, step: Step, language: Language) -> dict[str, bytes]:
    """Return the values of the placeholders that every cached questionnaire page has: state, timeout and checkboxes."""
    return {
        "state": hidden_state_inputs_html(request, step).encode(),
        "timeout": timeout_meta_refresh(language).encode() if request.shared else b"",
        "profile": b"" if request.shared or step != CHECK else CHECKED,
        "shared": CHECKED if request.shared else b"",
    }
