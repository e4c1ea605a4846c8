"""A server whose secret is not the one that its database goes with answers nobody."""

from flask import Flask, request

from app.services import hallmarks
from app.services.hallmarks import SecretDiffers
from app.store.database import DatabaseAway, reading, transaction
from app.web.shared.door import secret
from app.web.shared.outages import Teller

HEALTH = frozenset({"alive", "ready"})


def guard(app: Flask) -> None:
    """Compare before anything is served, and mark a database that bears no mark; raises SecretDiffers.

    Where the database is away or waits for its migrations, compare before each request until it is known.
    """
    teller = Teller()
    with app.app_context():
        known = _is_known()

    def again() -> None:
        nonlocal known
        if known or request.endpoint in HEALTH:
            return
        try:
            known = _is_known()
        except SecretDiffers as differs:
            teller.tell(f"{differs}".rstrip("."))
            raise DatabaseAway from differs

    app.before_request(again)


def _is_known() -> bool:
    try:
        with reading() as session:
            marked = hallmarks.is_marked(session)
        with reading() if marked else transaction() as session:
            hallmarks.require(session, secret())
            return hallmarks.is_marked(session)
    except DatabaseAway:
        return False
