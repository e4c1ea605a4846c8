"""Copy a database from SQLite to PostgreSQL and verify every row.

The copy is one transaction of the target: until the last row is verified, the target stays empty. Rows are copied
in the order of their keys, which are random for codes and boxes, so the new files reveal no more about an order
than the old ones.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Table,
    bindparam,
    func,
    insert,
    inspect,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.exc import DBAPIError

from app.store.database import Base

BATCH_SIZE = 500
MIN_POSTGRESQL_VERSION = 150_000
_IGNORED_TABLES = {"alembic_version"}

ProgressCallback = Callable[[str, int], None]


class MigrationError(Exception):
    """The installation cannot be migrated; the text says why, and both databases are unchanged."""


def require_empty_postgres_target(target: Connection) -> None:
    """Raise MigrationError unless `target` is an empty PostgreSQL 15 or newer with UTF-8 encoding."""
    version = int(target.scalar(text("SHOW server_version_num")) or 0)
    if version < MIN_POSTGRESQL_VERSION:
        message = f"This is PostgreSQL {version // 10_000}; it takes 15 or newer."
        raise MigrationError(message)
    if target.scalar(text("SHOW server_encoding")) != "UTF8":
        raise MigrationError(
            "The new database does not store UTF-8. Make it anew: createdb --template template0 --encoding UTF8 …"
        )
    result = inspect(target).get_table_names()
    if result:
        message = (
            f"The new database is not empty: it holds {len(result)} tables. If an earlier move was finished, it is "
            "your installation already. Else give an empty one: createdb …"
        )
        raise MigrationError(message)


def require_sqlite_source(source: Connection) -> None:
    """Raise MigrationError unless `source` is an SQLite database with only known tables."""
    if source.dialect.name != "sqlite":
        raise MigrationError(
            "This installation is on PostgreSQL already. Its own tools move it: pg_dump and pg_restore."
        )
    unknown = set(inspect(source).get_table_names()) - set(Base.metadata.tables) - _IGNORED_TABLES
    if unknown:
        message = f"The database holds tables that would be left behind: {', '.join(sorted(unknown))}."
        raise MigrationError(message)


def copy_and_verify_database(source: Connection, target: Connection, *, progress: ProgressCallback) -> int:
    """Copy and verify every row, and set the sequences; return the number of rows.

    `progress` is called after each table with its name and number of rows. Raises MigrationError.
    """
    total = 0
    for table in Base.metadata.sorted_tables:
        _copy(table, source, target)
        rows = _compare(table, source, target)
        _set_counter(table, target)
        progress(table.name, rows)
        total += rows
    return total


def _copy(table: Table, source: Connection, target: Connection) -> None:
    later = _self_references(table)
    for rows in _rows(table, source):
        values = [dict(row._mapping) for row in rows]
        _execute(
            table, target, insert(table), [value | dict.fromkeys(column.name for column in later) for value in values]
        )
    if later:  # a row may reference a later one
        for rows in _rows(table, source):
            _set_self_references(table, target, later, [dict(row._mapping) for row in rows])


def _set_self_references(
    table: Table, target: Connection, later: Sequence[Column[Any]], rows: Sequence[dict[str, Any]]
) -> None:
    keys = [column == bindparam(f"key_{column.name}") for column in table.primary_key]
    statement = update(table).where(*keys).values({column.name: bindparam(f"new_{column.name}") for column in later})
    values = [
        {f"key_{column.name}": row[column.name] for column in table.primary_key}
        | {f"new_{column.name}": row[column.name] for column in later}
        for row in rows
        if any(row[column.name] is not None for column in later)
    ]
    if values:
        _execute(table, target, statement, values)


def _execute(table: Table, target: Connection, statement: Any, values: Sequence[dict[str, Any]]) -> None:
    try:
        target.execute(statement, values)
    except DBAPIError as error:
        # The full database message may quote an address or a code; the primary message or error type does not.
        reason = getattr(getattr(error.orig, "diag", None), "message_primary", None) or type(error.orig).__name__
        raise MigrationError(f"A row of the table {table.name} does not fit PostgreSQL: {reason}.") from error


def _compare(table: Table, source: Connection, target: Connection) -> int:
    number = 0
    for rows in _rows(table, source):
        number += len(rows)
        copies = {_key(table, row): tuple(row) for row in target.execute(select(table).where(_among(table, rows)))}
        wrong = sum(copies.get(_key(table, row)) != tuple(row) for row in rows)
        if wrong:
            raise MigrationError(f"{wrong} rows of the table {table.name} are not the same after the move.")
    arrived = target.scalar(select(func.count()).select_from(table))
    if arrived != number:
        raise MigrationError(f"The table {table.name} had {number} rows, and {arrived} arrived.")
    return number


def _rows(table: Table, source: Connection) -> Iterator[Sequence[Row[Any]]]:
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=BATCH_SIZE)
    try:
        with source.execute(query) as result:
            yield from result.partitions()
    except (LookupError, ValueError, TypeError) as error:
        raise MigrationError(f"A row of the table {table.name} cannot be read: {type(error).__name__}.") from error


def _among(table: Table, rows: Sequence[Row[Any]]) -> ColumnElement[bool]:
    columns = tuple(table.primary_key)
    if len(columns) == 1:
        return columns[0].in_([row._mapping[columns[0]] for row in rows])
    return tuple_(*columns).in_([_key(table, row) for row in rows])


def _key(table: Table, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(row._mapping[column] for column in table.primary_key)


def _self_references(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns for key in column.foreign_keys if key.column.table is table]


def _set_counter(table: Table, target: Connection) -> None:
    column = table.autoincrement_column
    sequence = column is not None and target.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
    if column is None or not sequence:
        return
    highest = target.scalar(select(func.max(column)))
    target.execute(select(func.setval(sequence, highest or 1, highest is not None)))
