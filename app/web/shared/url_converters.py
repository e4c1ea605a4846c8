"""What a number and a word in a page's address may be."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

LARGEST = 2**31 - 1


class BoundedIntegerConverter(IntegerConverter):
    """A number that a table can have; PostgreSQL refuses to look for a larger one, so that is no page."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int = LARGEST) -> None:
        super().__init__(map, fixed_digits, min, max)


class PlainTextConverter(UnicodeConverter):
    """A word that a table can have: none holds a control character. NUL is left to `access`, which refuses it."""

    def __init__(self, map: Map, minlength: int = 1, maxlength: int | None = None, length: int | None = None) -> None:
        super().__init__(map, minlength, maxlength, length)
        self.regex = self.regex.replace("[^/]", r"[^/\x01-\x1f\x7f]")


def register(app: Flask) -> None:
    """Let `<int:…>` and `<…>` in every address of `app` be such; ask for it before any page is hung in."""
    app.url_map.converters["int"] = BoundedIntegerConverter
    app.url_map.converters["default"] = PlainTextConverter
    app.url_map.converters["string"] = PlainTextConverter
