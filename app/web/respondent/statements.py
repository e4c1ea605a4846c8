"""What must be said to everybody: how answers are protected, and how accessible the pages are."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from flask import Blueprint, render_template

from app.core.languages import Text
from app.services import answering
from app.store import described
from app.store.database import reading
from app.web.respondent.entering import LANG, enter
from app.web.shared.door import settings

blueprint = Blueprint("statements", __name__, url_prefix=LANG)
blueprint.url_value_preprocessor(enter)
SOURCE = Path(__file__).with_name("accessibility.toml")


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """What is known not to meet the criteria yet, and what to do meanwhile."""

    title: Text
    instead: Text


@dataclass(frozen=True, slots=True)
class Statement:
    """What the law asks an accessibility statement to say (Act 306/2019, section 9)."""

    written: date
    reviewed: date
    status: Text
    basis: Text
    shortcomings: tuple[Shortcoming, ...]
    answered_in_days: int
    supervisor: Text
    supervisor_address: str


@cache
def statement() -> Statement:
    """Return the accessibility statement that stands in `accessibility.toml`."""
    written = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return Statement(
        written=written["written"],
        reviewed=written["reviewed"],
        status=Text(**written["status"]),
        basis=Text(**written["basis"]),
        shortcomings=tuple(
            Shortcoming(title=Text(**one["title"]), instead=Text(**one["instead"]))
            for one in written.get("shortcomings", ())
        ),
        answered_in_days=written["answered_in_days"],
        supervisor=Text(**written["supervisor"]),
        supervisor_address=written["supervisor_address"],
    )


@blueprint.get("/privacy")
def privacy() -> str:
    """Tell how answers are protected."""
    chosen = settings()
    return render_template("respondent/privacy.html", controller=chosen.controller, contact=chosen.contact)


@blueprint.get("/stored")
def stored() -> str:
    """Tell what is stored: every table that is there, and the sealed boxes of the rounds that are open."""
    with reading() as session:
        boxes = answering.open_boxes(session)
    told, rest = described.tables(), len(described.OF_RESPONDENTS)
    return render_template("respondent/stored.html", boxes=boxes, tables=told[:rest], others=told[rest:])


@blueprint.get("/accessibility")
def accessibility() -> str:
    """Show the accessibility statement."""
    return render_template("respondent/accessibility.html", statement=statement(), contact=settings().contact)
