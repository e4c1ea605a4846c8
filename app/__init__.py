"""Voimavara: anonymous wellbeing rounds for school communities, and what follows from them."""

from app.factory import create_app

__all__ = ["create_app"]
