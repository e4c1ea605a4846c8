"""The respondent wing, put together."""

from flask import Flask


def register(app: Flask) -> None:
    """Hang the pages of those who answer into `app`."""
