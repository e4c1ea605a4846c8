"""Library of suggested actions, read from a file in three languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.catalogue import DIMENSIONS
from app.core.followup.plans import ActionTarget, DecisionLevel
from app.core.languages import TranslatedText, read_translated_text


class InvalidActionLibrary(Exception):
    """The action library file is invalid; the text names the entry."""


@dataclass(frozen=True, slots=True)
class SuggestedAction:
    """A suggested action: what changes, its first visible step, and the sign by which staff notice it."""

    id: str
    dimension: str
    aim: ActionTarget
    power: DecisionLevel
    what: TranslatedText
    first_step: TranslatedText
    sign: TranslatedText


def parse_action_library(content: Mapping[str, object]) -> tuple[SuggestedAction, ...]:
    """Return all suggested actions, those that change the work first; InvalidActionLibrary on errors."""
    unknown = sorted(set(content) - set(DIMENSIONS))
    if unknown:
        message = f"there is no dimension {unknown[0]}: write one of {', '.join(DIMENSIONS)}"
        raise InvalidActionLibrary(message)
    suggested_actions = [
        suggested_action
        for dimension in DIMENSIONS
        for suggested_action in _dimension(dimension, content.get(dimension, ()))
    ]
    twice = [
        suggested_action.id
        for number, suggested_action in enumerate(suggested_actions)
        if suggested_action.id in {other.id for other in suggested_actions[:number]}
    ]
    if twice:
        message = f"the id {twice[0]} stands twice"
        raise InvalidActionLibrary(message)
    order = list(DIMENSIONS)
    return tuple(
        sorted(
            suggested_actions,
            key=lambda action: (
                order.index(action.dimension),
                list(ActionTarget).index(action.aim),
            ),
        )
    )


def _dimension(dimension: str, entries: object) -> list[SuggestedAction]:
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        message = f"{dimension}: write [[{dimension}]] with two brackets"
        raise InvalidActionLibrary(message)
    return [_read(dimension, f"{dimension}, entry {number}", entry) for number, entry in enumerate(entries, 1)]


def _read(dimension: str, place: str, entry: object) -> SuggestedAction:
    result = entry if isinstance(entry, Mapping) else {}
    name = str(result.get("id", "")).strip()
    if not name:
        message = f"{place}: the id is missing"
        raise InvalidActionLibrary(message)
    try:
        aim = ActionTarget(str(result.get("aim")))
        power = DecisionLevel(str(result.get("power", DecisionLevel.COMMUNITY.value)))
    except ValueError as fault:
        message = f"{place}: {fault}"
        raise InvalidActionLibrary(message) from fault
    texts = {field: _text(f"{place}, {field}", result.get(field)) for field in ("what", "first_step", "sign")}
    return SuggestedAction(name, dimension, aim, power, **texts)


def _text(place: str, entry: object) -> TranslatedText:
    try:
        return read_translated_text(entry)
    except ValueError as error:
        message = f"{place}: {error}"
        raise InvalidActionLibrary(message) from error
