"""The three languages of the service, and texts in one or more of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language of pages, messages and documents."""

    FI = "fi"
    SV = "sv"
    EN = "en"

    @property
    def own_name(self) -> str:
        """The language's name in that language."""
        return {"fi": "Suomi", "sv": "Svenska", "en": "English"}[self.value]


@dataclass(frozen=True, slots=True)
class TranslatedText:
    """A text in Finnish, Swedish and English; none of them is empty."""

    fi: str
    sv: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the text in `language`."""
        return {Language.FI: self.fi, Language.SV: self.sv, Language.EN: self.en}[language]


@dataclass(frozen=True, slots=True)
class Translations:
    """A text in those of the three languages in which it was written; at least one, the others are empty strings."""

    fi: str
    sv: str
    en: str

    def __post_init__(self) -> None:
        if not (self.fi or self.sv or self.en):
            raise ValueError("no language of the text is written")

    def in_language(self, language: Language) -> str:
        """Return the text in `language`; an empty string where it was not written in it."""
        texts: dict[Language, str] = {Language.FI: self.fi, Language.SV: self.sv, Language.EN: self.en}
        return texts[language]

    @property
    def written_languages(self) -> tuple[Language, ...]:
        """The languages in which the text was written, in the order of `Language`."""
        return tuple(language for language in Language if self.in_language(language))


@dataclass(frozen=True, slots=True)
class PartlyTranslatedText:
    """A text that was written in one, two or three languages.

    `main` is shown to readers whose language was not written: the text in the first language that was. `translations`
    is None where the language of `main` is unknown, as in texts from before they could be translated.
    """

    main: str
    translations: Translations | None = None

    def in_language(self, language: Language) -> str:
        """Return the text in `language`, else `main`."""
        return (self.translations.in_language(language) if self.translations else "") or self.main

    def language_for(self, reader: Language) -> Language | None:
        """Return the language of what `in_language` returns; None where it is unknown."""
        if self.translations is None:
            return None
        written = self.translations.written_languages
        return reader if reader in written else written[0]

    @property
    def distinct_texts(self) -> tuple[str, ...]:
        """The distinct texts of all languages in which it was written, for documents that everyone reads."""
        if self.translations is None:
            return (self.main,)
        return tuple(
            dict.fromkeys(self.translations.in_language(language) for language in self.translations.written_languages)
        )

    def __bool__(self) -> bool:
        """Tell whether anything was written."""
        return bool(self.main)


def partly_translated_text(texts: Mapping[Language, str]) -> PartlyTranslatedText:
    """Return a PartlyTranslatedText from texts by language; empty if no text was written.

    >>> partly_translated_text({Language.SV: "Hösten", Language.EN: "Autumn"}).main
    'Hösten'
    """
    if not any(texts.values()):
        return PartlyTranslatedText("")
    translations = Translations(**{language.value: texts.get(language, "") for language in Language})
    return PartlyTranslatedText(translations.in_language(translations.written_languages[0]), translations)


def read_translated_text(entry: object) -> TranslatedText:
    """Return the text of a TOML table with `fi`, `sv` and `en`; ValueError naming the languages that are missing."""
    table = entry if isinstance(entry, Mapping) else {}
    texts = {language.value: str(table.get(language.value, "")).strip() for language in Language}
    missing = [language for language, text in texts.items() if not text]
    if missing:
        message = f"the text is missing in {', '.join(missing)}"
        raise ValueError(message)
    return TranslatedText(**texts)
