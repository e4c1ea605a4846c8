"""Security headers of every response."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


ONLY_ENCRYPTED = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class SecureHeadersMiddleware:
    """WSGI middleware that adds security headers to every response that does not set them itself.

    It stands outside the framework: what a server is handed passes here, whichever part made it.
    """

    def __init__(self, application: "WSGIApplication", headers: dict[str, str]) -> None:
        self._application = application
        self._headers = tuple((name.lower(), (name, value)) for name, value in headers.items())

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the application does."""

        def start(status: str, own: list[tuple[str, str]], *error: object) -> object:
            present = {name.lower() for name, _ in own}
            missing = [pair for name, pair in self._headers if name not in present]
            return start_response(status, own + missing, *error)  # type: ignore[arg-type]  # the server's own words

        return self._application(environ, start)  # type: ignore[arg-type]  # a plain function is what it wants


def register(app: Flask) -> None:
    """Add the security headers to every response of `app`, and HSTS where it is served over HTTPS."""
    encrypted = app.extensions["voimavara"].settings.base_url.startswith("https://")
    headers = HEADERS | ONLY_ENCRYPTED if encrypted else HEADERS
    app.wsgi_app = SecureHeadersMiddleware(app.wsgi_app, headers)  # type: ignore[method-assign]
