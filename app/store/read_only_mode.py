"""Read-only mode of an SQLite database, by triggers that reject every write.

A process that was not stopped still has the file open. Without this mode it would store ballots in a
database that nobody will count.
"""

from sqlalchemy import Connection, text

_PREFIX = "standstill_"
_OPERATIONS = ("INSERT", "UPDATE", "DELETE")
_TRIGGERS = text("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND substr(name, 1, length(:prefix)) = :prefix")


def enter(connection: Connection, why: str) -> None:
    """Reject every later write with a reason, once the caller's transaction is committed."""
    reason = why.replace("'", "’")
    leave(connection)
    for table in _tables(connection):
        for operation in _OPERATIONS:
            refuse = f"BEFORE {operation} ON \"{table}\" BEGIN SELECT RAISE(ABORT, '{reason}'); END"
            connection.exec_driver_sql(f'CREATE TRIGGER "{_PREFIX}{table}_{operation.lower()}" {refuse}')


def leave(connection: Connection) -> int:
    """Make the database writable again; return the number of tables."""
    result = list(connection.scalars(_TRIGGERS, {"prefix": _PREFIX}))
    for name in result:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    return len(result) // len(_OPERATIONS)


def is_read_only(connection: Connection) -> bool:
    """Tell whether the database is in read-only mode; always false for PostgreSQL."""
    return connection.dialect.name == "sqlite" and connection.scalar(_TRIGGERS, {"prefix": _PREFIX}) is not None


def _tables(connection: Connection) -> list[str]:
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    return list(connection.scalars(text(query)))
