"""Remove deleted data physically from the database files.

Deleting a row leaves its bytes in the write-ahead log, in dead row versions and in free pages. This
runs outside a transaction, as both databases require.
"""

from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

_TABLES_TO_REWRITE = (
    *("box", "invitation", "round", "comment", "contact", "letter", "bounce", "mail_batch", "handed_in"),
    *("dot_vote", "dot_vote_box", "dot_vote_code", "job_run", "round_key_share"),
)
_MAX_TENTHS = 30  # tenths of a second


class EraseIncomplete(Exception):
    """A reader still uses an old state of the database; nothing is lost, try again."""


def wipe_remnants(engine: Engine) -> None:
    """Rewrite the database files so that no deleted box, code or contact remains; can be repeated."""
    if engine.dialect.name == "sqlite":
        _wipe_sqlite(engine)
    else:
        _wipe_postgresql(engine)


def _wipe_sqlite(engine: Engine) -> None:
    connection = engine.raw_connection()
    try:
        driver: Any = connection.driver_connection
        # Truncate the log first, since VACUUM would copy it, and again, since VACUUM writes to it.
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            row = driver.execute(statement).fetchone()
            if row is not None and row[0]:
                raise EraseIncomplete("The database is being read; the old log cannot be cut yet.")
    finally:
        connection.close()


_OLDER_READERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    " AND age(backend_xmin) > age(CAST(CAST(:marker AS text) AS xid))"
)


def _wait_for_old_readers(connection: Connection) -> None:
    # VACUUM FULL copies rows that are visible to transactions from before the count.
    marker = connection.execute(text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")).scalar()
    for _ in range(_MAX_TENTHS):
        if not connection.execute(_OLDER_READERS, {"marker": marker}).scalar():
            return
        connection.execute(text("SELECT pg_sleep(0.1)"))
    raise EraseIncomplete("A transaction that began before the count is still open.")


def _wipe_postgresql(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _wait_for_old_readers(connection)
        # VACUUM FULL writes tables and TOAST data into new files and removes the old ones.
        for table in _TABLES_TO_REWRITE:
            connection.execute(text(f'VACUUM FULL "{table}"'))
        # The WAL is truncated now if this account is permitted to, else at the next checkpoint.
        for statement in ("SELECT pg_switch_wal()", "CHECKPOINT"):
            try:
                connection.execute(text(statement))
            except ProgrammingError:
                continue
