"""A publication as JSON and back, without loss.

Values that stand at their default are left out. A publication written by a later format is refused
rather than read in part.
"""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, Union, get_args, get_origin, get_type_hints

from app.core.publication.whole import Publication

FORMAT = 1
_WRITTEN: Mapping[Any, Callable[[Any], Any]] = {datetime: datetime.isoformat, float: float, Mapping: dict}
_READ: Mapping[Any, Callable[[Any], Any]] = {datetime: datetime.fromisoformat, float: float}


class PublicationUnreadable(Exception):
    """The text is not a publication that this version can read."""


def to_json(publication: Publication) -> str:
    """Write a publication as JSON; the same publication always gives the same text."""
    plain = {"format": FORMAT, **_writer(Publication)(publication)}
    return json.dumps(plain, allow_nan=False, separators=(",", ":"), ensure_ascii=False)


def from_json(text: str) -> Publication:
    """Read what `to_json` wrote; PublicationUnreadable for anything else."""
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise PublicationUnreadable(f"This is not JSON: {error}.") from error
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        found = plain.get("format") if isinstance(plain, dict) else None
        message = f"This publication has format {found!r}; this version reads format {FORMAT}. Update the program."
        raise PublicationUnreadable(message)
    try:
        publication = _reader(Publication)({name: value for name, value in plain.items() if name != "format"})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PublicationUnreadable(f"A part of the publication is missing or wrong: {error!r}.") from error
    if not isinstance(publication, Publication):
        raise PublicationUnreadable("This is not a publication.")
    return publication


def digest(publication: Publication) -> str:
    """Return the SHA-256 of the publication's JSON, in hexadecimal: its seal on the certificate."""
    return seal_of(to_json(publication))


def seal_of(text: str) -> str:
    """Return the digest of a publication that is already written."""
    return sha256(text.encode()).hexdigest()


@cache
def _writer(kind: Any) -> Callable[[Any], Any]:
    """Choose how values of one declared type are written."""
    kind = _plain_type(kind)
    arguments = [argument for argument in get_args(kind) if argument not in (type(None), Ellipsis)]
    if is_dataclass(kind):
        return _dataclass_writer(kind)
    if get_origin(kind) in (Union, types.UnionType):
        write = _writer(arguments[0])
        return lambda value: None if value is None else write(value)
    if get_origin(kind) is tuple:
        return _tuple_writer(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _same if issubclass(kind, str) else lambda value: value.value
    return _WRITTEN.get(get_origin(kind) or kind, _same)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Choose how values of one declared type are read."""
    kind = _plain_type(kind)
    arguments = [argument for argument in get_args(kind) if argument not in (type(None), Ellipsis)]
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if get_origin(kind) in (Union, types.UnionType):
        read = _reader(arguments[0])
        return lambda value: None if value is None else read(value)
    if get_origin(kind) is tuple:
        return _tuple_reader(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {member.value: member for member in kind}.__getitem__
    return _READ.get(kind, _same)


def _same(value: Any) -> Any:
    return value


def _plain_type(kind: Any) -> Any:
    """Return what a NewType stands for."""
    return getattr(kind, "__supertype__", kind)


def _dataclass_writer(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    parts = [(field.name, _default(field), _writer(hints[field.name])) for field in fields(kind)]
    taken = [attrgetter(name) for name, _, _ in parts]

    def write(value: Any) -> dict[str, Any]:
        plain = {}
        for (name, default, write_part), take in zip(parts, taken, strict=True):
            part = take(value)
            if part is default or part == default:  # a million times in a country's count
                continue
            plain[name] = part if part is None or write_part is _same else write_part(part)
        return plain

    return write


def _dataclass_reader(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    return lambda plain: kind(**{name: readers[name](part) for name, part in plain.items()})


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _tuple_writer(kind: Any) -> Callable[[Any], Any]:
    arguments = get_args(kind)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        write = _writer(arguments[0])
        return list if write is _same else lambda value: list(map(write, value))
    writers = [_writer(argument) for argument in arguments]
    if all(write is float for write in writers):
        return lambda value: list(map(float, value))
    return lambda value: [write(part) for write, part in zip(writers, value, strict=True)]


def _tuple_reader(kind: Any) -> Callable[[Any], Any]:
    arguments = get_args(kind)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        read = _reader(arguments[0])
        return lambda value: tuple([read(part) for part in value])
    readers = [_reader(argument) for argument in arguments]
    return lambda value: tuple([read(part) for read, part in zip(readers, value, strict=True)])
