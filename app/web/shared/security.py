"""The headers that every answer bears."""

from flask import Flask, Response

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


ONLY_ENCRYPTED = "max-age=63072000; includeSubDomains"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def register(app: Flask) -> None:
    """Put the headers on every answer of `app`; where it is served encrypted, browsers are told to insist."""
    app.after_request(_guard)
    if app.extensions["voimavara"].settings.base_url.startswith("https://"):
        app.after_request(_insist)


def _insist(response: Response) -> Response:
    response.headers.setdefault("Strict-Transport-Security", ONLY_ENCRYPTED)
    return response


def _guard(response: Response) -> Response:
    present = {name.title() for name in response.headers.keys()}  # noqa: SIM118 - iteration yields pairs
    for name, value in HEADERS.items():
        if name.title() not in present:
            response.headers.add(name, value)
    return response
