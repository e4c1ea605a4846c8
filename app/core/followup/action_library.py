"""A library of things that a community may agree to do; a file says them in three languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.catalogue import DIMENSIONS
from app.core.followup.plans import Aim, DecisionLevel
from app.core.languages import TranslatedText


class InvalidActionLibrary(Exception):
    """The file of actions says something that cannot be shown; the text says where."""


@dataclass(frozen=True, slots=True)
class SuggestedAction:
    """One thing to do about a dimension: what changes, its first visible step, how it will be noticed."""

    id: str
    dimension: str
    aim: Aim
    power: DecisionLevel
    what: TranslatedText
    first_step: TranslatedText
    sign: TranslatedText


def read_action_library(content: Mapping[str, object]) -> tuple[SuggestedAction, ...]:
    """Return the actions of every dimension, work-changing ones first. Raise InvalidActionLibrary on bad content."""
    unknown = sorted(set(content) - set(DIMENSIONS))
    if unknown:
        message = f"there is no dimension {unknown[0]}: write one of {', '.join(DIMENSIONS)}"
        raise InvalidActionLibrary(message)
    found = [one for dimension in DIMENSIONS for one in _dimension(dimension, content.get(dimension, ()))]
    twice = [one.id for number, one in enumerate(found) if one.id in {other.id for other in found[:number]}]
    if twice:
        message = f"the id {twice[0]} stands twice"
        raise InvalidActionLibrary(message)
    order = list(DIMENSIONS)
    return tuple(sorted(found, key=lambda one: (order.index(one.dimension), list(Aim).index(one.aim))))


def _dimension(dimension: str, entries: object) -> list[SuggestedAction]:
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        message = f"{dimension}: write [[{dimension}]] with two brackets"
        raise InvalidActionLibrary(message)
    return [_read(dimension, f"{dimension}, entry {number}", entry) for number, entry in enumerate(entries, 1)]


def _read(dimension: str, place: str, entry: object) -> SuggestedAction:
    found = entry if isinstance(entry, Mapping) else {}
    name = str(found.get("id", "")).strip()
    if not name:
        message = f"{place}: the id is missing"
        raise InvalidActionLibrary(message)
    try:
        aim, power = Aim(str(found.get("aim"))), DecisionLevel(str(found.get("power", DecisionLevel.COMMUNITY.value)))
    except ValueError as fault:
        message = f"{place}: {fault}"
        raise InvalidActionLibrary(message) from fault
    texts = {field: _text(f"{place}, {field}", found.get(field)) for field in ("what", "first_step", "sign")}
    return SuggestedAction(name, dimension, aim, power, **texts)


def _text(place: str, entry: object) -> TranslatedText:
    found = entry if isinstance(entry, Mapping) else {}
    texts = {one: str(found.get(one, "")).strip() for one in ("fi", "sv", "en")}
    missing = [one for one, text in texts.items() if not text]
    if missing:
        message = f"{place}: the text is missing in {', '.join(missing)}"
        raise InvalidActionLibrary(message)
    return TranslatedText(**texts)
