"""The headers that every answer bears."""

from flask import Flask, Response

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


ONLY_ENCRYPTED = "max-age=63072000; includeSubDomains"


def register(app: Flask) -> None:
    """Put the headers on every answer of `app`; where it is served encrypted, browsers are told to insist."""
    app.after_request(_guard)
    if app.extensions["voimavara"].settings.base_url.startswith("https://"):
        app.after_request(_insist)


def _insist(response: Response) -> Response:
    response.headers.setdefault("Strict-Transport-Security", ONLY_ENCRYPTED)
    return response


def _guard(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response
