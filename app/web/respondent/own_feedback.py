"""Own feedback: worked out in the request that carries the answers, and kept by nobody but the person."""

from dataclasses import dataclass, replace

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.core.feedback import InvalidSavedProfile, SavedProfile, build_profile, read_saved_profile, write_saved_profile
from app.core.instruments import Instrument, scale_scorers
from app.services import feedback, support
from app.store.database import Executor, read_connection
from app.store.instruments import UnknownInstrument
from app.store.step_deadlines import OpenRound
from app.store.suggestions import load_suggestions
from app.web.respondent import answer_state
from app.web.respondent.answer_state import InvalidAnswerState
from app.web.respondent.feedback_page import FeedbackParts, render_parts
from app.web.respondent.length_padding import pad_content
from app.web.respondent.page_cache import CompiledPage, cached_page, escape_bytes, placeholder
from app.web.respondent.submission_request import instrument_by_digest
from app.web.respondent.url_language import LANG, read_url_language
from app.web.shared.app_context import now, settings
from app.web.shared.formats import long_date
from app.web.shared.fragment_cache import cached_fragment
from app.web.shared.languages import language
from app.web.shared.support_words import SUPPORT

blueprint = Blueprint("saved_profiles", __name__, url_prefix=LANG)
blueprint.url_value_preprocessor(read_url_language)

Closing = tuple[OpenRound, ...]
CARRIED = ("questionnaire", "marks", "earlier", "place")


@dataclass(frozen=True, slots=True)
class FeedbackRequest:
    """What one person's feedback is worked out from, and what its page says and carries besides.

    `place` is the municipality that the person works in. `closing` is given when the answers have just been
    sent: then the page also tells what happens next. After a `self_assessment` it says that this was no vote.
    """

    instrument: Instrument
    marks: str
    place: str
    closing: Closing | None = None
    earlier: SavedProfile | None = None
    earlier_text: str = ""
    failing: str | None = None
    self_assessment: bool = False


@blueprint.post("/profile")
def show() -> bytes:
    """Show the own feedback again: in another language, or beside an earlier profile."""
    asked = _answers()
    try:
        earlier, text = _earlier()
        asked = replace(asked, earlier=earlier, earlier_text=text)
    except InvalidSavedProfile:
        failing = _("The file is not an own profile of this service. Choose the one that you saved here.")
        asked = replace(asked, failing=failing)
    with read_connection() as connection:
        return render_feedback_page(connection, asked)


@blueprint.post("/profile/file")
def saved_profile() -> Response:
    """Hand the own profile over as a small file."""
    asked = _answers()
    day = now().date()
    profile = build_profile(
        scale_scorers(asked.instrument), parse_option_positions(asked.instrument, asked.marks), region={}
    )
    answer = make_response(write_saved_profile(profile, digest=asked.instrument.digest, day=day))
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = f'attachment; filename="voimavara-{day.isoformat()}.json"'
    return answer


def render_feedback_page(session: Executor, asked: FeedbackRequest) -> bytes:
    """Return the page of the own feedback; nothing is stored."""
    instrument = asked.instrument
    parts = _parts(session, asked)
    earlier = {}
    day = b""
    if asked.earlier:
        earlier = feedback.comparable_scores(session, asked.earlier.digest, instrument, asked.earlier.scores)
        day = escape_bytes(long_date(asked.earlier.day))
    positions = parse_option_positions(instrument, asked.marks)
    profile = build_profile(parts.gauges, positions, region=parts.region, earlier=earlier)
    page = _frame(session, asked).fill(
        {
            "questionnaire": escape_bytes(instrument.digest),
            "marks": escape_bytes(asked.marks),
            "earlier": escape_bytes(asked.earlier_text),
            "place": escape_bytes(asked.place),
            "day": day,
            "numbers": parts.numbers(profile, day=day),
            "advice": parts.advice(profile, now=now()),
        }
    )
    # How much advice there is follows from the answers; long titles and contacts must not let it cross a step.
    return pad_content(page, steps=2)


def parse_option_positions(instrument: Instrument, marks: str) -> dict[str, int]:
    """Return the positions of the chosen options by item."""
    return {
        item.id: answer_state.SIGNS.index(mark)
        for item, mark in zip(instrument.items, marks, strict=True)
        if mark not in (answer_state.OPEN, answer_state.DECLINED)
    }


def _parts(session: Executor, asked: FeedbackRequest) -> FeedbackParts:
    """Return the printed parts; they are printed anew when a result is released or the catalogue changes."""
    edition = feedback.feedback_version(session)
    suggested = load_suggestions(settings().surveys)
    instrument = asked.instrument
    comparing = asked.earlier is not None

    def make() -> FeedbackParts:
        region = feedback.region_means(session, edition.latest, instrument)
        courses = feedback.catalogue_courses(session)
        return render_parts(instrument, region=region, courses=courses, suggested=suggested, comparing=comparing)

    # Nothing that is a person's own may be in the key: it stays in memory.
    return cached_fragment(
        (instrument, suggested), ("own", language(), comparing, edition.latest, edition.offered), make
    )


def _frame(session: Executor, asked: FeedbackRequest) -> CompiledPage:
    """Return the printed page around the parts."""
    contacts = tuple(support.support_contacts(session, asked.place).items())
    comparing = asked.earlier is not None

    def render() -> str:
        return render_template(
            "respondent/profile.html",
            carried={name: placeholder(name) for name in CARRIED},
            contacts=[(SUPPORT[support_kind], words) for support_kind, words in contacts],
            earlier_day=placeholder("day") if comparing else None,
            failing=asked.failing,
            closing=asked.closing,
            self_assessment=asked.self_assessment,
            contact=settings().contact,
            slot=placeholder,
            there="profile",
        )

    # Nor in this one; `failing` is the same sentence for all.
    key = (language(), comparing, asked.failing, asked.closing, asked.self_assessment, contacts)
    return cached_page(("profile", *key), render)


def _answers() -> FeedbackRequest:
    form = request.form
    try:
        instrument = instrument_by_digest(form.get("questionnaire", ""))
        marks = answer_state.read_answers(instrument, {"marks": form.get("marks", "")}).marks
    except (UnknownInstrument, InvalidAnswerState) as fault:
        raise BadRequest from fault
    return FeedbackRequest(
        instrument, marks, place=form.get("place", "")[:40], self_assessment=form.get("assessment") == "yes"
    )


def _earlier() -> tuple[SavedProfile | None, str]:
    """Return the earlier profile that was chosen now, or that the page carries, with its text."""
    file_storage = request.files.get("file")
    if file_storage is not None and file_storage.filename:
        text = file_storage.read().decode("utf-8", errors="replace")
    else:
        text = request.form.get("earlier", "")
    return (read_saved_profile(text), text) if text else (None, "")
