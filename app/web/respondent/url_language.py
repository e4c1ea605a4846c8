"""Before each respondent view: set the language from the URL, and limit the request size."""

from flask import g, request

from app.core.languages import Language

LANG = "/<any(fi, sv, en):lang>"
LARGEST_REQUEST = 64 * 1024


def set_language_and_size_limit(_endpoint: str | None, arguments: dict[str, str] | None) -> None:
    """Set `g.language` from the URL and limit the size of the request."""
    if arguments and "lang" in arguments:
        g.language = Language(arguments.pop("lang"))
    request.max_content_length = LARGEST_REQUEST
