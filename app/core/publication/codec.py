"""Encode and decode publications as JSON without loss.

Fields with their default value are left out. A publication written in a later format is rejected
rather than read in part.
"""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from typing import Any, Union, get_args, get_origin, get_type_hints

from app.core.publication.json_writer import encode_object, type_arguments_without_none, unwrap_new_type
from app.core.publication.publication import Publication

FORMAT = 1
DIGEST_CHUNK = 1 << 16
_READ: Mapping[Any, Callable[[Any], Any]] = {datetime: datetime.fromisoformat, float: float}


class InvalidPublication(Exception):
    """The text is not a publication that this version can read."""


def to_json(publication: Publication) -> str:
    """Encode a publication as JSON; equal publications give equal text."""
    return encode_object(publication, Publication, opening=f'{{"format":{FORMAT},')


def from_json(text: str) -> Publication:
    """Decode a publication; InvalidPublication for any other text."""
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise InvalidPublication(f"This is not JSON: {error}.") from error
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        result = plain.get("format") if isinstance(plain, dict) else None
        message = f"This publication has format {result!r}; this version reads format {FORMAT}. Update the program."
        raise InvalidPublication(message)
    publication: Publication = decode_value(plain, Publication)
    return publication


def decode_value(plain: Any, kind: Any) -> Any:
    """Decode a value of a known type from plain JSON data; InvalidPublication if something is missing or wrong.

    The member `format` of an object is passed over.
    """
    members = {name: value for name, value in plain.items() if name != "format"} if isinstance(plain, dict) else plain
    try:
        return _reader(kind)(members)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidPublication(f"A part of the publication is missing or wrong: {error!r}.") from error


def digest(publication: Publication) -> str:
    """Return the SHA-256 of the publication's JSON in hexadecimal, as on the certificate."""
    return digest_of_json(to_json(publication))


def digest_of_json(text: str) -> str:
    """Return the digest of an encoded publication."""
    result = sha256()
    for start in range(0, len(text), DIGEST_CHUNK):  # a country's is 40 megabytes: never all of it in bytes too
        result.update(text[start : start + DIGEST_CHUNK].encode())
    return result.hexdigest()


@lru_cache(maxsize=256)
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return the decoder for values of a type."""
    kind = unwrap_new_type(kind)
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if get_origin(kind) in (Union, types.UnionType):
        read = _reader(type_arguments_without_none(kind)[0])
        return lambda value: None if value is None else read(value)
    if get_origin(kind) is tuple:
        return _tuple_reader(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {member.value: member for member in kind}.__getitem__
    return _READ.get(kind, _same)


def _same(value: Any) -> Any:
    return value


def _dataclass_reader(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    return lambda plain: kind(**{name: readers[name](part) for name, part in plain.items()})


def _tuple_reader(kind: Any) -> Callable[[Any], Any]:
    arguments = get_args(kind)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        read = _reader(arguments[0])
        return lambda value: tuple([read(part) for part in value])
    readers = [_reader(argument) for argument in arguments]
    return lambda value: tuple([read(part) for read, part in zip(readers, value, strict=True)])
