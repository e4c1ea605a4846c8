"""Every verb of the command line."""

from flask import Flask
from flask.cli import AppGroup

from app.cli.people import people

GROUPS: tuple[AppGroup, ...] = (people,)


def register(app: Flask) -> None:
    """Hang the verbs into `app`."""
    for group in GROUPS:
        app.cli.add_command(group)
