"""Send e-mails over SMTP one at a time, and report the outcome of each.

Nothing here writes a log line or puts an address into an error: of a mail server's reply only the status codes are
reported.
"""

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from app.config import Settings
from app.core.bounces import BOUNCE_TAG_HEADER
from app.core.mail import DeliveryOutcome, DeliveryResult, MailMessage, MailServerFault, MailServerFaultCode
from app.core.smtp_replies import RefusalCause, SmtpReply, read_reply

PATIENCE = 20.0
_PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}
_CLOSING = 421
_SIGN_IN = {530, 534, 535, 538}
_LINE = 78
_WORD_BYTES = 42  # of text in one encoded word: 56 messages of base64, 68 with what goes around them; at most 75
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# Exceptions of the standard library for invalid addresses and names.
UNENCODABLE = (ValueError, MessageError, AttributeError, IndexError, TypeError)


class MailServerUnavailable(Exception):
    """The mail server cannot be reached or takes nothing from this service; no message was refused for good."""

    def __init__(self, setback: MailServerFault):
        super().__init__(str(setback))
        self.setback = setback


class SenderRefused(MailServerUnavailable):
    """The mail server answers, but takes no message from this sender; another connection would not help."""


class DeliveryUnknown(Exception):
    """A message was handed over whole but the connection broke before the server's answer."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where messages are handed over, read from an address such as `starttls://user:password@mail.example:587`.

    `ca_file` holds the certificates to trust instead of the system's; with `plain` nothing is encrypted.
    """

    kind: str
    host: str
    port: int
    user: str
    password: str
    ca_file: str = ""
    plain: bool = False


def smtp_server(settings: Settings) -> SmtpServer:
    """Return the mail server of an installation; ValueError says what is wrong with its address."""
    return replace(parse_smtp_url(settings.smtp_url), ca_file=settings.smtp_ca_file, plain=settings.smtp_plain)


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
        # Return headers only: a bounced invitation must not bring its code into a shared mailbox.
        self._wishes = ("RET=HDRS",) if connection.has_extn("dsn") else ()

    def send(self, message: MailMessage) -> DeliveryResult:
        """Send one message and return whether the server accepted, deferred or refused it.

        MailServerUnavailable: the connection broke or the server takes nothing, and this message was surely not
        taken; SenderRefused: because of the sender. DeliveryUnknown: the message may have been taken.
        """
        if not _is_writable(message.to):  # one such address must not block all other e-mails
            return DeliveryResult(DeliveryOutcome.REFUSED)
        try:
            content = message_bytes(message)
        except UNENCODABLE as error:
            raise SenderRefused(MailServerFault(MailServerFaultCode.MESSAGE, type(error).__name__)) from None
        try:
            self._require_sender(*self._connection.mail(message.sender, self._wishes))
            code, text = self._connection.rcpt(message.to)
            if code not in {250, 251}:
                return self._refused(code, text)
            code, text = self._connection.docmd("DATA")
        except (smtplib.SMTPException, OSError) as error:
            raise MailServerUnavailable(_setback(error)) from None
        return self._refused(code, text) if code != 354 else self._send(content)

    def _require_sender(self, code: int, text: bytes) -> None:
        if code == 250:
            return
        reply = read_reply(code, text)
        if code >= 500 and code not in _SIGN_IN:
            raise SenderRefused(MailServerFault(MailServerFaultCode.SENDER, str(reply)))
        _give_up(reply)

    def _send(self, content: bytes) -> DeliveryResult:
        try:
            self._connection.send(_dotted(content))
            code, text = self._connection.getreply()
        except (smtplib.SMTPException, OSError):
            self._connection.close()
            raise DeliveryUnknown from None
        return DeliveryResult(DeliveryOutcome.ACCEPTED) if code == 250 else self._refused(code, text)

    def _refused(self, code: int, text: bytes) -> DeliveryResult:
        reply = read_reply(code, text)
        if code == _CLOSING or code in _SIGN_IN:
            _give_up(reply)
        with suppress(smtplib.SMTPException, OSError):
            self._connection.rset()
        if code < 500:
            return DeliveryResult(DeliveryOutcome.LATER, reply)
        if reply.cause is RefusalCause.SENDER:
            raise SenderRefused(MailServerFault(MailServerFaultCode.SENDER, str(reply)))
        return DeliveryResult(DeliveryOutcome.REFUSED, reply)


@contextmanager
def smtp_connection(where: SmtpServer, *, patience: float = PATIENCE) -> Iterator[SmtpConnection]:
    """Connect to a mail server, sign in if it has a user, and close the connection at the end."""
    try:
        connection = _connect(where, patience)
    except (smtplib.SMTPException, OSError) as error:
        raise MailServerUnavailable(_setback(error)) from None
    try:
        yield SmtpConnection(connection)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()
        connection.close()


