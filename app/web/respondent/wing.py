"""The respondent wing, put together."""

from flask import Blueprint, Flask

from app.web.respondent import community, lengths, profiles, statements, views, votes
from app.web.respondent.guesses import Guesses

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
    for room in ROOMS:
        app.register_blueprint(room)
        app.after_request_funcs.setdefault(room.name, []).append(lengths.pad)
