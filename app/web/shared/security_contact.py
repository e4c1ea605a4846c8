"""`/.well-known/security.txt` (RFC 9116): where to report a vulnerability."""

from datetime import timedelta

from flask import Flask, abort

from app.web.shared.app_context import now, settings

TYPE = {"Content-Type": "text/plain; charset=utf-8"}
VALID_FOR = timedelta(days=180)
LANGUAGES = "fi, sv, en"


def register(app: Flask) -> None:
    """Register the URL of security.txt."""
    app.add_url_rule("/.well-known/security.txt", "security_contact", security_txt)


def security_txt() -> tuple[str, int, dict[str, str]]:
    """Return the contact of the settings with an expiry half a year ahead; 404 where the settings have none.

    The file is made at each request, so it never expires as long as the service runs.
    """
    contact = contact_uri(settings().contact)
    if contact is None:
        abort(404)
    expires = (now() + VALID_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {LANGUAGES}",
        f"Canonical: {settings().base_url.rstrip('/')}/.well-known/security.txt",
    )
    return "\n".join(lines) + "\n", 200, TYPE


def contact_uri(contact: str) -> str | None:
    """Return a contact as a URI; None where it is neither a page nor an e-mail address.

    >>> contact_uri("wellbeing@town.example"), contact_uri("https://town.example/report")
    ('mailto:wellbeing@town.example', 'https://town.example/report')
    >>> contact_uri("Town hall, second floor")
    """
    address = contact.strip()
    if not address or any(letter.isspace() for letter in address):
        return None
    if address.startswith(("https://", "mailto:")):
        return address
    return f"mailto:{address}" if "@" in address else None
