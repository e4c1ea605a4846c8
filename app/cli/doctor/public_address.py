"""Check the public address as a browser would: certificate, expiry, and whether this service responds."""

import http.client
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import SplitResult, urlsplit

from app.cli.doctor.findings import CheckResult, fail, ok, warn
from app.config import Settings

TIMEOUT = 5  # seconds
ALIVE_PATH = "/healthz"
ALIVE_BODY = b"alive\n"
RENEW_BEFORE = timedelta(days=21)  # certificates of 90 days are usually renewed 30 days before they expire
RENEWAL = "Renew it and reload the proxy; check the timer that should do it, such as certbot.timer."


def check_public_address(settings: Settings, moment: datetime) -> Iterator[CheckResult]:
    """Connect to BASE_URL over TLS; nothing is checked where it is not an https address."""
    address = urlsplit(settings.base_url)
    if address.scheme != "https" or not address.hostname:
        return  # the check of the settings says so
    try:
        yield from _check_connection(settings, address, moment)
    except ssl.SSLCertVerificationError as error:
        what = f"Browsers reject the certificate of {address.hostname}: {error.verify_message}."
        yield fail(what, f"Install a certificate for this name with its whole chain. {RENEWAL}")
    except (OSError, http.client.HTTPException) as error:
        what = f"{settings.base_url} cannot be reached from this host ({type(error).__name__})."
        yield warn(what, "Check DNS, proxy and firewall, unless only other networks can reach it by design.")


def _check_connection(settings: Settings, address: SplitResult, moment: datetime) -> Iterator[CheckResult]:
    host = cast("str", address.hostname)
    connection = http.client.HTTPSConnection(
        host, address.port or 443, timeout=TIMEOUT, context=ssl.create_default_context()
    )
    try:
        connection.connect()
        yield _check_expiry(host, cast("ssl.SSLSocket", connection.sock), moment)
        yield _check_service(settings, connection)
    finally:
        connection.close()


def _check_expiry(host: str, connected: ssl.SSLSocket, moment: datetime) -> CheckResult:
    certificate = connected.getpeercert() or {}
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    left = expires - moment
    what = f"The certificate of {host} is valid until {expires:%Y-%m-%d}, {left.days} more days."
    return ok(what) if left > RENEW_BEFORE else fail(what, RENEWAL)


def _check_service(settings: Settings, connection: http.client.HTTPSConnection) -> CheckResult:
    connection.request("GET", ALIVE_PATH)
    response = connection.getresponse()
    if response.status == http.client.OK and response.read(len(ALIVE_BODY) + 1) == ALIVE_BODY:
        return ok(f"The service answers at {settings.base_url}.")
    what = f"{settings.base_url} leads to something else: {ALIVE_PATH} answers with status {response.status}."
    return warn(what, "Check BASE_URL and the address that the proxy forwards to.")
