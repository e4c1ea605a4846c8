"""Parse bounce messages: permanent failure, delay, or something else.

Reports in the standard form (RFC 3464) are read here, however carelessly a gateway wrote them; those in a form of
its own are read by `flufl.bounce`.
"""

import base64
import logging
import quopri
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, parseaddr
from enum import StrEnum
from typing import TYPE_CHECKING

from app.lazy import lazy_module

if TYPE_CHECKING:
    from flufl import bounce as detectors
else:
    detectors = lazy_module("flufl.bounce")  # slow to import, and every process that sends messages reads this module

BOUNCE_TAG_HEADER = "X-Voimavara-Postmark"
_MOST_BYTES = 1_000_000  # the headers of a returned message come before its words
_STATUS = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED = {
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
}
# The tolerant policy, for other people's mail; lines stay as long as they came.
_RAW = compat32.clone(max_line_length=None)
# What the standard library may raise on mail that is broken on purpose.
_BROKEN = (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:")
_TAG_LINE = re.compile(
    rb"^[>| \t]*" + BOUNCE_TAG_HEADER.encode() + rb"[ \t]*:\s*([\w.=-]{20,200})", re.MULTILINE | re.I
)
_MAIL_SYSTEM = re.compile(r"mailer-daemon|postmaster|mail[ ._-]?delivery|mdaemon", re.I)
_DELAY = re.compile(rb"delay|warning|temporar|still (?:being|trying)|not yet|viiv\S*st|f\S{1,2}rdr\S*jd", re.I)


class MailboxMessageKind(StrEnum):
    """What a message in the sender's mailbox is."""

    FAILED = "failed"
    DELAYED = "delayed"
    OTHER = "other"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class MailboxMessageReport:
    """One message of the sender's mailbox; if it reports a failure, the tag of the returned message and its recipients.

    `failed` are the recipients that the report itself names. The addresses are for the eyes of whoever reads that
    mailbox anyway, and for no log or table.
    """

    kind: MailboxMessageKind
    bounce_tag: str = ""
    addresses: tuple[str, ...] = field(default=(), repr=False)
    failed: tuple[str, ...] = field(default=(), repr=False)


def parse_mailbox_message(raw: bytes) -> MailboxMessageReport:
    """Return what a raw message in a mailbox is; never raises.

    >>> parse_mailbox_message(b"Subject: On holiday\\n\\nBack on Monday.").kind
    <MailboxMessageKind.OTHER: 'other'>
    """
    try:
        return _read(BytesParser(policy=_RAW).parsebytes(_without_envelope(raw[:_MOST_BYTES])))
    except _BROKEN:
        return MailboxMessageReport(MailboxMessageKind.DAMAGED)


def _read(mail: Message) -> MailboxMessageReport:
    if not mail.keys():
        return MailboxMessageReport(MailboxMessageKind.DAMAGED)
    if mail.get_content_type() != "multipart/report":
        return _by_detectors(mail)
    return (
        _standard(mail)
        if _report_type(mail) in {"", "delivery-status"}
        else MailboxMessageReport(MailboxMessageKind.OTHER)
    )


def _standard(mail: Message) -> MailboxMessageReport:
    parts = [item for item in mail.get_payload() if isinstance(item, Message)] if mail.is_multipart() else []
    fates = [
        delivery_status
        for part in parts
        if part.get_content_type() in _STATUS
        for delivery_status in _delivery_statuses(_content(part))
    ]
    actions = {_action(fate) for fate in fates}
    if "failed" in actions:
        return _failed(parts, [fate for fate in fates if _action(fate) == "failed"])
    if "delayed" in actions:
        return MailboxMessageReport(MailboxMessageKind.DELAYED)
    return MailboxMessageReport(MailboxMessageKind.OTHER if actions else MailboxMessageKind.DAMAGED)


def _failed(parts: list[Message], fates: list[Message]) -> MailboxMessageReport:
    returned = next((_headers(_content(part)) for part in parts if part.get_content_type() in _RETURNED), Message())
    written_to = parseaddr(str(returned["To"] or ""))[1]
    failed = _addresses(recipient for fate in fates for recipient in _recipients(fate))
    bounce_tag = "".join(str(returned[BOUNCE_TAG_HEADER] or "").split())
    addresses = _addresses([written_to] if written_to else [_recipients(fate)[0] for fate in fates])
    return MailboxMessageReport(MailboxMessageKind.FAILED, bounce_tag, addresses, failed)


def _by_detectors(mail: Message) -> MailboxMessageReport:
    """Read a report in a form of a mail server's own: what it returns of the message stands among its words."""
    if "vacation" in str(mail["Auto-Submitted"] or "").lower() or not _is_from_mail_system(mail):
        return MailboxMessageReport(MailboxMessageKind.OTHER)
    with _silent_detectors():
        temporary, permanent = detectors.all_failures(mail)
    text = b"\n".join(bytes(part.get_payload(decode=True) or b"") for part in mail.walk() if not part.is_multipart())
    tag = _TAG_LINE.search(text)
    bounce_tag = tag[1].decode("ascii") if tag else ""
    failed = _addresses(address.decode("utf-8", "replace") for address in sorted(permanent))
    if failed:
        return MailboxMessageReport(MailboxMessageKind.FAILED, bounce_tag, failed, failed)
    if temporary:
        return MailboxMessageReport(MailboxMessageKind.DELAYED)
    # The tag shows that the e-mail came back, but no recipient is named: count it, invalidate no code.
    head = str(mail["Subject"] or "").encode("utf-8", "replace") + b"\n" + text[: tag.start() if tag else 0]
    return (
        MailboxMessageReport(MailboxMessageKind.FAILED, bounce_tag)
        if tag and not _DELAY.search(head)
        else MailboxMessageReport(MailboxMessageKind.OTHER)
    )


@contextmanager
def _silent_detectors() -> Iterator[None]:
    """Keep the detectors from logging an error with its traceback, in which words of the message stand."""
    logger = logging.getLogger("flufl.bounce")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


def _is_from_mail_system(mail: Message) -> bool:
    return "X-Failed-Recipients" in mail or bool(_MAIL_SYSTEM.search(str(mail["From"] or "")))


def _report_type(mail: Message) -> str:
    return collapse_rfc2231_value(mail.get_param("report-type", "")).strip().lower()


def _delivery_statuses(content: bytes) -> Iterator[Message]:
    """Yield what the report tells of each recipient; the block before those is about the report itself."""
    for block in re.split(rb"\n[ \t]*\n", content.replace(b"\r\n", b"\n")):
        headers = _headers(block)
        if _action(headers):
            yield headers


def _action(fate: Message) -> str:
    result = re.match(r"\s*([a-z]+)", str(fate["Action"] or "").lower())
    return result[1] if result else ""


def _recipients(fate: Message) -> list[str]:
    fields = (str(fate[name] or "") for name in ("Original-Recipient", "Final-Recipient"))
    return [parseaddr(text.partition(";")[2].strip())[1] for text in fields if text] or [""]


def _addresses(candidates: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for address in candidates if _is_address(address)))


