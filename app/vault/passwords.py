"""Passwords: argon2id, and the same time spent whether an account exists or not."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 256

_hasher = PasswordHasher()  # the second recommended choice of RFC 9106: 64 MiB, three passes


def hash_password(password: str) -> str:
    """Return what the database keeps of a password."""
    return _hasher.hash(password)


def password_matches(kept: str | None, password: str) -> bool:
    """Tell whether `password` is the one that was hashed; as slow when nothing was kept."""
    try:
        return _hasher.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with weaker settings than those of today."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody at all")
