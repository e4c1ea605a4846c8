"""Two addresses for machines: whether the process is alive, and whether it can serve."""

import logging

from flask import Flask

from app.config import ROOT, VERSION
from app.services import hallmarks
from app.store import revisions, standstill
from app.store.database import reading
from app.web.shared.door import secret

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
            ours = hallmarks.fits(session, secret())
    except Exception as error:  # whatever keeps the database away, the answer is the same
        _log.warning("The database cannot be reached: %s", type(error).__name__)
        return _not_yet("The database cannot be reached.")
    if still:
        return _not_yet("The database takes nothing more: it was moved or is being restored.")
    if current != revisions.newest(MIGRATIONS):
        is_older = current is None or revisions.is_known(MIGRATIONS, current)
        return _not_yet(f"The database {'waits for its migrations' if is_older else 'is newer than this process'}.")
    if not ours:
        _log.error("%s %s", hallmarks.DIFFERS, hallmarks.REMEDY)
        return _not_yet(hallmarks.DIFFERS)
    return f"ready\nversion {VERSION}\n", 200, PLAIN


def _not_yet(why: str) -> tuple[str, int, dict[str, str]]:
    return f"{why}\n", 503, PLAIN | {"Retry-After": "10"}
