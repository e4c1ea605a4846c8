"""Boxes: seal ballots, insert, shuffle, and open them at the count.

A box is one blob of constant size: authenticated encryption over equal slots, one for each invited person.
A slot is a flag that distinguishes a ballot from a dummy, and a libsodium sealed box to the round's
public key. The flag is readable with the box key, the ballot only with the round's secret key.
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
MAX_SLOTS = 128
SALT_BYTES = 32
_NONCE = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_KEYS = bindings.crypto_box_SECRETKEYBYTES, bindings.crypto_box_PUBLICKEYBYTES
_BALLOT = 1


class InvalidBox(Exception):
    """The box was modified, or belongs to another round, unit or installation."""


def slot_counts_of_boxes(people: int) -> tuple[int, ...]:
    """Return the number of slots of each box of a unit: at most 128, nearly equal.

    >>> slot_counts_of_boxes(120), slot_counts_of_boxes(200), slot_counts_of_boxes(0)
    ((120,), (100, 100), ())
    """
    boxes = -(-people // MAX_SLOTS)
    return tuple(people // boxes + (number < people % boxes) for number in range(boxes))


def draw_salt() -> bytes:
    """Return a random salt for a round; it is deleted at the count."""
    return secrets.token_bytes(SALT_BYTES)


def box_key(secret: bytes, salt: bytes) -> bytes:
    """Derive the key of a round's boxes from the secret key and the round's salt."""
    # Not cached: the salt is deleted at the count, and the key must be lost with it.
    return hmac.digest(hmac.digest(secret, b"box key", hashlib.sha256), salt, hashlib.sha256)


def box_label(round_id: int, unit_id: str, number: int, *, content: str = "ballots") -> bytes:
    """Return the associated data that binds a box to its place, so that boxes cannot be exchanged.

    A new box or ballot format must use another label: then a process of an earlier version fails to open the
    box, instead of inserting a ballot that nobody can read.
    """
    kind = "" if content == "ballots" else f"{content}/"
    return f"{kind}{round_id}/{number}/{unit_id}".encode()


def slot_size(size: int) -> int:
    """Return the size of a slot for ballots of `size` bytes."""
    return 1 + size + bindings.crypto_box_SEALBYTES


def ballot_size_from_blob(blob: bytes, *, slots: int) -> int:
    """Return the ballot size of a box with `slots` slots; InvalidBox if the length does not fit.

    The size is not stored: rounds whose boxes were created with longer ballots continue with them.
    """
    size, remainder = divmod(len(blob) - _NONCE - bindings.crypto_aead_xchacha20poly1305_ietf_ABYTES, slots)
    if remainder or size < slot_size(0):
        message = f"no box of {slots} slots is {len(blob)} bytes long"
        raise InvalidBox(message)
    return size - slot_size(0)


def seal_ballot(ballot: bytes, public_key: bytes) -> bytes:
    """Seal a ballot to the round's public key; only the round's secret key opens it."""
    return bindings.crypto_box_seal(ballot, public_key)


def new_box(slots: int, *, key: bytes, name: bytes, size: int = MAX_BALLOT_BYTES) -> bytes:
    """Return a box of dummies, which look like sealed ballots; `size` is the ballot size in bytes."""
    slot = slot_size(size)
    content = np.frombuffer(secrets.token_bytes(slots * slot), dtype=np.uint8).reshape(slots, slot).copy()
    content[:, 0] = 0
    return _encrypt(content, key=key, name=name)


def insert_ballots(blob: bytes, *sealed: bytes, key: bytes, name: bytes, size: int = MAX_BALLOT_BYTES) -> bytes:
    """Return the box with sealed ballots in place of dummies, shuffled and encrypted again."""
    content = _slots(blob, key=key, name=name, size=size)
    dummies = np.flatnonzero(content[:, 0] != _BALLOT)
    if len(dummies) < len(sealed):
        message = "the box has no room left"
        raise InvalidBox(message)
    for index, ballot in zip(dummies, sealed, strict=False):
        content[index] = np.frombuffer(bytes((_BALLOT,)) + ballot, dtype=np.uint8)
    # The position of a ballot must not reveal when it was submitted.
    return _encrypt(content[random_permutation(len(content))], key=key, name=name)


def can_decrypt(blob: bytes, *, key: bytes, name: bytes) -> bool:
    """Tell whether a key opens a box, without reading its content."""
    try:
        _decrypted(blob, key=key, name=name)
    except InvalidBox:
        return False
    return True


def extract_sealed_ballots(blob: bytes, *, key: bytes, name: bytes, size: int = MAX_BALLOT_BYTES) -> list[bytes]:
    """Return the sealed ballots of a box in random order, without dummies."""
    content = _slots(blob, key=key, name=name, size=size)
    ballots = content[content[:, 0] == _BALLOT, 1:]
    width = ballots.shape[1]
    raw = ballots.tobytes()
    return [raw[start : start + width] for start in range(0, len(raw), width)]


def open_ballots(
    sealed: Sequence[bytes], *, secret_key: bytes, public_key: bytes | None = None
) -> Iterator[bytes | None]:
    """Yield each ballot in plain bytes; None for slots that this key does not open.

    Pass `public_key` when opening many boxes; otherwise it is derived each time.
    """
    public_key = public_key or bytes(PrivateKey(secret_key).public_key)
    if (len(secret_key), len(public_key)) != _KEYS:
        message = "a key of another length: libsodium would read past its end"
        raise ValueError(message)
    # PyNaCl's function makes the same call with five checks and a new buffer for each ballot, which takes a
    # twentieth of the time for a country's ballots.
    opened = ffi.new("unsigned char[]", max(map(len, sealed), default=0))
    content = ffi.buffer(opened)
    for slot in sealed:
        failed = lib.crypto_box_seal_open(opened, slot, len(slot), public_key, secret_key)
        yield None if failed else content[: len(slot) - bindings.crypto_box_SEALBYTES]


def random_permutation(count: int) -> NDArray[np.intp]:
    """Return a random permutation of `count` indexes from the system's random source."""
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
        message = f"the box {name.decode()} does not open: it was changed, or the secret key is wrong"
        raise InvalidBox(message) from error
