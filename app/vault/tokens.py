"""Random tokens for sessions, one-time links and the API; only digests are stored."""

import hashlib
import hmac
import secrets

TOKEN_BYTES = 32


def draw_token() -> str:
    """Return a random token of 256 bits that is safe in a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_token(token: str) -> bytes:
    """Return the digest to store for a token; 256 random bits need no key or salt."""
    return hashlib.sha256(token.encode()).digest()


def keyed_digest(secret: bytes, *parts: str) -> bytes:
    """Return an HMAC of `parts` that cannot be guessed without the secret key.

    Each part is preceded by its length, so that ("ab", "c") and ("a", "bc") differ.
    """
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(secret, message, hashlib.sha256).digest()


def secret_fingerprint(secret: bytes) -> bytes:
    """Return a fingerprint of the secret key that identifies it without revealing it.

    A random secret has 256 bits and cannot be guessed. A self-made one could be, but any box or message in the
    database allows the same guesses.
    """
    return keyed_digest(secret, "hallmark")
