"""What is open to everybody and to programs, put together."""

from flask import Blueprint, Flask

from app.web.interface import courses

ROOMS: tuple[Blueprint, ...] = (courses.blueprint,)


def register(app: Flask) -> None:
    """Hang the open pages and interfaces into `app`."""
    for room in ROOMS:
        app.register_blueprint(room)
