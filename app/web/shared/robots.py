"""`/robots.txt` (RFC 9309): what search engines may index."""

from flask import Flask

TYPE = {"Content-Type": "text/plain; charset=utf-8"}
# The catalogue is public. Pages for codes, results and sign-in must not appear in search results.
RULES = """\
User-agent: *
Allow: /courses/
Allow: /static/
Disallow: /
"""


def register(app: Flask) -> None:
    """Register the URL of robots.txt."""
    app.add_url_rule("/robots.txt", "robots", _robots_txt)


def _robots_txt() -> tuple[str, int, dict[str, str]]:
    return RULES, 200, TYPE
