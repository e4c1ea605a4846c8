"""Hand letters to a mail server over SMTP, one at a time, and say what became of each.

Nothing here writes a log line or puts an address into an error: what a mail server answers is told by
its number alone.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from app.core.bounces import BOUNCE_TAG_HEADER
from app.core.mail import DeliveryOutcome, MailMessage

PATIENCE = 20.0
_PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}
_CLOSING = 421
_UNKNOWN_TO_IT = {530, 534, 535, 538}
# What Python's own library raises for addresses and names of all sorts.
UNENCODABLE = (ValueError, MessageError, AttributeError, IndexError, TypeError)


class MailServerUnavailable(Exception):
    """The mail server cannot be reached or takes nothing from us; no letter was harmed."""


class DeliveryUnknown(Exception):
    """A letter was handed over whole but the connection broke before the server's answer."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed over, read from an address such as `starttls://user:password@mail.example:587`."""

    kind: str
    host: str
    port: int
    user: str
    password: str


def parse_smtp_url(url: str) -> SmtpServer:
    """Read the address of a mail server; ValueError says what is wrong with it.

    `smtp` encrypts if the server offers it, `starttls` insists on it, `smtps` is encrypted from the start.

    >>> parse_smtp_url("smtps://kysely:sala%20sana@mail.example").port
    465
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        message = (
            "the mail server's address must look like smtp://host:25, starttls://user:password@host:587 or smtps://…"
        )
        raise ValueError(message)
    return SmtpServer(
        parts.scheme,
        parts.hostname,
        parts.port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


class SmtpConnection:
    """An open connection to a mail server."""

    def __init__(self, connection: smtplib.SMTP) -> None:
        self._connection = connection
        # An invitation that comes back whole brings its code into a mailbox that others read.
        self._wishes = ("RET=HDRS",) if connection.has_extn("dsn") else ()

    def send(self, message: MailMessage) -> DeliveryOutcome:
        """Hand one letter over.

        MailServerUnavailable: the connection broke or the server takes nothing, and this letter was surely not
        taken. DeliveryUnknown: it may have been.
        """
        try:
            content = message_bytes(message).as_bytes()
            message.to.encode("ascii")
        except UNENCODABLE:  # one address that cannot be written must not hold up everybody else's letter
            return DeliveryOutcome.REFUSED
        try:
            code, _ = self._connection.mail(message.sender, self._wishes)
            _require(code == 250, code)
            code, _ = self._connection.rcpt(message.to)
            _require(code != _CLOSING and code not in _UNKNOWN_TO_IT, code)
            if code not in {250, 251}:
                return self._give_up(code)
            code, _ = self._connection.docmd("DATA")
            _require(code != _CLOSING, code)
        except (smtplib.SMTPException, OSError) as error:
            raise MailServerUnavailable(type(error).__name__) from None
        return self._give_up(code) if code != 354 else self._send(content)

    def _send(self, content: bytes) -> DeliveryOutcome:
        try:
            self._connection.send(_dotted(content))
            code, _ = self._connection.getreply()
        except (smtplib.SMTPException, OSError):
            self._connection.close()
            raise DeliveryUnknown from None
        return DeliveryOutcome.ACCEPTED if code == 250 else self._give_up(code)

    def _give_up(self, code: int) -> DeliveryOutcome:
        with suppress(smtplib.SMTPException, OSError):
            self._connection.rset()
        return DeliveryOutcome.REFUSED if code >= 500 else DeliveryOutcome.LATER


@contextmanager
def smtp_connection(where: SmtpServer, *, patience: float = PATIENCE) -> Iterator[SmtpConnection]:
    """Connect to a mail server, sign in if it has a user, and leave it politely at the end."""
    try:
        connection = _connect(where, patience)
    except (smtplib.SMTPException, OSError) as error:
        code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
        raise MailServerUnavailable(f"{type(error).__name__}{code}") from None
    try:
        yield SmtpConnection(connection)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()
        connection.close()


def message_bytes(message: MailMessage) -> EmailMessage:
    """Return a letter as plain text and HTML; written twice it is the same to the last byte."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=message.sender_name, addr_spec=message.sender)
    mail["To"] = Address(addr_spec=message.to)
    mail["Subject"] = message.subject
    mail["Date"] = message.date
    mail["Message-ID"] = message.message_id
    if message.reply_to:
        mail["Reply-To"] = Address(addr_spec=message.reply_to)
    if message.follows:
        mail["In-Reply-To"] = message.follows
        mail["References"] = message.follows
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if message.postmark:
        mail[BOUNCE_TAG_HEADER] = message.postmark
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = message.language.value  # set earlier it would end up in a part
    mail.set_boundary(f"part-{message.message_id.strip('<>').partition('@')[0]}")
    return mail


def _connect(where: SmtpServer, patience: float) -> smtplib.SMTP:
    context = ssl.create_default_context()
    connection = (
        smtplib.SMTP_SSL(where.host, where.port, timeout=patience, context=context)
        if where.kind == "smtps"
        else smtplib.SMTP(where.host, where.port, timeout=patience)
    )
    try:
        connection.ehlo()
        if where.kind == "starttls" or (where.kind == "smtp" and connection.has_extn("starttls")):
            connection.starttls(context=context)
            connection.ehlo()
        if where.user:
            connection.login(where.user, where.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _require(true: bool, code: int) -> None:
    if not true:
        message = f"answer {code}"
        raise smtplib.SMTPException(message)


def _dotted(content: bytes) -> bytes:
    """Return a letter as the protocol wants it: lines that begin with a dot get another, a lone dot ends it."""
    lines = content.replace(b"\r\n.", b"\r\n..")
    if lines.startswith(b"."):
        lines = b"." + lines
    return lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"
