"""Passwords: argon2id, the same time spent whether an account exists or not, and none that is easily guessed."""

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

SHORTEST = 12
LONGEST = 256
LOOKED_AT = 72  # the estimate takes time that grows with the square of the length
FEWEST_GUESSES = 10**8
FEWEST_OF_ONES_OWN = 6  # signs that are left when the words of the place and of the person are taken out
OF_THE_PLACE = (
    *("voimavara", "salasana", "koulu", "opettaja", "rehtori", "päiväkoti", "kunta", "hyvinvointi", "kysely", "kesä"),
    *("kesäloma", "talvi", "syksy", "kevät", "helsinki", "suomi", "lösenord", "skola", "lärare", "rektor", "daghem"),
    *("kommun", "välmående", "enkät", "sommar", "vinter", "semester", "school", "teacher", "principal", "wellbeing"),
)
"""Words that anybody would try first here; with them common passwords, names and keyboard rows are looked up."""

_hasher = PasswordHasher()  # the second recommended choice of RFC 9106: 64 MiB, three passes


def hash_password(password: str) -> str:
    """Return what the database keeps of a password."""
    return _hasher.hash(password)


def password_matches(kept: str | None, password: str) -> bool:
    """Tell whether `password` is the one that was hashed; as slow when nothing was kept."""
    try:
        return _hasher.verify(kept or _dummy_hash(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_easily_guessed(password: str, *, about: Iterable[str] = ()) -> bool:
    """Tell whether somebody who knows the place, and what `about` says of the person, would guess it soon.

    The estimate is zxcvbn's, with its lists of leaked passwords; nothing leaves this machine.
    """
    near = [word for text in about for word in re.split(r"[\W_]+", text.casefold()) if len(word) > 2]
    left = password.casefold()
    for word in (*near, *OF_THE_PLACE):
        left = left.replace(word, "")
    if len(left.strip()) < FEWEST_OF_ONES_OWN:
        return True
    return bool(zxcvbn.zxcvbn(password[:LOOKED_AT], user_inputs=[*OF_THE_PLACE, *near])["guesses"] < FEWEST_GUESSES)


def needs_rehash(kept: str) -> bool:
    """Tell whether a hash was made with weaker settings than those of today."""
    return _hasher.check_needs_rehash(kept)


@cache
def _dummy_hash() -> str:
    return _hasher.hash("the password of nobody at all")
