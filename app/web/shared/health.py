"""Two addresses for machines: whether the process is alive, and whether it can serve."""

import logging

from flask import Flask

from app.config import ROOT
from app.store import revisions, standstill
from app.store.database import reading

MIGRATIONS = ROOT / "migrations"
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}

_log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Hang the two addresses into `app`."""
    app.add_url_rule("/healthz", "alive", _alive)
    app.add_url_rule("/readyz", "ready", _ready)


def _alive() -> tuple[str, int, dict[str, str]]:
    return "alive\n", 200, PLAIN


def _ready() -> tuple[str, int, dict[str, str]]:
    try:
        with reading() as session:
            current, still = revisions.current(session), standstill.stands_still(session.connection())
    except Exception as error:  # whatever keeps the database away, the answer is the same
        _log.warning("The database cannot be reached: %s", type(error).__name__)
        return "The database cannot be reached.\n", 503, PLAIN | {"Retry-After": "10"}
    if still:
        return (
            "The database takes nothing more: it was moved or is being restored.\n",
            503,
            PLAIN | {"Retry-After": "10"},
        )
    if current != revisions.newest(MIGRATIONS):
        return "The database waits for its migrations.\n", 503, PLAIN | {"Retry-After": "10"}
    return "ready\n", 200, PLAIN
