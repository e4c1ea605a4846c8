"""Access a TOML table and collect all errors instead of stopping at the first."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from app.core.instruments.errors import QuestionnaireError, QuestionnaireErrorCode, Words, message_parameters
from app.core.instruments.toml_lines import Path, line_of_path_or_parent
from app.core.languages import Language, PartlyTranslatedText, TranslatedText, partly_translated_text

_ID = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,39}$")
_NOTHING = TranslatedText("", "", "")
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(slots=True)
class ErrorCollector:
    """The errors found so far in one file, and the lines of its keys."""

    file: str
    lines: Mapping[Path, int]
    languages: tuple[Language, ...] = tuple(Language)
    problems: list[QuestionnaireError] = field(default_factory=list)

    def add(self, path: Path, fault: QuestionnaireErrorCode, words: Words) -> None:
        """Add an error for the value at `path`."""
        self.problems.append(QuestionnaireError(self.file, line_of_path_or_parent(path, self.lines), fault, words))


@dataclass(frozen=True, slots=True)
class TomlTable:
    """One table whose values are read by type; an invalid value is added to `errors` with its line."""

    content: Mapping[str, object]
    path: Path
    errors: ErrorCollector

    def add_error(self, at: str, fault: QuestionnaireErrorCode, **words: object) -> None:
        """Add an error for the key `at` of this table."""
        self.errors.add((*self.path, at), fault, message_parameters(**words))

    def reject_unknown_keys(self, *allowed: str) -> None:
        """Add an error for every key that is not in `allowed`."""
        for key in self.content:
            if key not in allowed:
                self.add_error(key, QuestionnaireErrorCode.UNKNOWN_KEY, key=key, known=", ".join(allowed))

    def string(self, key: str, *, default: str | None = None) -> str:
        """Return a text in one language, such as a licence; without `default` it must be there."""
        value = self.content.get(key, default)
        if isinstance(value, str) and (value.strip() or default is not None):
            return value.strip()
        self.add_error(key, QuestionnaireErrorCode.NOT_A_TEXT, key=key)
        return ""

    def partly_translated_text(self, key: str) -> PartlyTranslatedText:
        """Return a text that is written once, such as a licence with a name, or in some of the three languages."""
        value = self.content.get(key)
        if not isinstance(value, dict):
            return PartlyTranslatedText(self.string(key))
        for language in value.keys() - set(Language):
            self.add_error(key, QuestionnaireErrorCode.OTHER_LANGUAGE, key=key, language=language)
        texts = {language: value.get(language.value, "") for language in Language}
        if not all(isinstance(text, str) for text in texts.values()) or not any(texts.values()):
            self.add_error(key, QuestionnaireErrorCode.NOT_A_TEXT, key=key)
            return PartlyTranslatedText("")
        return partly_translated_text({language: str(text).strip() for language, text in texts.items()})

    def identifier(self, key: str = "id") -> str:
        """Return a name that files and tables use: a letter, then letters, digits and underscores."""
        value = self.content.get(key)
        if isinstance(value, str) and _ID.match(value):
            return value
        self.add_error(key, QuestionnaireErrorCode.NOT_A_NAME, key=key)
        return ""

    def integer(self, key: str, *, default: int) -> int:
        """Return a whole number."""
        value = self.content.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.add_error(key, QuestionnaireErrorCode.NOT_A_NUMBER, key=key)
        return default

    def decimal(self, key: str) -> float:
        """Return a number, whole or not; it must be there."""
        value = self.content.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        self.add_error(key, QuestionnaireErrorCode.NOT_A_DECIMAL, key=key)
        return 0.0

    def flag(self, key: str) -> bool:
        """Return true or false; false where nothing is said."""
        value = self.content.get(key, False)
        if isinstance(value, bool):
            return value
        self.add_error(key, QuestionnaireErrorCode.NOT_TRUE_OR_FALSE, key=key)
        return False

    def choice(self, key: str, kind: type[Choice], *, default: Choice) -> Choice:
        """Return the value as a member of `kind`; add an error if it is none."""
        value = self.content.get(key, default.value)
        if value in tuple(kind):
            return kind(str(value))
        self.add_error(key, QuestionnaireErrorCode.NOT_A_CHOICE, key=key, known=", ".join(kind))
        return default

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; an absent one is empty."""
        value = self.content.get(key, [])
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
        self.add_error(key, QuestionnaireErrorCode.NOT_TEXTS, key=key)
        return ()

    def tables(self, key: str) -> tuple["TomlTable", ...]:
        """Return the tables written as `[[…]]` under `key`."""
        value = self.content.get(key, [])
        if isinstance(value, list) and all(isinstance(part, dict) for part in value):
            return tuple(TomlTable(part, (*self.path, key, index), self.errors) for index, part in enumerate(value))
        self.add_error(key, QuestionnaireErrorCode.NOT_TABLES, key=key)
        return ()

    def table_or_empty(self, key: str) -> "TomlTable":
        """Return the table under `key`; an absent one is empty."""
        value = self.content.get(key, {})
        if isinstance(value, dict):
            return TomlTable(value, (*self.path, key), self.errors)
        self.add_error(key, QuestionnaireErrorCode.NOT_A_TABLE, key=key)
        return TomlTable({}, (*self.path, key), self.errors)

    def text(self, key: str, *, may_be_empty: bool = False) -> TranslatedText:
        """Return a text in the languages of the file, such as `{ fi = "…", sv = "…", en = "…" }`."""
        value = self.content.get(key)
        if value is None and may_be_empty:
            return _NOTHING
        if not isinstance(value, dict):
            self.add_error(
                key, QuestionnaireErrorCode.NOT_IN_LANGUAGES, key=key, known=", ".join(self.errors.languages)
            )
            return _NOTHING
        return self.translated_text_from_value(key, value, may_be_empty=may_be_empty)

    def translated_text_from_value(
        self, key: str, value: Mapping[str, object], *, may_be_empty: bool
    ) -> TranslatedText:
        """Return `value` as a text, adding errors for missing languages.

        Languages that the file does not have repeat its first one.
        """
        written = {}
        for language in self.errors.languages:
            words = value.get(language.value, "")
            if not isinstance(words, str) or not (words.strip() or may_be_empty):
                self.add_error(key, QuestionnaireErrorCode.LACKS_A_LANGUAGE, key=key, language=language)
                words = ""
            written[language.value] = words.strip()
        for other in value:
            if other not in written:
                self.add_error(key, QuestionnaireErrorCode.OTHER_LANGUAGE, key=key, language=other)
        first = written.get(self.errors.languages[0].value, "")
        return TranslatedText(**{language.value: written.get(language.value, first) for language in Language})
