"""Encrypt e-mails in the outbox: an invitation contains an access code, which must not be readable there."""

import hashlib
import hmac
import secrets

from nacl import bindings
from nacl.exceptions import CryptoError

ID_BYTES = 16
_NONCE = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_STEP = 256


class InvalidSealedMessage(Exception):
    """The message was modified, or encrypted with another secret key."""


def draw_message_id() -> bytes:
    """Return a random message id, so that messages have no order."""
    return secrets.token_bytes(ID_BYTES)


def seal_message(content: bytes, *, secret: bytes, message_id: bytes) -> bytes:
    """Return an encrypted message, bound to its id and padded to hide its length."""
    nonce = secrets.token_bytes(_NONCE)
    padded = content.ljust(-(-len(content) // _STEP) * _STEP)
    return nonce + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(padded, message_id, nonce, _key(secret))


def unseal_message(blob: bytes, *, secret: bytes, message_id: bytes) -> bytes:
    """Return a decrypted message with its padding; InvalidSealedMessage if it cannot be decrypted."""
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            blob[_NONCE:], message_id, blob[:_NONCE], _key(secret)
        )
    except CryptoError as error:
        raise InvalidSealedMessage("a waiting message cannot be decrypted: wrong secret key") from error


def _key(secret: bytes) -> bytes:
    return hmac.digest(secret, b"waiting letters", hashlib.sha256)
