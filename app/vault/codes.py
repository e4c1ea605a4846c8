"""Access codes: draw them, normalise typed codes, and compute their digests.

Letters and digits that look alike are equivalent, so codes can be read from paper: O and Q are 0, I and L
are 1, Z is 2, S is 5, B is 8, U is V. Only a digest is stored, keyed with the secret key, which is never in the
database.
"""

import hashlib
import hmac
import secrets
from enum import StrEnum

from argon2.low_level import Type, hash_secret_raw

ALPHABET = "0123456789ACDEFGHJKMNPRTVWXY"
MAILED_LETTERS = 24  # 115 bits
SLIP_LETTERS = 13  # 62 bits, after the letters that name the round
VOTE_LETTERS = 8  # 38 bits: open for hours, guessed at no faster than the pages allow
ROUND_LETTERS = 3
GROUP = 4
DIGEST_BYTES = 32

# See docs/decisions/0007-access-codes-and-hashing.md for why these are modest.
_PASSES = 1
_KIBIBYTES = 512
_FOLD = str.maketrans("OQILZSBU", "0011258V")


class CodeKind(StrEnum):
    """How a code is delivered: mailed to an address, or on a slip drawn from a bowl."""

    MAILED = "mailed"
    SLIP = "slip"


def draw_mailed_code() -> str:
    """Return a random code for an e-mail, in groups of four."""
    return _grouped(_letters(MAILED_LETTERS))


def draw_slip_code(round_id: int) -> str:
    """Return a random code for a printed slip; its first three letters identify the round."""
    return _grouped(_round_letters(round_id) + _letters(SLIP_LETTERS))


def draw_vote_code() -> str:
    """Return a random code for a meeting vote, short because it is valid for hours and typed on a phone."""
    return _grouped(_letters(VOTE_LETTERS))


def normalise_code(typed: str) -> str:
    """Return a typed code in canonical letters.

    >>> normalise_code(" oo1s-  zUbx ")
    '00152V8X'
    """
    folded = typed.upper().translate(_FOLD)
    return "".join(letter for letter in folded if letter in ALPHABET)


def code_digest(typed: str, *, secret: bytes) -> bytes:
    """Return the digest to store for a code.

    The kind of digest depends on the length alone, so a wrong code takes as long as a right one.
    """
    code = normalise_code(typed[:200])
    if len(code) == MAILED_LETTERS:
        return _keyed(secret, b"mailed code", code.encode())
    salt = _keyed(secret, b"slip salt", code[:ROUND_LETTERS].encode())[:16]
    slow = hash_secret_raw(code.encode(), salt, _PASSES, _KIBIBYTES, 1, DIGEST_BYTES, Type.ID)
    return _keyed(secret, b"slip code", slow)


def _keyed(secret: bytes, purpose: bytes, content: bytes) -> bytes:
    return hmac.digest(hmac.digest(secret, purpose, hashlib.sha256), content, hashlib.sha256)


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def _round_letters(round_id: int) -> str:
    base = len(ALPHABET)
    letters = ""
    for _ in range(ROUND_LETTERS):
        round_id, position = divmod(round_id, base)
        letters = ALPHABET[position] + letters
    return letters


def _grouped(code: str) -> str:
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))
