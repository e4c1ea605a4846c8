"""Second factor: time-based one-time passwords (TOTP) and recovery words."""

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
    """The stored secret was sealed with another secret key."""


def draw_secret() -> str:
    """Return a random TOTP secret of 160 bits."""
    return pyotp.random_base32()


def provisioning_uri(shared: str, *, email: str, service: str) -> str:
    """Return the URI to scan with an authenticator app."""
    return str(pyotp.TOTP(shared).provisioning_uri(name=email, issuer_name=service))


def matching_step(shared: str, digits: str, *, now: datetime) -> int | None:
    """Return the time step that `digits` belong to, among the current and adjacent ones; else None."""
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(shared)
    typed = "".join(digits.split())
    for step in range(current - DRIFT, current + DRIFT + 1):
        if hmac.compare_digest(totp.at(step * STEP_SECONDS).encode(), typed.encode()):
            return step
    return None


def encrypt_totp_secret(shared: str, *, secret: bytes) -> bytes:
    """Encrypt a TOTP secret for the database."""
    return bytes(_box(secret).encrypt(shared.encode()))


def decrypt_totp_secret(blob: bytes, *, secret: bytes) -> str:
    """Return the decrypted TOTP secret; UnsealError if it cannot be decrypted."""
    try:
        return _box(secret).decrypt(blob).decode()
    except CryptoError as error:
        raise UnsealError from error


def draw_recovery_words() -> tuple[str, ...]:
    """Return new recovery words; each signs in once without the phone (49 bits, throttled)."""
    drawn = ("".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(RECOVERY_WORDS))
    return tuple(f"{word[:5]}-{word[5:]}" for word in drawn)


def recovery_digest(recovery_word: str, *, account: int, secret: bytes) -> bytes:
    """Return the digest to store for a recovery word."""
    characters = "".join(sign for sign in recovery_word.casefold() if sign in ALPHABET)
    return keyed_digest(secret, "recovery word", str(account), characters)


def _box(secret: bytes) -> SecretBox:
    return SecretBox(keyed_digest(secret, "second factor"))
