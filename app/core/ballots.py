"""A ballot as bytes, and back.

Layout: one byte for the layout's own number, eight bytes of the instrument's digest, one byte for the
staff group (255: none chosen), one byte for the number of items, then one byte for each rating in the
instrument's order (the position of the chosen option, 255: skipped), then zeros. Every ballot of a round
is equally long, so that its length tells nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIZE = 256  # no ballot is longer
STEP = 16
SKIPPED = 255
NO_GROUP = 255
LAYOUT = 1
_MARK = 8
_HEAD = 1 + _MARK + 2
MAX_ITEMS = SIZE - _HEAD


class InvalidBallot(Exception):
    """The bytes are no ballot of this instrument."""


class BallotTooLong(ValueError):
    """A ballot has no room in so many bytes."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """One person's answers: positions of options in the instrument's order, and a staff group's position."""

    instrument_digest: str
    ratings: tuple[int, ...]
    group: int = NO_GROUP


def ballot_size(items: int) -> int:
    """Return how many bytes a ballot of so many items takes, in steps; ValueError if they are too many.

    >>> ballot_size(5), ballot_size(6), ballot_size(28), ballot_size(245)
    (16, 32, 48, 256)
    """
    if items > MAX_ITEMS:
        message = f"a ballot holds at most {MAX_ITEMS} items, not {items}"
        raise ValueError(message)
    return -(-(_HEAD + items) // STEP) * STEP


def encode(ballot: Ballot, *, size: int) -> bytes:
    """Return the ballot as exactly `size` bytes; BallotTooLong if they are too few for it.

    >>> len(encode(Ballot("ab" * 32, (0, 4, SKIPPED)), size=16))
    16
    """
    if size < ballot_size(len(ballot.ratings)):
        message = f"{size} bytes do not hold a ballot of {len(ballot.ratings)} items"
        raise BallotTooLong(message)
    head = bytes((LAYOUT, *_mark(ballot.instrument_digest), ballot.group, len(ballot.ratings)))
    return (head + bytes(ballot.ratings)).ljust(size, b"\0")


def decode(content: bytes, *, instrument_digest: str) -> Ballot:
    """Return the ballot that `encode` wrote; InvalidBallot if it belongs to another instrument."""
    head = content[:_HEAD].ljust(_HEAD, b"\0")
    mark = _mark(instrument_digest)
    group, items = head[_HEAD - 2 :]
    if head[0] != LAYOUT or head[1 : 1 + _MARK] != mark or len(content) < _HEAD + items:
        message = "these bytes are no ballot of this instrument"
        raise InvalidBallot(message)
    return Ballot(instrument_digest, tuple(content[_HEAD : _HEAD + items]), group)


@dataclass(frozen=True, slots=True, eq=False)
class BallotBatch:
    """Many ballots at once: `groups` (n), `ratings` (n x items), and which of those given were readable."""

    groups: NDArray[np.uint8]
    ratings: NDArray[np.uint8]
    readable: NDArray[np.bool_]


def decode_batch(
    contents: Sequence[bytes], *, instrument_digest: str, options: Sequence[int], groups: int
) -> BallotBatch:
    """Read many ballots at once.

    `contents` are equally long. `options` gives for each item how many options it has, `groups` how many staff
    groups there are.
    What does not fit the instrument is left out and marked in `readable`, never guessed.
    """
    items = len(options)
    sheet = np.frombuffer(b"".join(contents), dtype=np.uint8).reshape(-1, len(contents[0]) if contents else SIZE)
    mark = np.frombuffer(_mark(instrument_digest), dtype=np.uint8)
    ratings = sheet[:, _HEAD : _HEAD + items]
    group = sheet[:, _HEAD - 2]
    readable = (
        (sheet[:, 0] == LAYOUT)
        & (sheet[:, 1 : 1 + _MARK] == mark).all(axis=1)
        & (sheet[:, _HEAD - 1] == items)
        & ((group < groups) | (group == NO_GROUP))
        & ((ratings < np.asarray(options, dtype=np.uint8)) | (ratings == SKIPPED)).all(axis=1)
    )
    return BallotBatch(groups=group[readable].copy(), ratings=ratings[readable].copy(), readable=readable)


def _mark(digest: str) -> bytes:
    return bytes.fromhex(digest)[:_MARK].ljust(_MARK, b"\0")
