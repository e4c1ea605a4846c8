"""Write values as JSON text, column by column.

A country's publication has a hundred thousand figures of a few thousand different parts. Equal parts are one
object (see `Interner`); each object is encoded once.
"""

import json
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from itertools import chain, repeat
from math import isfinite
from operator import attrgetter, is_
from typing import Any, Union, get_args, get_origin, get_type_hints

Column = Callable[[Sequence[Any]], list[str]]
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"), ensure_ascii=False)


def encode_object(value: Any, kind: Any, *, opening: str = "{") -> str:
    """Write a dataclass value as a JSON object, without fields that have their default value.

    `opening` may contain members before those of the value, each followed by a comma.
    """
    return _whole(kind, opening)([value])[0]


def encode_objects(values: Sequence[Any], kind: Any) -> list[str]:
    """Write dataclass values of one type as JSON objects; parts that several values share are encoded once."""
    return _column(kind)(values) if values else []


def encode_plain_data(value: Any) -> str:
    """Write plain JSON data as the texts of a publication are written."""
    return _ENCODER.encode(value)


@lru_cache(maxsize=256)
def _whole(kind: Any, opening: str) -> Column:
    return _objects(kind, opening)


@lru_cache(maxsize=256)
def _column(kind: Any) -> Column:
    """Return the writer for a column of values of one type."""
    kind = unwrap_new_type(kind)
    if is_dataclass(kind):
        return _objects(kind)
    if get_origin(kind) in (Union, types.UnionType):
        return _optional(_column(type_arguments_without_none(kind)[0]))
    if get_origin(kind) is tuple:
        return _lists(kind)
    return _each(_single(kind))


def unwrap_new_type(kind: Any) -> Any:
    """Return the type behind a NewType."""
    return getattr(kind, "__supertype__", kind)


def type_arguments_without_none(kind: Any) -> list[Any]:
    """Return the argument types of a union or tuple, without None and Ellipsis."""
    return [argument for argument in get_args(kind) if argument not in (type(None), Ellipsis)]


def _single(kind: Any) -> Callable[[Any], str]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: _ENCODER.encode(value.value)
    if kind is datetime:
        return lambda value: _ENCODER.encode(value.isoformat())
    if get_origin(kind) is Mapping:
        return lambda value: _ENCODER.encode(dict(value))
    return _number if kind is float else _plain


def _number(value: float) -> str:
    number = float(value)  # of whole numbers and numpy's too
    if not isfinite(number):
        message = f"{number} is no number that JSON knows"
        raise ValueError(message)
    return repr(number)


def _plain(value: Any) -> str:
    return repr(value) if type(value) is int else _ENCODER.encode(value)


def _each(write_one: Callable[[Any], str]) -> Column:
    return lambda values: ["null" if value is None else write_one(value) for value in values]


def _optional(write_there: Column) -> Column:
    def column(values: Sequence[Any]) -> list[str]:
        there = iter(write_there([value for value in values if value is not None]))
        return ["null" if value is None else next(there) for value in values]

    return column


def _objects(kind: Any, opening: str = "{") -> Column:
    hints = get_type_hints(kind)
    (first, *others) = fields(kind)
    if default_of(first) is not MISSING:
        message = (
            f"{kind.__name__} begins with {first.name}, which may be left out; no comma could go before the others"
        )
        raise TypeError(message)
    members = [
        (
            attrgetter(field.name),
            _member(f"{separator}{_ENCODER.encode(field.name)}:", field, _column(hints[field.name])),
        )
        for separator, field in zip(chain((opening,), repeat(",")), (first, *others), strict=False)
    ]

    def column(values: Sequence[Any]) -> list[str]:
        written = (write_member(list(map(take, values))) for take, write_member in members)
        return list(map("".join, zip(*filter(None, written), repeat("}", len(values)), strict=True)))

    return column


def _member(head: str, field: Field[Any], write_parts: Column) -> Column:
    """Return a writer for one field: key and value, empty for the default; no column if all are defaults."""
    default = default_of(field)

    def column(parts: Sequence[Any]) -> list[str]:
        if all(map(is_, parts, repeat(default))):
            return []
        keys = list(map(id, parts))
        different = dict(zip(keys, parts, strict=True))
        given = {key: part for key, part in different.items() if part is not default and part != default}
        texts = dict.fromkeys(different, "")
        for key, text in zip(given, write_parts(list(given.values())), strict=True):
            texts[key] = head + text
        return list(map(texts.__getitem__, keys))

    return column


def default_of(field: Field[Any]) -> Any:
    """Return a field's default, or MISSING."""
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _lists(kind: Any) -> Column:
    arguments = get_args(kind)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return _long_lists(_column(arguments[0]))
    columns = [_column(argument) for argument in arguments]

    def column(values: Sequence[Any]) -> list[str]:
        if not values:
            return []
        pairs = zip(columns, zip(*values, strict=True), strict=True)
        return [f"[{','.join(row)}]" for row in zip(*(write_part(parts) for write_part, parts in pairs), strict=True)]

    return column


def _long_lists(write_parts: Column) -> Column:
    """Return a writer for lists of any length that writes the elements of all lists as one column."""

    def column(values: Sequence[Any]) -> list[str]:
        texts = write_parts([part for value in values for part in value])
        result = []
        start = 0
        for value in values:
            result.append(_bracketed(texts[start : start + len(value)]))
            start += len(value)
        return result

    return column


def _bracketed(texts: list[str]) -> str:
    # A country's figures are 40 megabytes of text: brackets put around it afterwards would copy them all again.
    if not texts:
        return "[]"
    texts[0] = f"[{texts[0]}"
    texts[-1] = f"{texts[-1]}]"
    return ",".join(texts)
