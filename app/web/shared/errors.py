"""Where an error becomes a page that says what to do next."""

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException


def register(app: Flask) -> None:
    """Answer every error of `app` with a page."""
    app.register_error_handler(HTTPException, _page)


def _page(error: HTTPException) -> tuple[str, int]:
    return render_template("shared/error.html", code=error.code), error.code or 500
