"""Page of a community for its staff: results, timeline, plan, "You said, we did".

No sign-in and no cookie: the access phrase of the community is typed, and is sent in the body of a form only.
"""

import math

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests

from app.core.publication import Cell, Level
from app.reports import publication_lookup
from app.reports.unit_report import CellReport, ReportContentKind, build_cell_report, smallest_wider_cell_with_numbers
from app.services import municipality
from app.services.followup import FollowUp
from app.services.followup.staff_page import UnknownAccessPhrase, follow_up_by_access_phrase, may_staff_read_results
from app.store.database import Session, read_session
from app.web.respondent.failed_code_limiter import FailedCodeLimiter
from app.web.respondent.url_language import LANG, set_language_and_size_limit
from app.web.shared.app_context import now, secret
from app.web.shared.languages import language
from app.web.shared.shared_staff_words import shared_staff_sentence

blueprint = Blueprint("community", __name__, url_prefix=LANG)
blueprint.url_value_preprocessor(set_language_and_size_limit)
GUESSES = "voimavara.words"


@blueprint.get("/community")
def ask_access_phrase() -> str:
    """Show the form that asks for the community's access phrase."""
    return _ask("")


@blueprint.post("/community")
def show_community_page() -> Response:
    """Show the community's page to whoever knows its access phrase."""
    typed = request.form.get("word", "").strip()[:100]
    if request.form.get("go") == "stay" and "shown" not in request.form:  # another language was asked for
        return make_response(_ask(typed))
    if not typed:  # empty input is not counted as a failed attempt
        return make_response(_ask("", failing=_("Type the access phrase of your community.")), 400)
    _slow_down()
    try:
        with read_session() as session:
            follow_up = follow_up_by_access_phrase(session, typed, secret=secret())
            opened = may_staff_read_results(follow_up, now=now())
            own, wide = _read(session, follow_up) if opened else (None, None)
            responsible = (
                municipality.shared_staff_responsibilities(session, follow_up.unit.communities) if opened else ()
            )
    except UnknownAccessPhrase:
        _guesses().record_failure(request.remote_addr or "", now=now())
        return make_response(_ask(typed, failing=_("This access phrase does not work.")), 400)
    return make_response(
        render_template(
            "respondent/community/show.html",
            found=follow_up,
            word=typed,
            own=own,
            wide=wide,
            timeline=follow_up.timeline,
            shared_staff=shared_staff_sentence(responsible),
            standing=ReportContentKind,
            there="community",
        )
    )


def _ask(access_phrase: str, *, failing: str | None = None) -> str:
    return render_template("respondent/community/ask.html", word=access_phrase, failing=failing, there="community")


def _read(session: Session, follow_up: FollowUp) -> tuple[CellReport, CellReport]:
    result = publication_lookup.find_publication_context(session, follow_up.round)
    if result is None:
        raise UnknownAccessPhrase
    publication = result.publication
    cell = Cell(Level.COMMUNITY, follow_up.unit.id)
    own = build_cell_report(
        publication, cell, instrument=result.instrument, earlier=result.earlier, language=language()
    )
    if own.kind is ReportContentKind.NUMBERS:
        return own, own
    wider = smallest_wider_cell_with_numbers(publication, cell)
    return own, build_cell_report(
        publication, wider, instrument=result.instrument, earlier=result.earlier, language=language()
    )


def _slow_down() -> None:
    wait = _guesses().remaining_wait(request.remote_addr or "", now=now())
    if wait:
        raise TooManyRequests(retry_after=math.ceil(wait.total_seconds()))


def _guesses() -> FailedCodeLimiter:
    failed_code_limiter: FailedCodeLimiter = current_app.extensions.setdefault(GUESSES, FailedCodeLimiter())
    return failed_code_limiter
