"""A whole database, copied out into a file and back while others go on working.

SQLite is copied by its own backup interface, PostgreSQL by its own programs. A copy holds the database
and nothing else: neither the installation's secret nor a round's key was ever in it.
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
_DUMP = ("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s")


class CopyError(Exception):
    """The database cannot be copied out or in; the text says why, and nothing was changed."""


def copy_out(engine: Engine, to: Path) -> None:
    """Write a copy of the database, as it is at one moment, into a new file that only its owner reads."""
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if engine.dialect.name != "sqlite":
        _run(*_DUMP, f"--file={to}", _address(engine.url), url=engine.url)
        return
    held = engine.raw_connection()
    try:
        with closing(sqlite3.connect(to)) as copy:
            driver: Any = held.driver_connection
            # In one step: a copy in many begins anew whenever somebody writes, and would never end.
            driver.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, complete by itself
    finally:
        held.close()


def copy_in(engine: Engine, source: Path) -> None:
    """Put a copy in the place of the database's content, whole or not at all.

    SQLite does it under its own locks, so processes that have the file open see the new content. A
    PostgreSQL must be empty.
    """
    if engine.dialect.name != "sqlite":
        _run(*_RESTORE, _address(engine.url), str(source), url=engine.url)
        return
    held = engine.raw_connection()
    try:
        with closing(sqlite3.connect(source)) as copy:
            driver: Any = held.driver_connection
            copy.backup(driver)
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        held.close()


def require_intact(source: Path) -> None:
    """Raise CopyError unless an SQLite file is whole; how a dump is doing only pg_restore can tell."""
    try:
        with closing(sqlite3.connect(source)) as copy:
            said = copy.execute("PRAGMA integrity_check(1)").fetchone()
            broken = copy.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise CopyError(f"The database in {source.name} is damaged.") from error
    if said != ("ok",) or broken is not None:
        raise CopyError(f"The database in {source.name} is damaged.")


def leave_read_only_mode(copy: Path) -> None:
    """Let a copy be written, even if it was taken while its database stood still."""
    engine = create_engine(f"sqlite:///{copy}")
    with engine.begin() as connection:
        read_only_mode.leave(connection)
    engine.dispose()


def is_empty(engine: Engine) -> bool:
    """Tell whether a database has no table at all."""
    return not inspect(engine).get_table_names()


def set_aside(path: Path, suffix: str) -> Path:
    """Give an SQLite file that cannot be read another name, and put an empty one in its place; return the name."""
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
        found_message = next(
            (line for line in done.stderr.splitlines() if "error" in line), f"it ended with {done.returncode}"
        )
        message = f"{program} failed: {found_message}"
        raise CopyError(message)


def _address(url: URL) -> str:
    # Everybody on a machine may read what a program was called with: the password goes another way.
    return f"--dbname={url.set(drivername='postgresql', password=None).render_as_string(hide_password=False)}"
