"""Copy a whole database to a file while it is in use, and restore it.

Uses SQLite's backup interface, and pg_dump and pg_restore for PostgreSQL. A copy contains the database
only, neither the secret key nor any round's key, nor what is sealed to the keys of hosts.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, inspect

from app.store import read_only_mode

_RESTORE = ("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
# Shares of keys stay out: with the disk of a lost host they would open the boxes of a backup after the count.
_LEFT_OUT = "--exclude-table-data=round_key_share"
_DUMP = ("pg_dump", _LEFT_OUT, "--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s")


class CopyError(Exception):
    """The database cannot be copied; the text says why, and nothing was changed."""


def dump_database(engine: Engine, to: Path) -> None:
    """Write a consistent copy of the database into a new file that only its owner can read."""
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if engine.dialect.name != "sqlite":
        _run(*_DUMP, f"--file={to}", _libpq_option(engine.url), url=engine.url)
        return
    connection = engine.raw_connection()
    try:
        with closing(sqlite3.connect(to)) as copy:
            driver: Any = connection.driver_connection
            # In one step: a copy in several steps restarts at every write and might never finish.
            driver.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # without a separate WAL file
    finally:
        connection.close()


def restore_dump(engine: Engine, source: Path) -> None:
    """Replace the content of the database with a copy, in one transaction.

    SQLite uses its own locks, so processes with the file open see the new content. A PostgreSQL database must be
    empty.
    """
    if engine.dialect.name != "sqlite":
        _run(*_RESTORE, _libpq_option(engine.url), str(source), url=engine.url)
        return
    connection = engine.raw_connection()
    try:
        with closing(sqlite3.connect(source)) as copy:
            driver: Any = connection.driver_connection
            copy.backup(driver)
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def require_intact_sqlite_file(source: Path) -> None:
    """Raise CopyError unless an SQLite file passes its integrity checks; dumps are checked by pg_restore."""
    try:
        with closing(sqlite3.connect(source)) as copy:
            integrity = copy.execute("PRAGMA integrity_check(1)").fetchone()
            broken = copy.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise CopyError(f"The database in {source.name} is damaged.") from error
    if integrity != ("ok",) or broken is not None:
        raise CopyError(f"The database in {source.name} is damaged.")


def leave_read_only_mode_of_copy(copy: Path) -> None:
    """Take a copy out of read-only mode, if it was made in that mode."""
    engine = create_engine(f"sqlite:///{copy}")
    with engine.begin() as connection:
        read_only_mode.leave(connection)
    engine.dispose()


def is_empty(engine: Engine) -> bool:
    """Tell whether a database has no tables."""
    return not inspect(engine).get_table_names()


def set_aside_and_create_empty_file(path: Path, suffix: str) -> Path:
    """Rename an unreadable SQLite file and create an empty one in its place; return the new name."""
    for tail in ("-wal", "-shm", ""):
        old = path.with_name(path.name + tail)
        if old.exists():
            old.rename(path.with_name(f"{path.name}{suffix}{tail}"))
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path.with_name(f"{path.name}{suffix}")


def _run(program: str, *arguments: str, url: URL) -> None:
    text = shutil.which(program)
    if text is None:
        message = f"{program} is not on this host. It comes with PostgreSQL: apt-get install postgresql-client"
        raise CopyError(message)
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run(  # noqa: S603 - the program is PostgreSQL's own, and no shell reads the words
        [text, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = next(
            (line for line in done.stderr.splitlines() if "error" in line), f"it ended with {done.returncode}"
        )
        message = f"{program} failed: {reason}"
        raise CopyError(message)


def _libpq_option(url: URL) -> str:
    # Command lines are visible to all users of a host: the password is passed in the environment.
    return f"--dbname={url.set(drivername='postgresql', password=None).render_as_string(hide_password=False)}"