def message_bytes(message: MailMessage) -> bytes:
    """Return a message as plain text and HTML; written twice it is the same to the last byte.

    Its header is folded here: the standard library takes away quotes while it folds a long name, in versions
    that are still in use, so that one address becomes three.
    """
    mail = EmailMessage(policy=SMTP)
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = message.language.value  # set last, otherwise it would end up in a part
    mail.set_boundary(f"part-{message.message_id.strip('<>').partition('@')[0]}")
    lines = [
        _from_line(_mailbox(message.sender_name, _address(message.sender))),
        folded_header("To", _address(message.to)),
        folded_header("Subject", *_words(message.subject)),
        folded_header("Date", format_datetime(message.date)),
        folded_header("Message-ID", message.message_id),
        folded_header("Reply-To", _address(message.reply_to)) if message.reply_to else "",
        folded_header("In-Reply-To", message.follows) if message.follows else "",
        folded_header("References", message.follows) if message.follows else "",
        folded_header("Auto-Submitted", "auto-generated"),
        folded_header("X-Auto-Response-Suppress", "All"),
        folded_header(BOUNCE_TAG_HEADER, message.bounce_tag) if message.bounce_tag else "",
    ]
    return "".join(lines).encode("ascii") + mail.as_bytes()


def _from_line(mailbox: str) -> str:
    return f"From: {mailbox}\r\n" if mailbox.startswith('"') else folded_header("From", mailbox)


def folded_header(name: str, *words: str) -> str:
    """Return a complete mail header line, folded between words where it would exceed 78 characters.

    >>> folded_header("Subject", "one", "two")
    'Subject: one two\\r\\n'
    """
    lines = [f"{name}:"]
    for word in " ".join(words).split():
        fits = len(lines[-1]) + 1 + len(word) <= _LINE
        lines[-1:] = [f"{lines[-1]} {word}"] if fits or lines[-1] == f"{name}:" else [lines[-1], f" {word}"]
    return "\r\n".join(lines) + "\r\n"


def _mailbox(name: str, address: str) -> str:
    """Return a name and an address; a name of ASCII that is not all atoms is quoted, any other encoded.

    Quotes are not folded, however long they are: programs on the way lose them when they fold anew.
    """
    clean = _clean(name)
    words = _words(clean)
    if words != clean.split() or _ATOMS.fullmatch(clean):
        return " ".join([*words, f"<{address}>"])
    escaped = re.sub(r'(["\\])', r"\\\1", clean)
    return f'"{escaped}" <{address}>'


def _words(text: str) -> list[str]:
    """Return the words of a header's text, encoded where they are not plain ASCII."""
    clean = _clean(text)
    return clean.split() if clean.isascii() and "=?" not in clean else _encoded(clean)


def _encoded(text: str) -> list[str]:
    """Return encoded words (RFC 2047), cut between characters."""
    chunks = [b""]
    for character in text:
        encoded = character.encode()
        if len(chunks[-1]) + len(encoded) > _WORD_BYTES:
            chunks.append(b"")
        chunks[-1] += encoded
    return [f"=?utf-8?b?{b64encode(chunk).decode()}?=" for chunk in chunks]


def _clean(text: str) -> str:
    """Return a text without what a header must not contain, line breaks above all."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def _address(address: str) -> str:
    return Address(addr_spec=address).addr_spec.encode("ascii").decode()


def _is_writable(address: str) -> bool:
    try:
        return bool(_address(address))
    except UNENCODABLE:
        return False


def _connect(where: SmtpServer, patience: float) -> smtplib.SMTP:
    context = None if where.plain else _tls_context(where)
    connection = (
        smtplib.SMTP_SSL(where.host, where.port, timeout=patience, context=context)
        if where.kind == "smtps"
        else smtplib.SMTP(where.host, where.port, timeout=patience)
    )
    try:
        connection.ehlo()
        if where.kind == "starttls" or (where.kind == "smtp" and not where.plain and connection.has_extn("starttls")):
            connection.starttls(context=context)
            connection.ehlo()
        if where.user:
            connection.login(where.user, where.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _tls_context(where: SmtpServer) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=where.ca_file or None)
    except OSError as error:
        detail = f"SMTP_CA_FILE {type(error).__name__}"
        raise MailServerUnavailable(MailServerFault(MailServerFaultCode.CERTIFICATE, detail)) from None


def _give_up(reply: SmtpReply) -> NoReturn:
    fault = MailServerFaultCode.SIGN_IN if reply.code in _SIGN_IN else MailServerFaultCode.UNREACHABLE
    raise MailServerUnavailable(MailServerFault(fault, str(reply)))


def _setback(error: Exception) -> MailServerFault:
    code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
    faults: dict[type[Exception], MailServerFaultCode] = {
        smtplib.SMTPAuthenticationError: MailServerFaultCode.SIGN_IN,
        ssl.SSLError: MailServerFaultCode.CERTIFICATE,
    }
    fault = next((fault for kind, fault in faults.items() if isinstance(error, kind)), MailServerFaultCode.UNREACHABLE)
    return MailServerFault(fault, f"{type(error).__name__}{code}")


def _dotted(content: bytes) -> bytes:
    """Return a message as the protocol wants it: lines that begin with a dot get another, a lone dot ends it."""
    lines = content.replace(b"\r\n.", b"\r\n..")
    if lines.startswith(b"."):
        lines = b"." + lines
    return lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"
