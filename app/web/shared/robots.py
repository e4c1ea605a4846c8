"""What search engines may index: `/robots.txt` as RFC 9309 describes it."""

from flask import Flask

TYPE = {"Content-Type": "text/plain; charset=utf-8"}
# The catalogue is public and worth finding. Nobody should reach a page for a code, a result or a sign-in by a search.
RULES = """\
User-agent: *
Allow: /courses/
Allow: /static/
Disallow: /
"""


def register(app: Flask) -> None:
    """Add the address to `app`."""
    app.add_url_rule("/robots.txt", "robots", _robots_txt)


def _robots_txt() -> tuple[str, int, dict[str, str]]:
    return RULES, 200, TYPE
