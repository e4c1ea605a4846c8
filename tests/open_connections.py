"""Find database connections that a test has left open, while it is known which test that was.

A connection that nobody closes is found by the collector of garbage, much later, and its warning fails another test.
"""

import time
import traceback
from typing import Any
from weakref import WeakSet

import psycopg

PATIENCE = 5.0  # seconds; a thread of the application may be ending its work
_OPEN: WeakSet[psycopg.Connection[Any]] = WeakSet()
_open = psycopg.Connection.__init__


def _remember(connection: psycopg.Connection[Any], *arguments: Any, **keywords: Any) -> None:
    _open(connection, *arguments, **keywords)
    connection.opened_by = "".join(traceback.format_stack(limit=25)[:-1])  # type: ignore[attr-defined]
    _OPEN.add(connection)


psycopg.Connection.__init__ = _remember  # type: ignore[method-assign]


def close_open_connections(database: str) -> str:
    """Close this process's connections to a database and return where they were opened; empty if there were none."""
    end = time.monotonic() + PATIENCE
    while (left := _left(database)) and time.monotonic() < end:
        time.sleep(0.05)
    for connection in left:
        connection.close()
    return "\n".join(connection.opened_by for connection in left)  # type: ignore[attr-defined]


def _left(database: str) -> list[psycopg.Connection[Any]]:
    return [one for one in tuple(_OPEN) if not one.closed and one.info.dbname == database]
