"""Voimavara: anonymous wellbeing surveys for school communities, and the follow-up of their results."""

from typing import TYPE_CHECKING

import click
from flask import Flask

from app.config import InvalidSetting
from app.lazy import lazy_module

if TYPE_CHECKING:
    from app import factory
else:
    factory = lazy_module("app.factory")  # importing any module of this package runs this file

__all__ = ["create_app"]


def create_app() -> Flask:
    """Create the application for the `flask` command; end with one sentence if a setting is invalid.

    Our own commands serve no page, so the application that looks them up has none: this is several times faster.
    Flask's `run`, `routes` and `shell`, and every other caller, get the whole application.
    """
    command = click.get_current_context(silent=True)
    is_looking_up = command is not None and command.parent is None
    try:
        return factory.create_command_app() if is_looking_up else factory.create_app()
    except InvalidSetting as refused:
        raise SystemExit(f"Error: {refused}.") from refused
