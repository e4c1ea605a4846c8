"""Flask session: holds only the CSRF token of the staff area; none exists outside `/staff`."""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class StaffFormSessions(SecureCookieSessionInterface):
    """Sessions for forms under the path `root` only; elsewhere none is read, and writing one is an error."""

    def __init__(self, root: str) -> None:
        self._root = root

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a page of the staff area, None of any other page."""
        inside = request.path == self._root or request.path.startswith(f"{self._root}/")
        return super().open_session(app, request) if inside else None
