"""The respondent wing, put together."""

from flask import Blueprint, Flask

from app.web.respondent import community, lengths, profiles, statements, views, votes
from app.web.respondent.guesses import Guesses
from app.web.respondent.ushers import Ushers

ROOMS: tuple[Blueprint, ...] = (
    views.blueprint,
    profiles.blueprint,
    statements.blueprint,
    community.blueprint,
    votes.blueprint,
)


def register(app: Flask) -> None:
    """Hang the pages of those who answer into `app`."""
    app.extensions[views.GUESSES] = Guesses()
    app.extensions[views.USHERS] = Ushers()
    for room in ROOMS:
        app.register_blueprint(room)
        app.after_request_funcs.setdefault(room.name, []).append(lengths.pad)
