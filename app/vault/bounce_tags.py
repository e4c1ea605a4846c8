"""Postmarks: what a letter bears so that it is known when it comes back, and tells nothing of whom it is for.

A postmark holds its batch, the moment that all letters of the batch share, chance, and a keyed mark over
them. The chance lies nowhere but in the letter: once that is sent, nothing here ties it to an address.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

from app.core.mail import BatchId
from app.vault.tokens import keyed_digest

_BYTES = 12
_FORM = re.compile(r"([0-9]{1,10})-([0-9]{1,11})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{16})")


@dataclass(frozen=True, slots=True)
class BounceTag:
    """A postmark of this installation: of which batch, and the digest by which a letter is counted once."""

    batch: BatchId
    second: int
    digest: bytes

    def is_of(self, written_at: datetime | None) -> bool:
        """Tell whether it belongs to the batch that was written at a moment; numbers of batches come again."""
        return written_at is not None and int(written_at.timestamp()) == self.second


def draw_tag_nonce() -> str:
    """Draw the chance of one letter's postmark."""
    return secrets.token_urlsafe(_BYTES)


def bounce_tag(batch: BatchId, written_at: datetime, chance: str, *, secret: bytes) -> str:
    """Return the postmark of a letter; written twice it is the same."""
    head = f"{batch}-{int(written_at.timestamp())}"
    return f"{head}.{chance}.{_mark(head, chance, secret)}"


def parse_bounce_tag(text: str, *, secret: bytes) -> BounceTag | None:
    """Return what a postmark says; None if this installation did not write it."""
    result = _FORM.fullmatch(text)
    if result is None:
        return None
    batch, second, chance, mark = result.groups()
    if not hmac.compare_digest(mark, _mark(f"{batch}-{second}", chance, secret)):
        return None
    return BounceTag(BatchId(int(batch)), int(second), keyed_digest(secret, "bounce", chance)[:16])


def _mark(head: str, chance: str, secret: bytes) -> str:
    return urlsafe_b64encode(keyed_digest(secret, "postmark", head, chance)[:_BYTES]).decode()
