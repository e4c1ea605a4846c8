"""What stays in a database's files after rows are deleted, and how it is wiped away.

Deleting a row leaves its bytes behind: in the write-ahead log, in dead versions, in free pages. This
runs outside any transaction, as neither database can do it inside one.
"""

from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

_REWRITTEN = ("box", "invitation", "round")


class CleaningUnfinished(Exception):
    """Somebody is still reading an old state of the database; nothing is lost, try again."""


def wipe_remnants(engine: Engine) -> None:
    """Rewrite the database's files so that no deleted box, code or contact is left; safe to repeat."""
    if engine.dialect.name == "sqlite":
        _wipe_sqlite(engine)
    else:
        _wipe_postgresql(engine)


def _wipe_sqlite(engine: Engine) -> None:
    held = engine.raw_connection()
    try:
        driver: Any = held.driver_connection
        # The log first: VACUUM would otherwise copy it whole. And again: VACUUM writes through it.
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            row = driver.execute(statement).fetchone()
            if row is not None and row[0]:
                raise CleaningUnfinished("The database is being read; the old log cannot be cut yet.")
    finally:
        held.close()


def _wipe_postgresql(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # VACUUM FULL writes each table and its large values into new files and removes the old ones.
        for table in _REWRITTEN:
            connection.execute(text(f'VACUUM FULL "{table}"'))
        # The server's own log is cut where this account may ask for it, else at its next checkpoint.
        for statement in ("SELECT pg_switch_wal()", "CHECKPOINT"):
            try:
                connection.execute(text(statement))
            except ProgrammingError:
                continue
