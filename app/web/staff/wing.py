"""The staff wing, put together."""

from flask import Blueprint, Flask

ROOMS: tuple[Blueprint, ...] = ()


def register(app: Flask) -> None:
    """Hang the pages of those who sign in into `app`."""
    for room in ROOMS:
        app.register_blueprint(room)
