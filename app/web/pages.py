"""Register all pages: respondent area, staff area, API and what they share."""

from flask import Flask

from app.store import tables
from app.web.interface import blueprints as interface
from app.web.respondent import blueprints as respondent
from app.web.shared import (
    errors,
    followup_words,
    formats,
    health,
    metrics,
    recommendation_words,
    robots,
    security_contact,
    security_headers,
    translated_texts,
    url_converters,
)
from app.web.staff import blueprints as staff


def register(app: Flask) -> None:
    """Register every page with `app`; they read every table."""
    tables.import_table_modules()
    for part in (
        url_converters,
        health,
        metrics,
        security_contact,
        robots,
        formats,
        recommendation_words,
        followup_words,
        translated_texts,
        security_headers,
        errors,
        respondent,
        interface,
        staff,
    ):
        part.register(app)