def _is_address(text: str) -> bool:
    # It goes to a terminal, which obeys some characters instead of showing them.
    return 3 <= len(text) <= 254 and "@" in text and text.isprintable() and " " not in text


def _headers(content: bytes) -> Message:
    """Read headers although blanks stand before a colon, or the rest of a long line is not indented."""
    lines: list[bytes] = []
    for line in content.lstrip().splitlines():
        if not line.strip():
            break
        header = _HEADER.match(line)
        if header:
            lines.append(header[1] + b":" + line[header.end() :])
        elif lines:
            lines.append(b" " + line.lstrip())
    return BytesHeaderParser(policy=_RAW).parsebytes(b"\n".join(lines))


def _content(part: Message) -> bytes:
    """Return what is in a part; the library parses `message/*` at once, as if it were never encoded."""
    if not part.is_multipart():
        return bytes(part.get_payload(decode=True) or b"")
    inner = [item for item in part.get_payload() if isinstance(item, Message)]
    raw = b"\n".join(item.as_bytes(policy=_RAW) for item in inner)
    encoding = str(part["Content-Transfer-Encoding"] or "").strip().lower()
    if encoding == "base64":
        signs = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
        return base64.b64decode(signs + b"=" * (-len(signs) % 4))
    return quopri.decodestring(raw) if encoding == "quoted-printable" else raw


def _without_envelope(raw: bytes) -> bytes:
    """Drop the line that mail servers put before a message which they hand to a program."""
    return raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw
