"""A library of things that a community may agree to do; a file says them in three languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.catalogue import DIMENSIONS
from app.core.followup.plans import Aim, Power
from app.core.languages import Text


class LibraryRefused(Exception):
    """The file of actions says something that cannot be shown; the text says where."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """One thing to do about a dimension: what changes, its first visible step, how it will be noticed."""

    id: str
    dimension: str
    aim: Aim
    power: Power
    what: Text
    first_step: Text
    sign: Text


def read_library(content: Mapping[str, object]) -> tuple[Suggested, ...]:
    """Return the actions of every dimension, those that change the work first; LibraryRefused says what is wrong."""
    unknown = sorted(set(content) - set(DIMENSIONS))
    if unknown:
        message = f"there is no dimension {unknown[0]}: write one of {', '.join(DIMENSIONS)}"
        raise LibraryRefused(message)
    found = [one for dimension in DIMENSIONS for one in _dimension(dimension, content.get(dimension, ()))]
    twice = [one.id for number, one in enumerate(found) if one.id in {other.id for other in found[:number]}]
    if twice:
        message = f"the id {twice[0]} stands twice"
        raise LibraryRefused(message)
    order = list(DIMENSIONS)
    return tuple(sorted(found, key=lambda one: (order.index(one.dimension), list(Aim).index(one.aim))))


def _dimension(dimension: str, entries: object) -> list[Suggested]:
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        message = f"{dimension}: write [[{dimension}]] with two brackets"
        raise LibraryRefused(message)
    return [_read(dimension, f"{dimension}, entry {number}", entry) for number, entry in enumerate(entries, 1)]


def _read(dimension: str, place: str, entry: object) -> Suggested:
    found = entry if isinstance(entry, Mapping) else {}
    name = str(found.get("id", "")).strip()
    if not name:
        message = f"{place}: the id is missing"
        raise LibraryRefused(message)
    try:
        aim, power = Aim(str(found.get("aim"))), Power(str(found.get("power", Power.COMMUNITY.value)))
    except ValueError as fault:
        message = f"{place}: {fault}"
        raise LibraryRefused(message) from fault
    texts = {field: _text(f"{place}, {field}", found.get(field)) for field in ("what", "first_step", "sign")}
    return Suggested(name, dimension, aim, power, **texts)


def _text(place: str, entry: object) -> Text:
    found = entry if isinstance(entry, Mapping) else {}
    texts = {one: str(found.get(one, "")).strip() for one in ("fi", "sv", "en")}
    missing = [one for one, text in texts.items() if not text]
    if missing:
        message = f"{place}: the text is missing in {', '.join(missing)}"
        raise LibraryRefused(message)
    return Text(**texts)
