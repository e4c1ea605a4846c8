"""Application context: clock, settings and secret key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import current_app

from app.config import Settings


@dataclass(frozen=True, slots=True)
class AppContext:
    """Settings, clock and secret that an application was created with."""

    settings: Settings
    clock: Callable[[], datetime]
    secret: bytes


def app_context() -> AppContext:
    """Return settings, clock and secret of the current application."""
    found_app_context: AppContext = current_app.extensions["voimavara"]
    return found_app_context


def now() -> datetime:
    """Return the current time, with a time zone."""
    return app_context().clock()


def today() -> date:
    """Return the current date where the schools are; `now().date()` is yesterday's for hours after midnight."""
    return now().astimezone(ZoneInfo(settings().time_zone)).date()


def settings() -> Settings:
    """Return the installation's settings."""
    return app_context().settings


def secret() -> bytes:
    """Return the installation's secret, which is never in the database."""
    return app_context().secret
