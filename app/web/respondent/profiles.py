"""Own feedback: worked out in the request that carries the answers, and kept by nobody but the person."""

from collections import ChainMap

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest

from app.core.catalogue import Course
from app.core.feedback import (
    Keepsake,
    KeepsakeRefused,
    Line,
    Standing,
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
from app.store.paces import OpenNow
from app.store.suggestions import suggestions
from app.web.respondent import sheets
from app.web.respondent.entering import LANG, enter
from app.web.respondent.printing import print_once, slot
from app.web.respondent.sheets import SheetRefused
from app.web.respondent.visits import instrument_of
from app.web.shared.door import now, settings
from app.web.shared.formats import long_date
from app.web.shared.languages import language
from app.web.shared.support_words import SUPPORT

blueprint = Blueprint("profiles", __name__, url_prefix=LANG)
blueprint.url_value_preprocessor(enter)

Closing = tuple[OpenNow, ...]
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
        courses = catalogue.courses(session) if found.attention else ()
        contacts = tuple(support.of(session, place).items())
    rows = [line for line in found.lines if line.score is not None]
    regional = tuple((line.scale.id, line.region) for line in rows)
    # Nothing that is a person's own may be in the key: it stays in memory.
    key = (instrument.digest, regional, earlier is not None, bool(found.attention), failing, closing, contacts)

    def render() -> str:
        return render_template(
            "respondent/profile.html",
            rows=rows,
            has_region=any(line.region is not None for line in found.lines),
            has_advice=bool(found.attention),
            carried={"questionnaire": instrument.digest} | {name: slot(name) for name in ("marks", "earlier", "place")},
            contacts=[(SUPPORT[who], words) for who, words in contacts],
            earlier_day=slot("day") if earlier else None,
            failing=failing,
            closing=closing,
            contact=settings().contact,
            slot=slot,
            there="profile",
        )

    own = {"marks": escape(marks), "earlier": escape(earlier_text), "place": escape(place)}
    own["day"] = escape(long_date(earlier.day)) if earlier else escape("")
    own["advice"] = escape("").join(_advice(line, instrument, courses) for line in found.attention)
    numbers = [_own_numbers(number, line) for number, line in enumerate(rows)]
    return print_once(("profile", language(), *key), render).fill(own | dict(ChainMap(*numbers)))


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


def _own_numbers(number: int, line: Line) -> dict[str, Markup]:
    """Return what of one scale is the person's own, as the slots of the printed page ask for it."""
    assert line.score is not None, "a scale without a score has no row"
    then, dot = "–", Markup("")
    if line.earlier is not None:
        then = str(round(line.earlier))
        dot = Markup('<circle cx="{}" cy="0" r="6" class="earlier" stroke-width="2"/>').format(8 + line.earlier * 3.04)
    key = ("words", language(), line.standing, line.beside_region, line.since_earlier)
    return {
        f"x{number}": escape(8 + line.score * 3.04),
        f"own{number}": escape(round(line.score)),
        f"then{number}": escape(then),
        f"dot{number}": dot,
        f"words{number}": Markup(print_once(key, lambda: escape(_words(line))).fill({})),  # noqa: S704  escaped before
    }


def _advice(line: Line, instrument: Instrument, courses: tuple[Course, ...]) -> Markup:
    """Return what may help with one scale; the same for everybody until the catalogue changes."""
    known = suggestions(settings().surveys)
    suitable = suitable_courses(courses, line.scale.dimension, now=now())
    named = tuple((course.title.read(language()), course.provider) for course in suitable)

    def render() -> str:
        return render_template(
            "respondent/advice.html",
            line=line,
            suggestions=known.get(line.scale.dimension, known["any"]),
            courses=suitable,
            with_whom=WITH_WHOM,
        )

    key = ("advice", language(), instrument.digest, line.scale.id, named)
    return Markup(print_once(key, render).fill({}))  # noqa: S704  rendered, and so escaped, by the template


def _words(line: Line) -> str:
    said = []
    if line.standing:
        said.append(STANDINGS[line.standing])
    if line.beside_region:
        said.append(BESIDE_REGION[line.beside_region])
    if line.since_earlier:
        said.append(SINCE_EARLIER[line.since_earlier])
    return " ".join(str(one) for one in said)
