"""Convert table rows to text cells and back, for data packages; e-mail addresses identify accounts."""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum as AnyEnum
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, String, Table, func, insert, select
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.store.accounts import AccountRow
from app.store.database import Base, UtcDateTime

_ACCOUNT = "account.id"
_ROUND = "round.id"
_ROUND_COLUMN = "round_id"
Values = dict[str, Any]
Key = tuple[Any, ...]


class CellKind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    FLAG = "flag"
    MOMENT = "moment"
    DAY = "day"
    JSON = "json"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a plain table; `reference` is the column of another table whose values it repeats."""

    name: str
    kind: CellKind
    is_key: bool
    may_be_empty: bool
    longest: int | None
    choices: tuple[str, ...] = ()
    reference: str = ""


class RowRejected(Exception):
    """The database refuses a row; `place` is its index."""

    def __init__(self, place: int):
        super().__init__(place)
        self.place = place


def columns(table: str) -> tuple[TableColumn, ...]:
    """Return the columns of a table, in its order; ValueError for a column that no cell can hold."""
    return tuple(_described(column) for column in _table(table).columns)


def rows_by_key(session: Session, table: str, *, rounds: Iterable[int] | None = None) -> dict[Key, Values]:
    """Return the rows of a table by key, in the order of the keys; with `rounds`, only those of these rounds."""
    stored = _table(table)
    query = select(stored)
    if rounds is not None:
        chosen = list(rounds)
        for column in filter(_is_round, stored.columns):
            query = query.where(column.in_(chosen))
    read = [dict(row._mapping) for row in session.execute(query)]
    names = [column.name for column in stored.primary_key.columns]
    by_key = {tuple(row[name] for name in names): row for row in read}
    return dict(sorted(by_key.items()))


def key_of(table: str, values: Mapping[str, Any]) -> Key:
    """Return the primary key of a row."""
    return tuple(values[column.name] for column in _table(table).primary_key.columns)


def cell(column: TableColumn, value: Any, *, addresses: Mapping[AccountId, str]) -> str | int:
    """Return a value as a cell; None is an empty cell, as is an account without an address in `addresses`."""
    if value is None:
        return ""
    if column.kind is CellKind.ACCOUNT:
        return addresses.get(value, "")
    return _WRITTEN.get(column.kind, str)(value)


def _plain(value: Any) -> str:
    return str(value.value) if isinstance(value, AnyEnum) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _iso(value: date | datetime) -> str:
    return value.isoformat()


_WRITTEN: Mapping[CellKind, Callable[[Any], str | int]] = {
    CellKind.CHOICE: _plain,
    CellKind.NUMBER: int,
    CellKind.FLAG: lambda value: "yes" if value else "no",
    CellKind.MOMENT: _iso,
    CellKind.DAY: _iso,
    CellKind.JSON: _json,
}


def values_of_referenced_column(session: Session, reference: str) -> frozenset[Any]:
    """Return all values of a column that another table may refer to, such as `round.id`."""
    table, _, column = reference.partition(".")
    return frozenset(session.scalars(select(_table(table).c[column])))


def insert_rows(session: Session, table: str, new: Sequence[Values]) -> None:
    """Insert rows; raises RowRejected with the first that the database refuses, then nothing was inserted."""
    stored = _table(table)
    if not new:
        return
    if not _is_accepted(session, stored, new):
        # Of all beginnings, those up to the refused row are accepted and the longer ones are not.
        raise RowRejected(
            bisect_left(
                range(1, len(new)), x=True, key=lambda most: not _is_accepted(session, stored, new[:most], keep=False)
            )
        )
    advance_id_sequence(session, table)


def advance_id_sequence(session: Session, table: str) -> None:
    """Let the next row of a table get a number above all that are stored; SQLite does so by itself."""
    stored = _table(table)
    column = stored.autoincrement_column
    if column is None or session.get_bind().dialect.name != "postgresql":
        return
    sequence = session.scalar(select(func.pg_get_serial_sequence(stored.name, column.name)))
    if sequence:
        highest = session.scalar(select(func.max(column)))
        session.execute(select(func.setval(sequence, highest or 1, highest is not None)))


def open_accounts_by_address(session: Session) -> dict[str, AccountId]:
    """Return every open account by its e-mail address."""
    open_accounts = select(AccountRow.email, AccountRow.id).where(AccountRow.closed_at.is_(None))
    return {row.email: AccountId(row.id) for row in session.execute(open_accounts)}


def _is_accepted(session: Session, table: Table, new: Sequence[Values], *, keep: bool = True) -> bool:
    savepoint = session.begin_nested()
    try:
        session.execute(insert(table), list(new))
    except (DBAPIError, StatementError):
        savepoint.rollback()
        return False
    if keep:
        savepoint.commit()
    else:
        savepoint.rollback()
    return True


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _described(column: Column[Any]) -> TableColumn:
    references = [key.target_fullname for key in column.foreign_keys]
    reference = references[0] if len(references) == 1 else ""
    kind = CellKind.ACCOUNT if reference == _ACCOUNT else _kind(column)
    checked = "" if _is_one_of_several(column) else reference
    choices = tuple(column.type.enums) if isinstance(column.type, Enum) else ()
    longest = column.type.length if isinstance(column.type, String) else None
    return TableColumn(
        column.name, kind, bool(column.primary_key), bool(column.nullable), longest, tuple(choices), checked
    )


def _is_round(column: Column[Any]) -> bool:
    return column.name == _ROUND_COLUMN or any(key.target_fullname == _ROUND for key in column.foreign_keys)


def _is_one_of_several(column: Column[Any]) -> bool:
    """Tell whether the column refers to another table only together with others; the database checks these."""
    return any(len(key.constraint.columns) > 1 for key in column.foreign_keys if key.constraint is not None)


def _kind(column: Column[Any]) -> CellKind:
    kinds: tuple[tuple[Any, CellKind], ...] = (
        (Enum, CellKind.CHOICE),
        (JSON, CellKind.JSON),
        (Boolean, CellKind.FLAG),
        (UtcDateTime, CellKind.MOMENT),
        (Date, CellKind.DAY),
        (Integer, CellKind.NUMBER),
        (String, CellKind.TEXT),
    )
    for type_, kind in kinds:
        if isinstance(column.type, type_):
            return kind
    message = f"{column} has no form as a cell"
    raise ValueError(message)
