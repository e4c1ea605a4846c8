"""The three languages of the house, and texts that are written in all of them."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language that every page, letter and document exists in."""

    FI = "fi"
    SV = "sv"
    EN = "en"

    @property
    def own_name(self) -> str:
        """What the language calls itself."""
        return {"fi": "Suomi", "sv": "Svenska", "en": "English"}[self.value]


@dataclass(frozen=True, slots=True)
class TranslatedText:
    """One text in Finnish, Swedish and English; none of the three is ever empty."""

    fi: str
    sv: str
    en: str

    def read(self, language: Language) -> str:
        """Return the text in `language`."""
        return {Language.FI: self.fi, Language.SV: self.sv, Language.EN: self.en}[language]
