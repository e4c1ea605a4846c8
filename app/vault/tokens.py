"""Long random words for the staff wing: sessions and one-time links; only their digests are kept."""

import hashlib
import hmac
import secrets

TOKEN_BYTES = 32


def draw_token() -> str:
    """Draw a word of 256 bits that is safe in a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_token(token: str) -> bytes:
    """Return what the database keeps of a token; 256 bits need no key and no salt."""
    return hashlib.sha256(token.encode()).digest()


def keyed_digest(secret: bytes, *parts: str) -> bytes:
    """Return a digest of `parts` that nobody without the installation's secret can guess back.

    Each part is preceded by its length, so that ("ab", "c") and ("a", "bc") differ.
    """
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(secret, message, hashlib.sha256).digest()


def secret_fingerprint(secret: bytes) -> bytes:
    """Return the mark of a secret: whoever has the secret knows it again, and nobody learns it from the mark.

    A secret that was drawn has 256 bits, so there is nothing to guess. One that somebody thought up could be
    guessed at; but any box or letter in the database already lets one try a guess at the same price.
    """
    return keyed_digest(secret, "hallmark")
