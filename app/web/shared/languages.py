"""Language of a page: from the URL, else from the browser, else the installation's."""

from babel import Locale
from flask import Flask, g, has_request_context, request
from flask_babel import Babel

from app.config import VERSION
from app.core.languages import Language
from app.web.shared.app_context import settings


def register(app: Flask) -> None:
    """Give `app` its languages and the words its templates need."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "web/translations"
    app.config["BABEL_DEFAULT_TIMEZONE"] = app.extensions["voimavara"].settings.time_zone
    Babel(app, locale_selector=_select)
    service_name = app.extensions["voimavara"].settings.service_name
    app.jinja_env.globals.update(
        language=language,
        Language=Language,
        service_name=service_name,
        program_version=VERSION,
    )
    app.jinja_env.globals["language_name"] = language_name


def language() -> Language:
    """Return the language of the current page: `g.language`, else `/fi/…` or `?lang=`, else the browser's."""
    known: Language | None = g.get("language")
    if known is not None:
        return known
    written = request.path.split("/", 2)[1]
    chosen = written if written in set(Language) else request.args.get("lang")
    if chosen in set(Language):
        return Language(chosen)
    best = request.accept_languages.best_match([each_language.value for each_language in Language])
    return Language(best or settings().default_language)


def language_name(each_language: Language) -> str:
    """Return what a language is called in the language of the page: “ruotsi”, “svenska”, “Swedish”."""
    return str(Locale(language().value).languages[each_language.value])


def _select() -> str:
    return language().value if has_request_context() else settings().default_language
