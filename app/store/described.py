"""What is stored, told from the tables themselves, with the purpose of each in the reader's language."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.core.languages import Text
from app.store.database import Base

SOURCE = Path(__file__).with_name("stored.toml")
OF_RESPONDENTS = ("round", "round_unit", "invitation", "contact", "box", "comment", "publication")


class Undescribed(Exception):
    """A table or a column has no description; the page "What is stored" would be silent about it."""


@dataclass(frozen=True, slots=True)
class Described:
    """A table: its name, its purpose, and its columns, each with its purpose where it concerns those who answer."""

    name: str
    purpose: Text
    columns: tuple[tuple[str, Text | None], ...]


@cache
def tables() -> tuple[Described, ...]:
    """Return every table that is really there, those that concern respondents first; Undescribed if one is not told."""
    told = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    found = {name: _described(name, told) for name in sorted(Base.metadata.tables)}
    first = [found.pop(name) for name in OF_RESPONDENTS]
    return (*first, *found.values())


def _described(name: str, told: dict[str, dict[str, dict[str, str]]]) -> Described:
    if name not in told["tables"]:
        raise Undescribed(name)
    columns = tuple(column.name for column in Base.metadata.tables[name].columns)
    purposes = tuple((column, _purpose(name, column, told["columns"])) for column in columns)
    return Described(name, Text(**told["tables"][name]), purposes)


def _purpose(table: str, column: str, told: dict[str, dict[str, str]]) -> Text | None:
    if table not in OF_RESPONDENTS:
        return None
    words = told.get(f"{table}.{column}") or told.get(column)
    if words is None:
        message = f"{table}.{column}"
        raise Undescribed(message)
    return Text(**words)
