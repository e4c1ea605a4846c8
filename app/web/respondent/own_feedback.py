"""Own feedback: computed in the request that contains the answers, never stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.core.feedback import InvalidSavedProfile, SavedProfile, build_profile, read_saved_profile, write_saved_profile
from app.core.instruments import Instrument, scale_scorers
from app.core.support import SupportContactKind
from app.services import feedback, support
from app.store.database import Executor, read_connection
from app.store.instruments import UnknownInstrument
from app.store.step_deadlines import OpenRound
from app.store.suggestions import load_feedback_suggestions
from app.web.respondent import answer_state
from app.web.respondent.answer_state import InvalidAnswerState
from app.web.respondent.feedback_page import FeedbackParts, render_parts
from app.web.respondent.length_padding import pad_content_to_multiple
from app.web.respondent.page_cache import CompiledPage, cached_page, escape_bytes, placeholder
from app.web.respondent.submission_request import instrument_by_digest
from app.web.respondent.url_language import LANG, set_language_and_size_limit
from app.web.shared.app_context import now, settings, today
from app.web.shared.formats import long_date
from app.web.shared.fragment_cache import cached_fragment
from app.web.shared.languages import language
from app.web.shared.support_words import SUPPORT

blueprint = Blueprint("saved_profiles", __name__, url_prefix=LANG)
blueprint.url_value_preprocessor(set_language_and_size_limit)

Closing = tuple[OpenRound, ...]
CARRIED = ("questionnaire", "marks", "earlier", "place")


@dataclass(frozen=True, slots=True)
class FeedbackRequest:
    """The answers that one person's feedback is computed from, and the further content of its page.

    `place` is the municipality that the person works in, `contacts` those for support there, None where they are
    still to be read. `closing` is given when the answers have just been sent: then the page also tells what happens
    next. After a `self_assessment` it says that this was no vote.
    """

    instrument: Instrument
    marks: str
    place: str
    closing: Closing | None = None
    earlier: SavedProfile | None = None
    earlier_text: str = ""
    failing: str | None = None
    self_assessment: bool = False
    contacts: Mapping[SupportContactKind, str] | None = None


@blueprint.post("/profile")
def show_again() -> bytes:
    """Show the own feedback again: in another language, or beside an earlier profile."""
    asked = _answers()
    try:
        earlier, text = _earlier()
        asked = replace(asked, earlier=earlier, earlier_text=text)
    except InvalidSavedProfile:
        failing = _("This file does not contain feedback from this service. Choose the file that you saved here.")
        asked = replace(asked, failing=failing)
    with read_connection() as connection:
        return render_feedback_page(connection, asked)


@blueprint.post("/profile/file")
def download_profile() -> Response:
    """Send the respondent's own profile as a small JSON file to download."""
    asked = _answers()
    day = today()
    profile = build_profile(
        scale_scorers(asked.instrument), option_positions_by_item(asked.instrument, asked.marks), region={}
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
        earlier = feedback.filter_comparable_scores(session, asked.earlier.digest, instrument, asked.earlier.scores)
        day = escape_bytes(long_date(asked.earlier.day))
    positions = option_positions_by_item(instrument, asked.marks)
    profile = build_profile(parts.gauges, positions, region=parts.region, earlier=earlier)
    page = _frame(session, asked).fill(
        {
            "questionnaire": escape_bytes(instrument.digest),
            "marks": escape_bytes(asked.marks),
            "earlier": escape_bytes(asked.earlier_text),
            "place": escape_bytes(asked.place),
            "day": day,
            "numbers": parts.scores_html(profile, day=day),
            "advice": parts.advice_html(profile, now=now()),
        }
    )
    # The amount of advice depends on the answers; it must not change the padded length of the page.
    return pad_content_to_multiple(page, steps=2)


def option_positions_by_item(instrument: Instrument, marks: str) -> dict[str, int]:
    """Return the position of the chosen option by item id, without unanswered items."""
    return {
        item.id: answer_state.SIGNS.index(mark)
        for item, mark in zip(instrument.items, marks, strict=True)
        if mark not in (answer_state.OPEN, answer_state.DECLINED)
    }


def _parts(session: Executor, asked: FeedbackRequest) -> FeedbackParts:
    """Return the printed parts; they are printed anew when a result is released or the catalogue changes."""
    edition = feedback.feedback_version(session)
    suggested = load_feedback_suggestions(settings().surveys)
    instrument = asked.instrument
    comparing = asked.earlier is not None

    def make() -> FeedbackParts:
        region = feedback.region_means(session, edition.latest, instrument)
        courses = feedback.catalogue_courses(session)
        return render_parts(instrument, region=region, courses=courses, suggested=suggested, comparing=comparing)

    # The key stays in memory, so it must contain no personal data.
    return cached_fragment(
        (instrument, suggested), ("own", language(), comparing, edition.latest, edition.offered), make
    )


def _frame(session: Executor, asked: FeedbackRequest) -> CompiledPage:
    """Return the printed page around the parts."""
    found = support.support_contacts_by_kind(session, asked.place) if asked.contacts is None else asked.contacts
    contacts = tuple(found.items())
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

    # No personal data here either; `failing` is the same sentence for all.
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
