"""Detect in a form that someone else changed what it edits."""

from hashlib import sha256


def seen_digest(value: object) -> str:
    """Return the digest of a value as the form showed it.

    A different digest on submission means that it was changed meanwhile.
    """
    return sha256(repr(value).encode()).hexdigest()
