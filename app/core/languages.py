"""The three languages of the service, and texts translated into all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language of pages, letters and documents."""

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

    def read(self, language: Language) -> str:
        """Return the text in `language`."""
        return {Language.FI: self.fi, Language.SV: self.sv, Language.EN: self.en}[language]


def read_translated_text(entry: object) -> TranslatedText:
    """Return the text of a TOML table with `fi`, `sv` and `en`; ValueError naming the languages that are missing."""
    table = entry if isinstance(entry, Mapping) else {}
    texts = {language.value: str(table.get(language.value, "")).strip() for language in Language}
    missing = [language for language, text in texts.items() if not text]
    if missing:
        message = f"the text is missing in {', '.join(missing)}"
        raise ValueError(message)
    return TranslatedText(**texts)
