"""Texts in one to three languages: selection for a reader, and form fields."""

from collections.abc import Mapping
from typing import Any, Protocol

from flask import Flask
from markupsafe import Markup, escape

from app.core.languages import Language, PartlyTranslatedText, partly_translated_text
from app.web.shared.app_context import settings
from app.web.shared.languages import language


class HasTranslatedTitle(Protocol):
    """A round, or any object that has the title of one."""

    @property
    def translated_title(self) -> PartlyTranslatedText:
        """The title in the languages in which it was written."""


def register(app: Flask) -> None:
    """Give the templates of `app` the functions that write texts in the reader's language."""
    functions = (translated, round_title, plain_round_title)
    app.jinja_env.globals.update({function.__name__: function for function in functions})


def translated(text: PartlyTranslatedText) -> Markup:
    """Return a text in the reader's language, else in the one that exists, marked with that language."""
    text_in_language = escape(text.in_language(language()))
    written = text.language_for(language())
    if written in (None, language()):
        return text_in_language
    return Markup('<span lang="{}">{}</span>').format(written, text_in_language)


def round_title(source: HasTranslatedTitle) -> Markup:
    """Return a round's title for a page, marked with its language where that is not the reader's."""
    return translated(source.translated_title)


def plain_round_title(source: HasTranslatedTitle) -> str:
    """Return a round's title as plain text in the reader's language, for where no markup can stand."""
    return source.translated_title.in_language(language())


def text_of_fields(values: Mapping[str, Any], field: str) -> PartlyTranslatedText:
    """Return the text of the fields `{field}_fi`, `{field}_sv` and `{field}_en` of a form."""
    return partly_translated_text({each: values.get(f"{field}_{each.value}") or "" for each in Language})


def field_values(field: str, text: PartlyTranslatedText) -> dict[str, str]:
    """Return the form field values of a translated text; a text of unknown language goes to the default language."""
    if text.translations is None:
        return {f"{field}_{settings().default_language}": text.main}
    return {f"{field}_{each.value}": text.in_language(each) for each in text.translations.written_languages}
