"""Own feedback: worked out in the request that carries the answers, and kept by nobody but the person."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.exceptions import BadRequest

from app.core.catalogue import Course
from app.core.feedback import (
    Keepsake,
    KeepsakeRefused,
    Line,
    Profile,
    Standing,
    Suggestion,
    Who,
    read_keepsake,
    suitable_courses,
    write_keepsake,
)
from app.core.instruments import Instrument
from app.core.publication import Placement
from app.services import catalogue, feedback, support
from app.store.database import reading
from app.store.instruments import InstrumentUnknown
from app.store.suggestions import suggestions
from app.web.respondent import sheets
from app.web.respondent.entering import LANG, enter
from app.web.respondent.sheets import SheetRefused
from app.web.respondent.visits import instrument_of
from app.web.shared.door import now, settings
from app.web.shared.formats import long_date
from app.web.shared.support_words import SUPPORT

blueprint = Blueprint("profiles", __name__, url_prefix=LANG)
blueprint.url_value_preprocessor(enter)

Closing = tuple[tuple[str, datetime], ...]
STANDINGS = {
    Standing.STRENGTH: lazy_gettext("A strength of yours."),
    Standing.BETWEEN: lazy_gettext("Neither a strength nor a worry."),
    Standing.ATTENTION: lazy_gettext("Worth your attention."),
}
BESIDE_REGION = {
    Placement.ABOVE: lazy_gettext("Higher than in the region."),
    Placement.SAME: lazy_gettext("Much the same as in the region."),
    Placement.BELOW: lazy_gettext("Lower than in the region."),
}
SINCE_EARLIER = {
    Placement.ABOVE: lazy_gettext("Higher than the last time."),
    Placement.SAME: lazy_gettext("Much the same as the last time."),
    Placement.BELOW: lazy_gettext("Lower than the last time."),
}
WITH_WHOM = {
    Who.SELF: lazy_gettext("By yourself"),
    Who.COLLEAGUE: lazy_gettext("With a colleague"),
    Who.SUPERVISOR: lazy_gettext("With your supervisor"),
    Who.OCCUPATIONAL_HEALTH: lazy_gettext("With occupational health"),
}


@dataclass(frozen=True, slots=True)
class Advice:
    """What may help with one scale."""

    line: Line
    suggestions: tuple[Suggestion, ...]
    courses: tuple[Course, ...]


@blueprint.post("/profile")
def show() -> str:
    """Show the own feedback again: in another language, or beside an earlier profile."""
    instrument, positions, marks = _answers()
    place = request.form.get("place", "")[:40]
    try:
        earlier, text = _earlier()
    except KeepsakeRefused:
        failing = _("The file is not an own profile of this service. Choose the one that you saved here.")
        return profile_page(instrument, positions, marks=marks, failing=failing, place=place)
    return profile_page(instrument, positions, marks=marks, earlier=earlier, earlier_text=text, place=place)


@blueprint.post("/profile/file")
def keepsake() -> Response:
    """Hand the own profile over as a small file."""
    instrument, positions = _answers()[:2]
    with reading() as session:
        found = feedback.own_profile(session, instrument, positions)
    day = now().date()
    answer = make_response(write_keepsake(found, digest=instrument.digest, day=day))
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = f'attachment; filename="voimavara-{day.isoformat()}.json"'
    return answer


def profile_page(
    instrument: Instrument,
    positions: dict[str, int],
    *,
    marks: str,
    earlier: Keepsake | None = None,
    earlier_text: str = "",
    failing: str | None = None,
    closing: Closing | None = None,
    place: str = "",
) -> str:
    """Return the page of the own feedback, for somebody who works in the municipality `place`; nothing is stored.

    `closing` is given when the answers have just been sent: then the page also tells what happens next.
    """
    with reading() as session:
        found = feedback.own_profile(session, instrument, positions, earlier=earlier)
        advice = _advice(found, catalogue.courses(session))
        contacts = support.of(session, place)
    return render_template(
        "respondent/profile.html",
        profile=found,
        rows=[(line, _words(line)) for line in found.lines if line.score is not None],
        has_region=any(line.region is not None for line in found.lines),
        advice=advice,
        with_whom=WITH_WHOM,
        carried={"questionnaire": instrument.digest, "marks": marks, "earlier": earlier_text, "place": place},
        contacts=[(SUPPORT[who], words) for who, words in contacts.items()],
        earlier_day=long_date(earlier.day) if earlier else None,
        failing=failing,
        closing=closing,
        contact=settings().contact,
        there="profile",
    )


def positions_of(instrument: Instrument, marks: str) -> dict[str, int]:
    """Return the positions of the chosen options by item."""
    return {
        item.id: sheets.SIGNS.index(mark)
        for item, mark in zip(instrument.items, marks, strict=True)
        if mark not in (sheets.OPEN, sheets.DECLINED)
    }


def _answers() -> tuple[Instrument, dict[str, int], str]:
    try:
        instrument = instrument_of(request.form.get("questionnaire", ""))
        marks = sheets.read(instrument, {"marks": request.form.get("marks", "")}).marks
    except (InstrumentUnknown, SheetRefused) as fault:
        raise BadRequest from fault
    return instrument, positions_of(instrument, marks), marks


def _earlier() -> tuple[Keepsake | None, str]:
    """Return the earlier profile that was chosen now, or that the page carries, with its text."""
    chosen = request.files.get("file")
    if chosen is not None and chosen.filename:
        text = chosen.read().decode("utf-8", errors="replace")
    else:
        text = request.form.get("earlier", "")
    return (read_keepsake(text), text) if text else (None, "")


def _advice(found: Profile, courses: tuple[Course, ...]) -> list[Advice]:
    known = suggestions(settings().surveys)
    return [
        Advice(
            line=line,
            suggestions=known.get(line.scale.dimension, known["any"]),
            courses=suitable_courses(courses, line.scale.dimension, now=now()),
        )
        for line in found.attention
    ]


def _words(line: Line) -> str:
    said = []
    if line.standing:
        said.append(STANDINGS[line.standing])
    if line.beside_region:
        said.append(BESIDE_REGION[line.beside_region])
    if line.since_earlier:
        said.append(SINCE_EARLIER[line.since_earlier])
    return " ".join(str(one) for one in said)
