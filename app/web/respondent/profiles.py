"""Own feedback: worked out in the request that carries the answers, and kept by nobody but the person."""

from dataclasses import dataclass, replace

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.core.feedback import Keepsake, KeepsakeRefused, profile, read_keepsake, write_keepsake
from app.core.instruments import Instrument, gauges
from app.services import feedback, support
from app.store.database import Teller, glance
from app.store.instruments import InstrumentUnknown
from app.store.paces import OpenNow
from app.store.suggestions import suggestions
from app.web.respondent import sheets
from app.web.respondent.entering import LANG, enter
from app.web.respondent.lengths import lengthen
from app.web.respondent.portraits import Parts, print_parts
from app.web.respondent.printing import Printed, ink, print_once, slot
from app.web.respondent.sheets import SheetRefused
from app.web.respondent.visits import instrument_of
from app.web.shared.door import now, settings
from app.web.shared.formats import long_date
from app.web.shared.kept import kept
from app.web.shared.languages import language
from app.web.shared.support_words import SUPPORT

blueprint = Blueprint("profiles", __name__, url_prefix=LANG)
blueprint.url_value_preprocessor(enter)

Closing = tuple[OpenNow, ...]
CARRIED = ("questionnaire", "marks", "earlier", "place")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one person's feedback is worked out from, and what its page says and carries besides.

    `place` is the municipality that the person works in. `closing` is given when the answers have just been
    sent: then the page also tells what happens next.
    """

    instrument: Instrument
    marks: str
    place: str
    closing: Closing | None = None
    earlier: Keepsake | None = None
    earlier_text: str = ""
    failing: str | None = None


@blueprint.post("/profile")
def show() -> bytes:
    """Show the own feedback again: in another language, or beside an earlier profile."""
    asked = _answers()
    try:
        earlier, text = _earlier()
        asked = replace(asked, earlier=earlier, earlier_text=text)
    except KeepsakeRefused:
        failing = _("The file is not an own profile of this service. Choose the one that you saved here.")
        asked = replace(asked, failing=failing)
    with glance() as connection:
        return profile_page(connection, asked)


@blueprint.post("/profile/file")
def keepsake() -> Response:
    """Hand the own profile over as a small file."""
    asked, day = _answers(), now().date()
    found = profile(gauges(asked.instrument), positions_of(asked.instrument, asked.marks), region={})
    answer = make_response(write_keepsake(found, digest=asked.instrument.digest, day=day))
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = f'attachment; filename="voimavara-{day.isoformat()}.json"'
    return answer


def profile_page(session: Teller, asked: Asked) -> bytes:
    """Return the page of the own feedback; nothing is stored."""
    instrument, parts = asked.instrument, _parts(session, asked)
    earlier, day = {}, b""
    if asked.earlier:
        earlier = feedback.continuing(session, asked.earlier.digest, instrument, asked.earlier.scores)
        day = ink(long_date(asked.earlier.day))
    positions = positions_of(instrument, asked.marks)
    found = profile(parts.gauges, positions, region=parts.region, earlier=earlier)
    page = _frame(session, asked).fill(
        {
            "questionnaire": ink(instrument.digest),
            "marks": ink(asked.marks),
            "earlier": ink(asked.earlier_text),
            "place": ink(asked.place),
            "day": day,
            "numbers": parts.numbers(found, day=day),
            "advice": parts.advice(found, now=now()),
        }
    )
    # How much advice there is follows from the answers; long titles and contacts must not let it cross a step.
    return lengthen(page, steps=2)


def positions_of(instrument: Instrument, marks: str) -> dict[str, int]:
    """Return the positions of the chosen options by item."""
    return {
        item.id: sheets.SIGNS.index(mark)
        for item, mark in zip(instrument.items, marks, strict=True)
        if mark not in (sheets.OPEN, sheets.DECLINED)
    }


def _parts(session: Teller, asked: Asked) -> Parts:
    """Return the printed parts; they are printed anew when a result is released or the catalogue changes."""
    edition, suggested = feedback.edition(session), suggestions(settings().surveys)
    instrument, comparing = asked.instrument, asked.earlier is not None

    def make() -> Parts:
        region = feedback.region(session, edition.latest, instrument)
        courses = feedback.offers(session)
        return print_parts(instrument, region=region, courses=courses, suggested=suggested, comparing=comparing)

    # Nothing that is a person's own may be in the key: it stays in memory.
    return kept((instrument, edition.latest, suggested), ("own", language(), comparing, edition.offered), make)


def _frame(session: Teller, asked: Asked) -> Printed:
    """Return the printed page around the parts."""
    contacts, comparing = tuple(support.of(session, asked.place).items()), asked.earlier is not None

    def render() -> str:
        return render_template(
            "respondent/profile.html",
            carried={name: slot(name) for name in CARRIED},
            contacts=[(SUPPORT[who], words) for who, words in contacts],
            earlier_day=slot("day") if comparing else None,
            failing=asked.failing,
            closing=asked.closing,
            contact=settings().contact,
            slot=slot,
            there="profile",
        )

    # Nor in this one; `failing` is the same sentence for all.
    return print_once(("profile", language(), comparing, asked.failing, asked.closing, contacts), render)


def _answers() -> Asked:
    form = request.form
    try:
        instrument = instrument_of(form.get("questionnaire", ""))
        marks = sheets.read(instrument, {"marks": form.get("marks", "")}).marks
    except (InstrumentUnknown, SheetRefused) as fault:
        raise BadRequest from fault
    return Asked(instrument, marks, place=form.get("place", "")[:40])


def _earlier() -> tuple[Keepsake | None, str]:
    """Return the earlier profile that was chosen now, or that the page carries, with its text."""
    chosen = request.files.get("file")
    if chosen is not None and chosen.filename:
        text = chosen.read().decode("utf-8", errors="replace")
    else:
        text = request.form.get("earlier", "")
    return (read_keepsake(text), text) if text else (None, "")
