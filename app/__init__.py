"""Voimavara: anonymous wellbeing rounds for school communities, and what follows from them."""

from flask import Flask

from app import factory
from app.config import InvalidSetting

__all__ = ["create_app"]


def create_app() -> Flask:
    """Put the application of the command line together; a setting that cannot be ends it with a sentence."""
    try:
        return factory.create_app()
    except InvalidSetting as refused:
        raise SystemExit(f"Error: {refused}.") from refused
