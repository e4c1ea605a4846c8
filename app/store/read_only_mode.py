"""A SQLite database that stands still: it can be read, and nothing can be written into it any more.

A process that was not stopped still holds the file open. Without this it would take ballots into a
database that nobody will count.
"""

from sqlalchemy import Connection, text

_PREFIX = "standstill_"
_DEEDS = ("INSERT", "UPDATE", "DELETE")
_TRIGGERS = text("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND substr(name, 1, length(:prefix)) = :prefix")


def enter(connection: Connection, why: str) -> None:
    """Refuse every later write, with a reason, from the moment when the caller's transaction is committed."""
    words = why.replace("'", "’")
    leave(connection)
    for table in _tables(connection):
        for deed in _DEEDS:
            refuse = f"BEFORE {deed} ON \"{table}\" BEGIN SELECT RAISE(ABORT, '{words}'); END"
            connection.exec_driver_sql(f'CREATE TRIGGER "{_PREFIX}{table}_{deed.lower()}" {refuse}')


def leave(connection: Connection) -> int:
    """Let the database be written again; return how many tables had been closed."""
    result = list(connection.scalars(_TRIGGERS, {"prefix": _PREFIX}))
    for name in result:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    return len(result) // len(_DEEDS)


def is_read_only(connection: Connection) -> bool:
    """Tell whether nothing can be written into this database; PostgreSQL never stands still."""
    return connection.dialect.name == "sqlite" and connection.scalar(_TRIGGERS, {"prefix": _PREFIX}) is not None


def _tables(connection: Connection) -> list[str]:
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    return list(connection.scalars(text(query)))
