"""Public statements: how answers are protected, what is stored, and accessibility."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from flask import Blueprint, render_template

from app.core.languages import TranslatedText
from app.services import answering
from app.store import schema_docs
from app.store.database import read_session
from app.web.respondent.url_language import LANG, set_language_and_size_limit
from app.web.shared.app_context import settings

blueprint = Blueprint("statements", __name__, url_prefix=LANG)
blueprint.url_value_preprocessor(set_language_and_size_limit)
SOURCE = Path(__file__).with_name("accessibility.toml")


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """A known accessibility shortcoming, and what to do meanwhile."""

    title: TranslatedText
    instead: TranslatedText


@dataclass(frozen=True, slots=True)
class AccessibilityStatement:
    """What the law asks an accessibility statement to say (Act 306/2019, section 9)."""

    written: date
    reviewed: date
    status: TranslatedText
    basis: TranslatedText
    shortcomings: tuple[Shortcoming, ...]
    answered_in_days: int
    supervisor: TranslatedText
    supervisor_address: TranslatedText


@cache
def accessibility_statement() -> AccessibilityStatement:
    """Return the accessibility statement from `accessibility.toml`."""
    written = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return AccessibilityStatement(
        written=written["written"],
        reviewed=written["reviewed"],
        status=TranslatedText(**written["status"]),
        basis=TranslatedText(**written["basis"]),
        shortcomings=tuple(
            Shortcoming(title=TranslatedText(**item["title"]), instead=TranslatedText(**item["instead"]))
            for item in written.get("shortcomings", ())
        ),
        answered_in_days=written["answered_in_days"],
        supervisor=TranslatedText(**written["supervisor"]),
        supervisor_address=TranslatedText(**written["supervisor_address"]),
    )


@blueprint.get("/privacy")
def privacy() -> str:
    """Tell how answers are protected."""
    found_settings = settings()
    return render_template(
        "respondent/privacy.html", controller=found_settings.controller, contact=found_settings.contact
    )


@blueprint.get("/stored")
def stored_data() -> str:
    """Show what is stored: every table, and the ballot boxes of the open rounds."""
    with read_session() as session:
        boxes = answering.box_totals_of_open_rounds(session)
    table_docs = schema_docs.table_docs()
    rest = len(schema_docs.OF_RESPONDENTS)
    return render_template("respondent/stored.html", boxes=boxes, tables=table_docs[:rest], others=table_docs[rest:])


@blueprint.get("/accessibility")
def accessibility() -> str:
    """Show the accessibility statement."""
    return render_template(
        "respondent/accessibility.html", statement=accessibility_statement(), contact=settings().contact
    )
