"""The door: clock, settings and secret come in here and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from app.config import Settings


@dataclass(frozen=True, slots=True)
class AppContext:
    """What an application was given when it was put together."""

    settings: Settings
    clock: Callable[[], datetime]
    secret: bytes


def app_context() -> AppContext:
    """Return the door of the application at hand."""
    found_app_context: AppContext = current_app.extensions["voimavara"]
    return found_app_context


def now() -> datetime:
    """Return the present moment, with a time zone."""
    return app_context().clock()


def settings() -> Settings:
    """Return the installation's settings."""
    return app_context().settings


def secret() -> bytes:
    """Return the installation's secret, which is never in the database."""
    return app_context().secret
