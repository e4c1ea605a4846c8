"""The three languages of the service, and texts translated into all of them."""

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
