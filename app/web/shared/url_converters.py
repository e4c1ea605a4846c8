"""What a number in a page's address may be."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


class BoundedInteger(IntegerConverter):
    """A number that a table can have; PostgreSQL refuses to look for a larger one, so that is no page."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int = LARGEST) -> None:
        super().__init__(map, fixed_digits, min, max)


def register(app: Flask) -> None:
    """Let `<int:…>` in every address of `app` be such a number; ask for it before any page is hung in."""
    app.url_map.converters["int"] = BoundedInteger
