"""Suggestions for a dimension or a scale: alone, with colleagues, or with help from others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.instruments import Scale
from app.core.languages import TranslatedText, read_translated_text

ANY = "any"


class SuggestionLevel(StrEnum):
    """With whom a suggestion is carried out."""

    SELF = "self"
    COLLEAGUE = "colleague"
    SUPERVISOR = "supervisor"
    OCCUPATIONAL_HEALTH = "occupational_health"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggestion."""

    who: SuggestionLevel
    text: TranslatedText


class InvalidSuggestions(Exception):
    """The suggestions file is invalid; the text names the entry."""


def parse_suggestions(content: Mapping[str, object]) -> dict[str, tuple[Suggestion, ...]]:
    """Return the suggestions by dimension or scale; `any` is for those without suggestions of their own.

    Raises InvalidSuggestions naming the dimension and the entry.
    """
    if ANY not in content:
        message = f"there is no [[{ANY}]]: write what is said of a dimension without suggestions of its own"
        raise InvalidSuggestions(message)
    return {name: _read_all(name, entries) for name, entries in content.items()}


def suggestions_for_scale(suggested: Mapping[str, Sequence[Suggestion]], scale: Scale) -> Sequence[Suggestion]:
    """Return the suggestions of a scale: its own, else those of its dimension, else those for anything."""
    return suggested.get(scale.id) or suggested.get(scale.dimension) or suggested[ANY]


def _read_all(name: str, entries: object) -> tuple[Suggestion, ...]:
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        message = f"{name}: write [[{name}]] with two brackets"
        raise InvalidSuggestions(message)
    return tuple(_read(f"{name}, entry {number}", entry) for number, entry in enumerate(entries, 1))


def _read(position: str, entry: object) -> Suggestion:
    try:
        text = read_translated_text(entry)
    except ValueError as error:
        message = f"{position}: {error}"
        raise InvalidSuggestions(message) from error
    try:
        level = SuggestionLevel(str(entry.get("who")) if isinstance(entry, Mapping) else "")
    except ValueError as error:
        message = f"{position}: who must be one of {', '.join(SuggestionLevel)}"
        raise InvalidSuggestions(message) from error
    return Suggestion(level, text)
