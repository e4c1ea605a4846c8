"""Dot vote in a meeting: each person distributes one or two dots over a few focus areas.

A vote is a ballot of constant size, sealed in the same kind of box as survey answers. Only totals are
revealed, and only from five votes on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

from app.core.ballots import MAX_BALLOT_BYTES
from app.core.catalogue import DIMENSIONS
from app.core.rounds import RoundId

VoteId = NewType("VoteId", int)

MIN_OPTIONS = 3
MAX_OPTIONS = 6
MAX_DOTS = 2
MIN_VOTES = 5
MAX_PEOPLE = 500
VOTE_LIFETIME = timedelta(hours=3)
_VERSION = 1


class VoteError(Exception):
    """The vote cannot be opened, voted in or closed; the text says why, in English."""


@dataclass(frozen=True, slots=True)
class VoteOutcome:
    """Outcome of a closed vote: number of votes, and the dots of each option in the vote's order."""

    votes: int
    dots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DotVote:
    """A vote in one community's meeting; `outcome` is None while it is open and with fewer than five votes."""

    id: VoteId
    round: RoundId
    unit: str
    options: tuple[str, ...]
    dots: int
    people: int
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None = None
    outcome: VoteOutcome | None = None

    @property
    def is_open(self) -> bool:
        """Whether the vote has not been closed."""
        return self.closed_at is None

    @property
    def options_by_dots(self) -> tuple[tuple[str, int], ...]:
        """Options with their dots, most dots first; empty without an outcome."""
        if self.outcome is None:
            return ()
        return tuple(sorted(zip(self.options, self.outcome.dots, strict=True), key=lambda item: -item[1]))

    @property
    def clear_winners(self) -> tuple[str, ...]:
        """The one or two options with clearly more dots than the next; empty if there are none."""
        ranked = self.options_by_dots
        dots = [count for _option, count in ranked] + [0]
        for number in (2, 1):
            if len(ranked) >= number and dots[number - 1] > dots[number]:
                return tuple(option for option, _count in ranked[:number])
        return ()


@dataclass(frozen=True, slots=True)
class VoteSetup:
    """Setup of a vote: options, dots per person, and number of people."""

    options: tuple[str, ...]
    dots: int
    people: int


def validate_vote_setup(setup: VoteSetup) -> None:
    """Raise VoteError for too few or unknown options, a wrong number of dots, or too few people."""
    options = setup.options
    known = set(options) <= set(DIMENSIONS)
    single = len(set(options)) == len(options)
    if not (known and single and MIN_OPTIONS <= len(options) <= MAX_OPTIONS):
        message = f"Choose {MIN_OPTIONS} to {MAX_OPTIONS} matters to vote on."
        raise VoteError(message)
    if not 1 <= setup.dots <= MAX_DOTS:
        message = f"Everybody has one to {MAX_DOTS} dots."
        raise VoteError(message)
    if not MIN_VOTES <= setup.people <= MAX_PEOPLE:
        message = f"A vote needs {MIN_VOTES} to {MAX_PEOPLE} people."
        raise VoteError(message)


def encode_ballot(chosen: Sequence[str], *, options: Sequence[str], dots: int) -> bytes:
    """Return one person's ballot; `chosen` contains an option once for each dot.

    >>> encode_ballot(["b", "b"], options=["a", "b", "c"], dots=2)[:4]
    b'\\x01\\x00\\x02\\x00'
    >>> len(encode_ballot(["a"], options="abc", dots=1)) == MAX_BALLOT_BYTES
    True
    """
    if not 1 <= len(chosen) <= dots or not set(chosen) <= set(options):
        message = "The dots do not fit this vote."
        raise VoteError(message)
    counts = bytes(list(chosen).count(option) for option in options)
    return (bytes((_VERSION,)) + counts).ljust(MAX_BALLOT_BYTES, b"\0")


def tally_ballots(ballots: Iterable[bytes], *, options: Sequence[str], dots: int) -> VoteOutcome | None:
    """Sum the ballots; None with fewer than five valid ballots, so that no single choice can be inferred."""
    votes = 0
    totals = [0] * len(options)
    for ballot in ballots:
        counts = ballot[1 : 1 + len(options)]
        rest = ballot[1 + len(options) :]
        if ballot[:1] != bytes((_VERSION,)) or any(rest) or not 1 <= sum(counts) <= dots:
            continue
        votes += 1
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
    return VoteOutcome(votes, tuple(totals)) if votes >= MIN_VOTES else None
