"""What stays in a database's files after rows are deleted, and how it is wiped away.

Deleting a row leaves its bytes behind: in the write-ahead log, in dead versions, in free pages. This
runs outside any transaction, as neither database can do it inside one.
"""

from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

_REWRITTEN = (
    *("box", "invitation", "round", "comment", "contact", "letter", "bounce", "mail_batch", "handed_in"),
    *("dot_vote", "dot_vote_box", "dot_vote_code", "job_run"),
)
_PATIENCE = 30  # tenths of a second


class EraseIncomplete(Exception):
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
                raise EraseIncomplete("The database is being read; the old log cannot be cut yet.")
    finally:
        held.close()


_OLDER_READERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    " AND age(backend_xmin) > age(CAST(CAST(:marker AS text) AS xid))"
)


def _wait_for_old_readers(connection: Connection) -> None:
    # VACUUM FULL copies what a transaction that began before the count could still ask for.
    marker = connection.execute(text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")).scalar()
    for _ in range(_PATIENCE):
        if not connection.execute(_OLDER_READERS, {"marker": marker}).scalar():
            return
        connection.execute(text("SELECT pg_sleep(0.1)"))
    raise EraseIncomplete("A transaction that began before the count is still open.")


def _wipe_postgresql(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _wait_for_old_readers(connection)
        # VACUUM FULL writes each table and its large values into new files and removes the old ones.
        for table in _REWRITTEN:
            connection.execute(text(f'VACUUM FULL "{table}"'))
        # The server's own log is cut where this account may ask for it, else at its next checkpoint.
        for statement in ("SELECT pg_switch_wal()", "CHECKPOINT"):
            try:
                connection.execute(text(statement))
            except ProgrammingError:
                continue
