"""Boxes: seal a ballot, put it in, shuffle, open at the count.

A box is one blob of constant size: authenticated encryption over equal slots, as many as people are
invited. A slot is a byte that tells a ballot from a dummy, and a libsodium sealed box to the round's
public key. The flag can be read only with the box's key, the ballot only with the round's secret key.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence

import numpy as np
from nacl import bindings
from nacl._sodium import ffi, lib
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey
from numpy.typing import NDArray

from app.core.ballots import MAX_BALLOT_BYTES

SEALED = MAX_BALLOT_BYTES + bindings.crypto_box_SEALBYTES
SLOT = 1 + SEALED
LARGEST = 128
SALT_BYTES = 32
_NONCE = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_KEYS = bindings.crypto_box_SECRETKEYBYTES, bindings.crypto_box_PUBLICKEYBYTES
_BALLOT = 1


class InvalidBox(Exception):
    """The box was changed, or belongs to another round, unit or installation."""


def capacities(people: int) -> tuple[int, ...]:
    """Return how many slots each box of a unit has; none holds more than 128, all are nearly equal.

    >>> capacities(120), capacities(200), capacities(0)
    ((120,), (100, 100), ())
    """
    boxes = -(-people // LARGEST)
    return tuple(people // boxes + (number < people % boxes) for number in range(boxes))


def draw_salt() -> bytes:
    """Draw the salt of a round, which is erased when the round is counted."""
    return secrets.token_bytes(SALT_BYTES)


def box_key(secret: bytes, salt: bytes) -> bytes:
    """Derive the key of a round's boxes from the installation's secret and the round's salt."""
    # Not kept in memory: the salt is erased at the count, and with it every way to the key.
    return hmac.digest(hmac.digest(secret, b"box key", hashlib.sha256), salt, hashlib.sha256)


def box_label(round_id: int, unit_id: str, number: int, *, content: str = "ballots") -> bytes:
    """Return what a box is bound to, so that one cannot be exchanged for another.

    Whoever lays out boxes or ballots anew binds them to another name: a process of the version before then
    finds its box shut, and says so, where it would else put in a ballot that nobody can read.
    """
    kind = "" if content == "ballots" else f"{content}/"
    return f"{kind}{round_id}/{number}/{unit_id}".encode()


def slot_size(size: int) -> int:
    """Return how many bytes a slot takes for ballots of `size` bytes."""
    return 1 + size + bindings.crypto_box_SEALBYTES


def ballot_size_in(blob: bytes, *, slots: int) -> int:
    """Return how many bytes a ballot has in a box of so many slots; InvalidBox if no such box is so long.

    It is written nowhere else: a round whose boxes were put up with longer ballots goes on with them.
    """
    size, left = divmod(len(blob) - _NONCE - bindings.crypto_aead_xchacha20poly1305_ietf_ABYTES, slots)
    if left or size < slot_size(0):
        message = f"no box of {slots} slots is {len(blob)} bytes long"
        raise InvalidBox(message)
    return size - slot_size(0)


def seal(ballot: bytes, public_key: bytes) -> bytes:
    """Seal a ballot to the round's public key; only the round's secret key opens it."""
    return bindings.crypto_box_seal(ballot, public_key)


def new_box(slots: int, *, key: bytes, name: bytes, size: int = MAX_BALLOT_BYTES) -> bytes:
    """Return a box of nothing but dummies, which look like sealed ballots; `size` is a ballot's length in bytes."""
    slot = slot_size(size)
    content = np.frombuffer(secrets.token_bytes(slots * slot), dtype=np.uint8).reshape(slots, slot).copy()
    content[:, 0] = 0
    return _encrypt(content, key=key, name=name)


def insert_ballots(blob: bytes, *sealed: bytes, key: bytes, name: bytes, size: int = MAX_BALLOT_BYTES) -> bytes:
    """Return the box with sealed ballots in place of as many dummies, shuffled and encrypted anew."""
    content = _slots(blob, key=key, name=name, size=size)
    dummies = np.flatnonzero(content[:, 0] != _BALLOT)
    if len(dummies) < len(sealed):
        message = "the box has no room left"
        raise InvalidBox(message)
    for place, ballot in zip(dummies, sealed, strict=False):
        content[place] = np.frombuffer(bytes((_BALLOT,)) + ballot, dtype=np.uint8)
    # The place of a ballot must not tell when it came: whoever opens the last box sees only chance.
    return _encrypt(content[shuffled(len(content))], key=key, name=name)


def can_decrypt(blob: bytes, *, key: bytes, name: bytes) -> bool:
    """Tell whether a box opens with a key; what lies in it is not looked at."""
    try:
        _decrypted(blob, key=key, name=name)
    except InvalidBox:
        return False
    return True


def sealed_ballots(blob: bytes, *, key: bytes, name: bytes, size: int = MAX_BALLOT_BYTES) -> list[bytes]:
    """Return the sealed ballots of a box, without its dummies, in the box's chance order."""
    content = _slots(blob, key=key, name=name, size=size)
    ballots = content[content[:, 0] == _BALLOT, 1:]
    width = ballots.shape[1]
    raw = ballots.tobytes()
    return [raw[start : start + width] for start in range(0, len(raw), width)]


def open_ballots(
    sealed: Sequence[bytes], *, secret_key: bytes, public_key: bytes | None = None
) -> Iterator[bytes | None]:
    """Yield each ballot in plain bytes; None where a slot does not open with this key.

    Whoever opens many boxes gives the public key of the secret one, which is otherwise made each time.
    """
    public_key = public_key or bytes(PrivateKey(secret_key).public_key)
    if (len(secret_key), len(public_key)) != _KEYS:
        message = "a key of another length: libsodium would read past its end"
        raise ValueError(message)
    # PyNaCl's own function does this for one ballot: the same call, but five checks and a buffer each time, which over
    # a country's ballots cost a twentieth of the opening.
    opened = ffi.new("unsigned char[]", max(map(len, sealed), default=0))
    content = ffi.buffer(opened)
    for slot in sealed:
        failed = lib.crypto_box_seal_open(opened, slot, len(slot), public_key, secret_key)
        yield None if failed else content[: len(slot) - bindings.crypto_box_SEALBYTES]


def shuffled(count: int) -> NDArray[np.intp]:
    """Return a chance order of `count` places, drawn from the system's own source."""
    return np.argsort(np.frombuffer(secrets.token_bytes(8 * count), dtype=np.uint64))


def _encrypt(content: NDArray[np.uint8], *, key: bytes, name: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(content.tobytes(), name, nonce, key)


def _slots(blob: bytes, *, key: bytes, name: bytes, size: int = MAX_BALLOT_BYTES) -> NDArray[np.uint8]:
    content = _decrypted(blob, key=key, name=name)
    return np.frombuffer(content, dtype=np.uint8).reshape(-1, slot_size(size)).copy()


def _decrypted(blob: bytes, *, key: bytes, name: bytes) -> bytes:
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(blob[_NONCE:], name, blob[:_NONCE], key)
    except CryptoError as error:
        message = f"the box {name.decode()} does not open: it was changed, or the installation's secret is another"
        raise InvalidBox(message) from error
