"""URL converters for integers and strings, with limits."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

LARGEST = 2**31 - 1


class BoundedIntegerConverter(IntegerConverter):
    """An integer that fits a database column; a larger one is answered with 404."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int = LARGEST) -> None:
        super().__init__(map, fixed_digits, min, max)


class PlainTextConverter(UnicodeConverter):
    """A string without control characters; NUL is left to `access`, which refuses it."""

    def __init__(self, map: Map, minlength: int = 1, maxlength: int | None = None, length: int | None = None) -> None:
        super().__init__(map, minlength, maxlength, length)
        self.regex = self.regex.replace("[^/]", r"[^/\x01-\x1f\x7f]")


def register(app: Flask) -> None:
    """Register the converters for `<int:…>` and `<…>`; call it before any blueprint is registered."""
    app.url_map.converters["int"] = BoundedIntegerConverter
    app.url_map.converters["default"] = PlainTextConverter
    app.url_map.converters["string"] = PlainTextConverter
