"""The word of a community: whoever knows it may read what the community's staff may read.

It is derived from the installation's secret whenever it is needed and rests nowhere, so it can be
shown to the principal again and again, and no copy of the database holds it.
"""

import hashlib
import hmac

from app.vault.codes import ALPHABET, normalise

LETTERS = 10  # 48 bits; a few hundred words are good at a time, and guesses are slowed down
GROUP = 5


def derive_access_phrase(round_id: int, unit_id: str, edition: int, *, secret: bytes) -> str:
    """Return the word of a community after one round; another edition is another word."""
    key = hmac.digest(secret, b"voimavara word of a community", hashlib.sha256)
    number = int.from_bytes(hmac.digest(key, f"{round_id}/{edition}/{unit_id}".encode(), hashlib.sha256), "big")
    letters = ""
    for _ in range(LETTERS):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return f"{letters[:GROUP]}-{letters[GROUP:]}"


def matches_phrase(typed: str, word: str) -> bool:
    """Tell whether what was typed is the word, however it was written; takes as long either way."""
    return hmac.compare_digest(normalise(typed[:100]), normalise(word))
