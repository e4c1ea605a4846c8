"""Binary encoding of ballots.

Layout: one byte for the layout version, eight bytes of the questionnaire's digest, one byte for the
staff group (255: none chosen), one byte for the number of items, then one byte for each rating in the
questionnaire's order (position of the chosen option, 255: skipped), then zeros. All ballots of a round
have the same length, so that the length reveals nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_BALLOT_BYTES = 256  # no ballot is longer
BALLOT_SIZE_STEP = 16
SKIPPED = 255
NO_GROUP = 255
LAYOUT_VERSION = 1
_MARK = 8
_HEAD = 1 + _MARK + 2
MAX_ITEMS = MAX_BALLOT_BYTES - _HEAD


class InvalidBallot(Exception):
    """The bytes are not a ballot of this questionnaire."""


class BallotTooLong(ValueError):
    """A ballot does not fit into the given number of bytes."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """Answers of one person: option positions in the questionnaire's order, and the staff group's position."""

    instrument_digest: str
    ratings: tuple[int, ...]
    group: int = NO_GROUP


def ballot_size(items: int) -> int:
    """Return the size in bytes of a ballot with `items` items, rounded up; ValueError if there are too many.

    >>> ballot_size(5), ballot_size(6), ballot_size(28), ballot_size(245)
    (16, 32, 48, 256)
    """
    if items > MAX_ITEMS:
        message = f"a ballot holds at most {MAX_ITEMS} items, not {items}"
        raise ValueError(message)
    return -(-(_HEAD + items) // BALLOT_SIZE_STEP) * BALLOT_SIZE_STEP


def encode(ballot: Ballot, *, size: int) -> bytes:
    """Return the ballot as exactly `size` bytes; BallotTooLong if it does not fit.

    >>> len(encode(Ballot("ab" * 32, (0, 4, SKIPPED)), size=16))
    16
    """
    if size < ballot_size(len(ballot.ratings)):
        message = f"{size} bytes do not hold a ballot of {len(ballot.ratings)} items"
        raise BallotTooLong(message)
    head = bytes((LAYOUT_VERSION, *_mark(ballot.instrument_digest), ballot.group, len(ballot.ratings)))
    return (head + bytes(ballot.ratings)).ljust(size, b"\0")


def decode(content: bytes, *, instrument_digest: str) -> Ballot:
    """Return the ballot that `encode` wrote; InvalidBallot if it belongs to another questionnaire."""
    head = content[:_HEAD].ljust(_HEAD, b"\0")
    mark = _mark(instrument_digest)
    group, items = head[_HEAD - 2 :]
    if head[0] != LAYOUT_VERSION or head[1 : 1 + _MARK] != mark or len(content) < _HEAD + items:
        message = "these bytes are no ballot of this instrument"
        raise InvalidBallot(message)
    return Ballot(instrument_digest, tuple(content[_HEAD : _HEAD + items]), group)


@dataclass(frozen=True, slots=True, eq=False)
class DecodedBallots:
    """Decoded ballots: `groups` (n), `ratings` (n x items), and a mask of the inputs that were readable."""

    groups: NDArray[np.uint8]
    ratings: NDArray[np.uint8]
    readable_inputs: NDArray[np.bool_]


def decode_batch(
    contents: Sequence[bytes], *, instrument_digest: str, options: Sequence[int], groups: int
) -> DecodedBallots:
    """Decode many ballots at once.

    `contents` have equal length. `options` is the number of options of each item, `groups` the number of staff
    groups.
    Contents that do not fit the questionnaire are left out and are False in `readable`.
    """
    items = len(options)
    table = np.frombuffer(b"".join(contents), dtype=np.uint8).reshape(
        -1, len(contents[0]) if contents else MAX_BALLOT_BYTES
    )
    mark = np.frombuffer(_mark(instrument_digest), dtype=np.uint8)
    ratings = table[:, _HEAD : _HEAD + items]
    group = table[:, _HEAD - 2]
    readable = (
        (table[:, 0] == LAYOUT_VERSION)
        & (table[:, 1 : 1 + _MARK] == mark).all(axis=1)
        & (table[:, _HEAD - 1] == items)
        & ((group < groups) | (group == NO_GROUP))
        & ((ratings < np.asarray(options, dtype=np.uint8)) | (ratings == SKIPPED)).all(axis=1)
    )
    return DecodedBallots(groups=group[readable].copy(), ratings=ratings[readable].copy(), readable_inputs=readable)


def _mark(digest: str) -> bytes:
    return bytes.fromhex(digest)[:_MARK].ljust(_MARK, b"\0")
