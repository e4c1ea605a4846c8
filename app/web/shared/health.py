"""Health check endpoints: one for a live process, one for readiness to serve requests."""

import logging

from flask import Flask

from app.config import ROOT, VERSION
from app.services import secret_match
from app.store import clock_skew, read_only_mode, schema_revision
from app.store.database import Session, read_session
from app.web.shared.app_context import secret

MIGRATIONS = ROOT / "migrations"
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}

_log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Register the URLs of the liveness and the readiness check."""
    app.add_url_rule("/healthz", "alive", _alive)
    app.add_url_rule("/readyz", "ready", _ready)


def _alive() -> tuple[str, int, dict[str, str]]:
    return "alive\n", 200, PLAIN


def _ready() -> tuple[str, int, dict[str, str]]:
    try:
        with read_session() as session:
            trouble = _schema_trouble(session) or _host_trouble(session)
    except Exception as error:  # same response whatever makes the database unavailable
        _log.warning("The database cannot be reached: %s", type(error).__name__)
        return _not_yet("The database cannot be reached.")
    if trouble is not None:
        return _not_yet(trouble)
    return f"ready\nversion {VERSION}\n", 200, PLAIN


def _schema_trouble(session: Session) -> str | None:
    """Return why this process cannot work with the database as it is, or None."""
    if read_only_mode.is_read_only(session.connection()):
        return "The database takes nothing more: it was moved or is being restored."
    current = schema_revision.current_revision(session)
    if current == schema_revision.head_revision(MIGRATIONS):
        return None
    is_older = current is None or schema_revision.is_known(MIGRATIONS, current)
    return f"The database {'waits for its migrations' if is_older else 'is newer than this process'}."


def _host_trouble(session: Session) -> str | None:
    """Return why this host must serve nobody, or None: its secret or its clock is not the one of the database."""
    if not secret_match.matches_database(session, secret()):
        _log.error("%s %s", secret_match.MISMATCH_MESSAGE, secret_match.REMEDY)
        return secret_match.MISMATCH_MESSAGE
    skew = clock_skew.excessive_skew(session)
    if skew is None:
        return None
    _log.error("%s %s", clock_skew.skew_message(skew), clock_skew.REMEDY)
    return clock_skew.skew_message(skew)


def _not_yet(why: str) -> tuple[str, int, dict[str, str]]:
    return f"{why}\n", 503, PLAIN | {"Retry-After": "10"}
