"""Normalise submitted text before any view reads it.

Browsers send CRLF for every line end; a text that was pasted may hold decomposed letters or control characters. Names
are compared and stored in normal forms, and a form that goes to the page again must not grow. Passwords and what is
signed stay as they were sent; so does NUL, which no browser sends: `access` refuses it.
"""

from functools import cached_property

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from app.core.text import without_bad_characters

UNTOUCHED = ("password", "digits", "secret", "token")


class UnicodeNormalisingRequest(Request):
    """A request whose form and query hold texts in their normal form."""

    def _load_form_data(self) -> None:
        super()._load_form_data()
        self.__dict__["form"] = _normal(self.form)

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The query in its normal form."""
        return _normal(super().args)


def _normal(fields: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return fields in their normal form; the very same where nothing has to be changed, as in most requests."""
    pairs = list(fields.items(multi=True))
    if all(value.isascii() and value.isprintable() for _name, value in pairs):
        return fields
    return ImmutableMultiDict(
        (name, value if any(word in name for word in UNTOUCHED) else _normal_value(value)) for name, value in pairs
    )


def _normal_value(value: str) -> str:
    return "\0".join(map(without_bad_characters, value.split("\0")))
