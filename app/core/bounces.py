"""Read what a mail server sends back: a letter that failed, a delay, or something else (RFC 3464)."""

import base64
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, parseaddr
from enum import StrEnum

BOUNCE_TAG_HEADER = "X-Voimavara-Postmark"
_MOST_BYTES = 1_000_000  # the headers of a returned letter come before its words
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
_BROKEN = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


class BounceKind(StrEnum):
    """What a message in the sender's mailbox is."""

    FAILED = "failed"
    DELAYED = "delayed"
    OTHER = "other"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class BounceReport:
    """One message; of a failure, the postmark of the returned letter, if any, and whom it was for.

    The addresses are for the eyes of whoever reads that mailbox anyway, and for no log or table.
    """

    kind: BounceKind
    postmark: str = ""
    addresses: tuple[str, ...] = field(default=(), repr=False)


def parse_bounce(raw: bytes) -> BounceReport:
    """Read one message as it lies in a mailbox; whatever is in it, a report comes out.

    >>> parse_bounce(b"Subject: On holiday\\n\\nBack on Monday.").kind
    <BounceKind.OTHER: 'other'>
    """
    try:
        return _read(BytesParser(policy=_RAW).parsebytes(_without_envelope(raw[:_MOST_BYTES])))
    except _BROKEN:
        return BounceReport(BounceKind.DAMAGED)


def _read(mail: Message) -> BounceReport:
    if not mail.keys():
        return BounceReport(BounceKind.DAMAGED)
    if mail.get_content_type() != "multipart/report" or _report_type(mail) not in {"", "delivery-status"}:
        return BounceReport(BounceKind.OTHER)
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
        return BounceReport(BounceKind.DELAYED)
    return BounceReport(BounceKind.OTHER if actions else BounceKind.DAMAGED)


def _failed(parts: list[Message], fates: list[Message]) -> BounceReport:
    returned = next((_headers(_content(part)) for part in parts if part.get_content_type() in _RETURNED), Message())
    written_to = parseaddr(str(returned["To"] or ""))[1]
    result = [written_to] if written_to else [_recipient(fate) for fate in fates]
    postmark = "".join(str(returned[BOUNCE_TAG_HEADER] or "").split())
    return BounceReport(BounceKind.FAILED, postmark, tuple(item for item in result if _is_address(item)))


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


def _recipient(fate: Message) -> str:
    message = str(fate["Original-Recipient"] or fate["Final-Recipient"] or "")
    return parseaddr(message.partition(";")[2].strip())[1]


def _is_address(text: str) -> bool:
    # It goes to a terminal, which obeys some characters instead of showing them.
    return 3 <= len(text) <= 254 and "@" in text and text.isprintable() and " " not in text


def _headers(content: bytes) -> Message:
    return BytesHeaderParser(policy=_RAW).parsebytes(content.lstrip())


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
