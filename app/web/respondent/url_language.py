"""What holds for every page of this area before its view is called."""

from flask import g, request

from app.core.languages import Language

LANG = "/<any(fi, sv, en):lang>"
LARGEST_REQUEST = 64 * 1024


def read_url_language(_endpoint: str | None, arguments: dict[str, str] | None) -> None:
    """Read the language from the address; nobody sends much to these pages."""
    if arguments and "lang" in arguments:
        g.language = Language(arguments.pop("lang"))
    request.max_content_length = LARGEST_REQUEST
