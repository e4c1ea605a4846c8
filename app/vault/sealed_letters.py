"""Letters that wait to be sent lie sealed: an invitation holds a code, which nobody may read in the database."""

import hashlib
import hmac
import secrets

from nacl import bindings
from nacl.exceptions import CryptoError

ID_BYTES = 16
_NONCE = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_STEP = 256


class InvalidLetter(Exception):
    """The letter was changed, or sealed by an installation with another secret."""


def draw_letter_id() -> bytes:
    """Draw the name of a letter; names have no order, so neither have the letters."""
    return secrets.token_bytes(ID_BYTES)


def seal(content: bytes, *, secret: bytes, name: bytes) -> bytes:
    """Return a sealed letter, bound to its name; its length tells next to nothing of what is in it."""
    nonce = secrets.token_bytes(_NONCE)
    padded = content.ljust(-(-len(content) // _STEP) * _STEP)
    return nonce + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(padded, name, nonce, _key(secret))


def unseal(blob: bytes, *, secret: bytes, name: bytes) -> bytes:
    """Return what was sealed, with blanks at its end; InvalidLetter if it is not this installation's."""
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(blob[_NONCE:], name, blob[:_NONCE], _key(secret))
    except CryptoError as error:
        raise InvalidLetter("a waiting letter does not open: the installation's secret is another") from error


def _key(secret: bytes) -> bytes:
    return hmac.digest(secret, b"waiting letters", hashlib.sha256)
