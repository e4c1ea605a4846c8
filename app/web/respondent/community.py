"""The staff's page of a community: what is shown of its results, the clock, the plan, "You said, we did".

No sign-in and no cookie: the word of the community is typed, and travels in the body of a form only.
"""

import math

from flask import Blueprint, Response, current_app, make_response, render_template, request
from werkzeug.exceptions import TooManyRequests

from app.core.publication import Cell, Level
from app.services.followup import FollowUp
from app.services.followup.telling import WordRefused, by_word, may_staff_read
from app.services.results import finding
from app.services.results.readings import Reading, Standing, read, wider_cell
from app.store.database import Session, reading
from app.web.respondent.entering import LANG, enter
from app.web.respondent.guesses import Guesses
from app.web.shared.door import now, secret
from app.web.shared.languages import language

blueprint = Blueprint("community", __name__, url_prefix=LANG)
blueprint.url_value_preprocessor(enter)
GUESSES = "voimavara.words"


@blueprint.get("/community")
def ask() -> str:
    """Ask for the community's word."""
    return render_template("respondent/community/ask.html", word="", failing=False, there="community")


@blueprint.post("/community")
def show() -> Response:
    """Show the community's page to whoever knows its word."""
    typed = request.form.get("word", "").strip()[:100]
    if request.form.get("go") == "stay" and "shown" not in request.form:  # another language was asked for
        return make_response(
            render_template("respondent/community/ask.html", word=typed, failing=False, there="community")
        )
    _slow_down()
    try:
        with reading() as session:
            found = by_word(session, typed, secret=secret())
            opened = may_staff_read(found, now=now())
            own, wide = _read(session, found) if opened else (None, None)
    except WordRefused:
        _guesses().note(request.remote_addr or "", now=now())
        page = render_template("respondent/community/ask.html", word=typed, failing=True, there="community")
        return make_response(page, 400)
    return make_response(
        render_template(
            "respondent/community/show.html",
            found=found,
            word=typed,
            own=own,
            wide=wide,
            clock=found.clock,
            standing=Standing,
            there="community",
        )
    )


def _read(session: Session, found: FollowUp) -> tuple[Reading, Reading]:
    result = finding.find(session, found.round)
    if result is None:
        raise WordRefused
    publication, cell = result.publication, Cell(Level.COMMUNITY, found.unit.id)
    own = read(publication, cell, instrument=result.instrument, earlier=result.earlier, language=language())
    if own.standing is Standing.NUMBERS:
        return own, own
    wider = wider_cell(publication, cell)
    return own, read(publication, wider, instrument=result.instrument, earlier=result.earlier, language=language())


def _slow_down() -> None:
    wait = _guesses().wait(request.remote_addr or "", now=now())
    if wait:
        raise TooManyRequests(retry_after=math.ceil(wait.total_seconds()))


def _guesses() -> Guesses:
    found: Guesses = current_app.extensions.setdefault(GUESSES, Guesses())
    return found
