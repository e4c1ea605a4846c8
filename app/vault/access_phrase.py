"""Access phrase of a community, with which its staff read their community's page.

It is derived from the secret key on demand and not stored, so the principal can see it at any time,
and no copy of the database contains it.
"""

import hashlib
import hmac

from app.vault.codes import ALPHABET, normalise_code

LETTERS = 10  # 48 bits; a few hundred phrases are valid at a time, and guesses are throttled
GROUP = 5


def derive_access_phrase(round_id: int, unit_id: str, edition: int, *, secret: bytes) -> str:
    """Return the access phrase of a unit after one round; each edition has another phrase."""
    key = hmac.digest(secret, b"voimavara word of a community", hashlib.sha256)
    number = int.from_bytes(hmac.digest(key, f"{round_id}/{edition}/{unit_id}".encode(), hashlib.sha256), "big")
    letters = ""
    for _ in range(LETTERS):
        number, index = divmod(number, len(ALPHABET))
        letters += ALPHABET[index]
    return f"{letters[:GROUP]}-{letters[GROUP:]}"


def matches_phrase(typed: str, phrase: str) -> bool:
    """Tell whether the typed text is the phrase, ignoring notation; constant time."""
    return hmac.compare_digest(normalise_code(typed[:100]), normalise_code(phrase))
