"""What is stored, told from the tables themselves, with the purpose of each in the reader's language."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.core.languages import TranslatedText
from app.store.database import Base

SOURCE = Path(__file__).with_name("stored.toml")
OF_RESPONDENTS = (
    *("round", "round_unit", "invitation", "contact", "box", "comment", "publication"),
    *("dot_vote", "dot_vote_box", "dot_vote_code"),
)


@dataclass(frozen=True, slots=True)
class TableDoc:
    """A table: its name, its purpose, and its columns, each with its purpose where it concerns those who answer."""

    name: str
    purpose: TranslatedText | None
    columns: tuple[tuple[str, TranslatedText | None], ...]


@cache
def table_docs() -> tuple[TableDoc, ...]:
    """Return every table that is really there, those that concern respondents first."""
    told = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    result = {name: _table_doc(name, told) for name in sorted(Base.metadata.tables)}
    first = [result.pop(name) for name in OF_RESPONDENTS]
    return (*first, *result.values())


def undocumented() -> tuple[str, ...]:
    """Return the tables, and the columns that concern respondents, of which nobody has told the purpose."""
    silent = [table.name for table in table_docs() if table.purpose is None]
    found_table_docs = [table for table in table_docs() if table.name in OF_RESPONDENTS]
    return (
        *silent,
        *(
            f"{table.name}.{column}"
            for table in found_table_docs
            for column, purpose in table.columns
            if purpose is None
        ),
    )


def _table_doc(name: str, told: dict[str, dict[str, dict[str, str]]]) -> TableDoc:
    columns = tuple(column.name for column in Base.metadata.tables[name].columns)
    purposes = tuple((column, _purpose(name, column, told["columns"])) for column in columns)
    return TableDoc(name, _text(told["tables"].get(name)), purposes)


def _purpose(table: str, column: str, told: dict[str, dict[str, str]]) -> TranslatedText | None:
    if table not in OF_RESPONDENTS:
        return None
    return _text(told.get(f"{table}.{column}") or told.get(column))


def _text(words: dict[str, str] | None) -> TranslatedText | None:
    return None if words is None else TranslatedText(**words)
