"""Stored multilingual texts: `main` in a text column, translations as JSON in another column."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, Dialect, Text
from sqlalchemy.types import TypeDecorator

from app.core.languages import Language, PartlyTranslatedText, Translations

# For plain columns of ORM rows and data packages; an absent value is NULL, not the JSON text `null`.
TRANSLATIONS_JSON = JSON(none_as_null=True)


class TranslationsText(TypeDecorator[Translations]):
    """Translations as JSON in a text, so that both databases compare it; NULL where there are none."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Translations | None, dialect: Dialect) -> str | None:
        """Return what is stored."""
        return None if value is None else json.dumps(translations_to_dict(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Translations | None:
        """Return what was stored; ValueError for what are no translations."""
        return None if value is None else translations_from_dict(json.loads(value))


def translations_to_dict(translations: Translations | None) -> dict[str, str] | None:
    """Return translations as a dict of the languages that were written, for a JSON column."""
    if translations is None:
        return None
    return {language.value: translations.in_language(language) for language in translations.written_languages}


def translations_from_dict(plain: Any) -> Translations | None:
    """Return translations from the dict of a JSON column; ValueError if it is invalid."""
    if plain is None:
        return None
    if not isinstance(plain, Mapping) or not all(isinstance(text, str) for text in plain.values()):
        message = f"these are no translations: {plain!r}"
        raise ValueError(message)
    if not plain.keys() <= {language.value for language in Language}:
        message = f"unknown language among {', '.join(sorted(plain))}"
        raise ValueError(message)
    return Translations(**{language.value: plain.get(language.value, "") for language in Language})


def text_from_columns(main: str, plain: Any) -> PartlyTranslatedText:
    """Return a partly translated text from its main column and its JSON column of translations."""
    return PartlyTranslatedText(main, translations_from_dict(plain))
