"""The second factor: six digits that change every half minute, and words for the day the phone is lost."""

import hmac
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from app.lazy import lazy_module
from app.vault.tokens import keyed_digest

if TYPE_CHECKING:
    import pyotp
else:
    pyotp = lazy_module("pyotp")

STEP_SECONDS = 30
DRIFT = 1  # steps that a phone's clock may be off, either way
RECOVERY_WORDS = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class UnsealError(Exception):
    """What is kept of a second factor was sealed with another installation's secret."""


def draw_secret() -> str:
    """Draw what phone and service share: 160 bits."""
    return pyotp.random_base32()


def provisioning_uri(shared: str, *, email: str, service: str) -> str:
    """Return what an authenticator scans."""
    return str(pyotp.TOTP(shared).provisioning_uri(name=email, issuer_name=service))


def matching_step(shared: str, digits: str, *, now: datetime) -> int | None:
    """Return the half minute to which `digits` belong, if it is this one or next to it; else None."""
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(shared)
    typed = "".join(digits.split())
    for step in range(current - DRIFT, current + DRIFT + 1):
        if hmac.compare_digest(totp.at(step * STEP_SECONDS).encode(), typed.encode()):
            return step
    return None


def seal(shared: str, *, secret: bytes) -> bytes:
    """Seal what is shared for the database: a copy of the database alone gives no second factor away."""
    return bytes(_box(secret).encrypt(shared.encode()))


def unseal(kept: bytes, *, secret: bytes) -> str:
    """Return what was sealed; UnsealError if it was sealed elsewhere."""
    try:
        return _box(secret).decrypt(kept).decode()
    except CryptoError as error:
        raise UnsealError from error


def draw_recovery_words() -> tuple[str, ...]:
    """Draw the words that each sign in once without the phone: 49 bits each, slowed down by throttling."""
    drawn = ("".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(RECOVERY_WORDS))
    return tuple(f"{word[:5]}-{word[5:]}" for word in drawn)


def recovery_digest(word: str, *, account: int, secret: bytes) -> bytes:
    """Return what is kept of a recovery word."""
    letters = "".join(sign for sign in word.casefold() if sign in ALPHABET)
    return keyed_digest(secret, "recovery word", str(account), letters)


def _box(secret: bytes) -> SecretBox:
    return SecretBox(keyed_digest(secret, "second factor"))
