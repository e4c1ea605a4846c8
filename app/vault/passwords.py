"""Passwords: argon2id hashes, constant time for unknown accounts, and a strength check."""

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.lazy import lazy_module

if TYPE_CHECKING:
    import zxcvbn
else:
    zxcvbn = lazy_module("zxcvbn")

MIN_LENGTH = 12
MAX_LENGTH = 256
MAX_ESTIMATED_LENGTH = 72  # the estimate takes quadratic time
MIN_GUESSES = 10**8
MIN_OWN_CHARACTERS = 6  # characters left after removing local and personal words
LOCAL_WORDS = (
    *("voimavara", "salasana", "koulu", "opettaja", "rehtori", "päiväkoti", "kunta", "hyvinvointi", "kysely", "kesä"),
    *("kesäloma", "talvi", "syksy", "kevät", "helsinki", "suomi", "lösenord", "skola", "lärare", "rektor", "daghem"),
    *("kommun", "välmående", "enkät", "sommar", "vinter", "semester", "school", "teacher", "principal", "wellbeing"),
)
"""Local words that an attacker would try first, in addition to the lists of zxcvbn."""

_hasher = PasswordHasher()  # the second recommended choice of RFC 9106: 64 MiB, three passes


def hash_password(password: str) -> str:
    """Return the hash to store for a password."""
    return _hasher.hash(password)


def password_matches(stored_hash: str | None, password: str) -> bool:
    """Tell whether a password matches the hash; takes as long without a hash."""
    try:
        return _hasher.verify(stored_hash or _dummy_hash(), password) and stored_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_easily_guessed(password: str, *, about: Iterable[str] = ()) -> bool:
    """Tell whether a password is easily guessed by somebody who knows the place and the person (`about`).

    Uses zxcvbn with its lists of leaked passwords; nothing leaves this machine.
    """
    personal_words = [word for text in about for word in re.split(r"[\W_]+", text.casefold()) if len(word) > 2]
    remaining = password.casefold()
    for word in (*personal_words, *LOCAL_WORDS):
        remaining = remaining.replace(word, "")
    if len(remaining.strip()) < MIN_OWN_CHARACTERS:
        return True
    guesses = zxcvbn.zxcvbn(password[:MAX_ESTIMATED_LENGTH], user_inputs=[*LOCAL_WORDS, *about])["guesses"]
    return bool(guesses < MIN_GUESSES)


def needs_rehash(stored_hash: str) -> bool:
    """Tell whether a hash was made with weaker parameters than the current ones."""
    return _hasher.check_needs_rehash(stored_hash)


@cache
def _dummy_hash() -> str:
    return _hasher.hash("the password of nobody at all")
