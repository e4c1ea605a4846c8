"""Refuse requests (except health checks) if the server's secret key does not match its database."""

from flask import Flask, request

from app.services import secret_match
from app.services.secret_match import SecretMismatch
from app.store.database import DatabaseUnavailable, read_session, write_session
from app.web.shared.app_context import secret
from app.web.shared.service_unavailable import LogThrottle

HEALTH = frozenset({"alive", "ready"})


def check_or_store_secret_fingerprint(app: Flask) -> None:
    """Compare the secret with the database's fingerprint before requests are served, and store it where there is none.

    Raises SecretMismatch.

    Where the database is away or waits for its migrations, compare before each request until it is known.
    """
    log_throttle = LogThrottle()
    with app.app_context():
        known = _is_known()

    def again() -> None:
        nonlocal known
        if known or request.endpoint in HEALTH:
            return
        try:
            known = _is_known()
        except SecretMismatch as differs:
            log_throttle.log(f"{differs}".rstrip("."))
            raise DatabaseUnavailable from differs

    app.before_request(again)


def _is_known() -> bool:
    try:
        with read_session() as session:
            marked = secret_match.has_fingerprint(session)
        with read_session() if marked else write_session() as session:
            secret_match.set_or_verify_fingerprint(session, secret())
            return secret_match.has_fingerprint(session)
    except DatabaseUnavailable:
        return False
