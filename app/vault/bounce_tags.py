"""Postmarks: what a letter bears so that it is known when it comes back, and tells nothing of whom it is for.

A postmark holds its batch, the moment that all letters of the batch share, chance, and a keyed mark over
them. The chance lies nowhere but in the letter: once that is sent, nothing here ties it to an address.
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
    """A tag of this installation: of which batch, to whom, and the digest by which a letter is counted once."""

    batch: BatchId
    second: int
    digest: bytes
    address: str = ""

    def is_of(self, written_at: datetime | None) -> bool:
        """Tell whether it belongs to the batch that was written at a moment; numbers of batches come again."""
        return written_at is not None and int(written_at.timestamp()) == self.second


def draw_tag_nonce() -> str:
    """Draw the chance of one letter's postmark."""
    return secrets.token_urlsafe(_BYTES)


def bounce_tag(batch: BatchId, written_at: datetime, chance: str, *, secret: bytes, to: str = "") -> str:
    """Return the tag of a letter to an address; written twice it is the same."""
    head = f"{batch}-{int(written_at.timestamp())}"
    return f"{head}.{chance}.{_mark(head, chance, secret, to)}"


def unverified_batch_id(text: str) -> BatchId | None:
    """Return the batch that a tag names, without looking whether it is of this installation."""
    result = _FORM.fullmatch(text)
    return None if result is None else BatchId(int(result[1]))


def parse_bounce_tag(text: str, *, secret: bytes, addresses: Iterable[str] = ()) -> BounceTag | None:
    """Return what a tag says; None if this installation did not write it, to one of `addresses`.

    The keyed mark covers the address, so that whoever holds one letter cannot report another as returned. Letters
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
