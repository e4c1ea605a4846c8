"""What is stored, told from the tables themselves, with the purpose of each in the reader's language."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.core.languages import Text
from app.store.database import Base

SOURCE = Path(__file__).with_name("stored.toml")
OF_RESPONDENTS = (
    *("round", "round_unit", "invitation", "contact", "box", "comment", "publication"),
    *("dot_vote", "dot_vote_box", "dot_vote_code"),
)


@dataclass(frozen=True, slots=True)
class Described:
    """A table: its name, its purpose, and its columns, each with its purpose where it concerns those who answer."""

    name: str
    purpose: Text | None
    columns: tuple[tuple[str, Text | None], ...]


@cache
def tables() -> tuple[Described, ...]:
    """Return every table that is really there, those that concern respondents first."""
    told = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    found = {name: _described(name, told) for name in sorted(Base.metadata.tables)}
    first = [found.pop(name) for name in OF_RESPONDENTS]
    return (*first, *found.values())


def undescribed() -> tuple[str, ...]:
    """Return the tables, and the columns that concern respondents, of which nobody has told the purpose."""
    silent = [table.name for table in tables() if table.purpose is None]
    told = [table for table in tables() if table.name in OF_RESPONDENTS]
    return (
        *silent,
        *(f"{table.name}.{column}" for table in told for column, purpose in table.columns if purpose is None),
    )


def _described(name: str, told: dict[str, dict[str, dict[str, str]]]) -> Described:
    columns = tuple(column.name for column in Base.metadata.tables[name].columns)
    purposes = tuple((column, _purpose(name, column, told["columns"])) for column in columns)
    return Described(name, _text(told["tables"].get(name)), purposes)


def _purpose(table: str, column: str, told: dict[str, dict[str, str]]) -> Text | None:
    if table not in OF_RESPONDENTS:
        return None
    return _text(told.get(f"{table}.{column}") or told.get(column))


def _text(words: dict[str, str] | None) -> Text | None:
    return None if words is None else Text(**words)
