"""Bounce tags: identify a returned e-mail's batch without revealing its recipient.

A tag contains the batch, the time that all messages of the batch share, random bits, and a MAC over them. The random
bits are stored nowhere but in the message: once that is sent, nothing here links it to an address.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.core.mail import BatchId
from app.vault.tokens import keyed_digest

_BYTES = 12
_FORM = re.compile(r"([0-9]{1,10})-([0-9]{1,11})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{16})")


@dataclass(frozen=True, slots=True)
class BounceTag:
    """A verified bounce tag: its batch, its address, and the digest by which a returned message is counted once."""

    batch: BatchId
    second: int
    digest: bytes
    address: str = ""

    def matches_batch_written_at(self, written_at: datetime | None) -> bool:
        """Tell whether the tag is of the batch that was written at a moment; batch numbers are reused."""
        return written_at is not None and int(written_at.timestamp()) == self.second


def draw_tag_nonce() -> str:
    """Return a random nonce for the bounce tag of one message."""
    return secrets.token_urlsafe(_BYTES)


def bounce_tag(batch: BatchId, written_at: datetime, chance: str, *, secret: bytes, to: str = "") -> str:
    """Return the bounce tag of a message to an address; the same input gives the same tag."""
    head = f"{batch}-{int(written_at.timestamp())}"
    return f"{head}.{chance}.{_mark(head, chance, secret, to)}"


def unverified_batch_id(text: str) -> BatchId | None:
    """Return the batch that a tag names, without verifying that this installation wrote the tag."""
    result = _FORM.fullmatch(text)
    return None if result is None else BatchId(int(result[1]))


def parse_bounce_tag(text: str, *, secret: bytes, addresses: Iterable[str] = ()) -> BounceTag | None:
    """Return the verified content of a tag; None unless this installation wrote it for one of `addresses`.

    The keyed mark covers the address, so that whoever holds one message cannot report another as returned. Messages
    of before had tags without an address: theirs is empty.
    """
    result = _FORM.fullmatch(text)
    if result is None:
        return None
    batch, second, chance, mark = result.groups()
    for address in ("", *addresses):
        if hmac.compare_digest(mark, _mark(f"{batch}-{second}", chance, secret, address)):
            digest = keyed_digest(secret, "bounce", chance)[:16]
            return BounceTag(BatchId(int(batch)), int(second), digest, address.lower())
    return None


def _mark(head: str, chance: str, secret: bytes, address: str) -> str:
    parts = ("postmark", head, chance, address.lower()) if address else ("postmark", head, chance)
    return urlsafe_b64encode(keyed_digest(secret, *parts)[:_BYTES]).decode()
