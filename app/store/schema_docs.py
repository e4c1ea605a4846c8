"""Documentation of the stored data: all tables and their purposes, in the reader's language."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.core.languages import TranslatedText
from app.store.database import Base

SOURCE = Path(__file__).with_name("stored.toml")
OF_RESPONDENTS = (
    *("round", "round_unit", "invitation", "contact", "box", "comment", "publication", "publication_part"),
    *("dot_vote", "dot_vote_box", "dot_vote_code", "round_key_share"),
)


@dataclass(frozen=True, slots=True)
class TableDoc:
    """A table with its purpose and columns; columns have a purpose if they concern respondents."""

    name: str
    purpose: TranslatedText | None
    columns: tuple[tuple[str, TranslatedText | None], ...]


@cache
def table_docs() -> tuple[TableDoc, ...]:
    """Return all existing tables, those that concern respondents first."""
    docs = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    result = {name: _table_doc(name, docs) for name in sorted(Base.metadata.tables)}
    first = [result.pop(name) for name in OF_RESPONDENTS]
    return (*first, *result.values())


def _table_doc(name: str, docs: dict[str, dict[str, dict[str, str]]]) -> TableDoc:
    columns = tuple(column.name for column in Base.metadata.tables[name].columns)
    purposes = tuple((column, _purpose(name, column, docs["columns"])) for column in columns)
    return TableDoc(name, _text(docs["tables"].get(name)), purposes)


def _purpose(table: str, column: str, docs: dict[str, dict[str, str]]) -> TranslatedText | None:
    if table not in OF_RESPONDENTS:
        return None
    return _text(docs.get(f"{table}.{column}") or docs.get(column))


def _text(texts: dict[str, str] | None) -> TranslatedText | None:
    return None if texts is None else TranslatedText(**texts)
