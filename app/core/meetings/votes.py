"""A vote in a meeting: each person spreads one or two dots over a few focus areas.

What a person chose is a ballot of the same constant size as an answer sheet, and lies sealed in the
same kind of box. Only totals ever come out, and those only from five votes on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

from app.core.ballots import SIZE
from app.core.catalogue import DIMENSIONS
from app.core.rounds import RoundId

VoteId = NewType("VoteId", int)

FEWEST_OPTIONS = 3
MOST_OPTIONS = 6
MOST_DOTS = 2
FEWEST_VOTES = 5
MOST_PEOPLE = 500
LIFETIME = timedelta(hours=3)
_VERSION = 1


class VoteError(Exception):
    """The vote cannot be opened, voted in or closed like this; the text says why, in plain English."""


@dataclass(frozen=True, slots=True)
class VoteOutcome:
    """What a closed vote brought: how many voted, and the dots of each option in the vote's order."""

    votes: int
    dots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DotVote:
    """A vote of one community's meeting; `outcome` is None while it is open, and for ever under five votes."""

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
        """Whether nobody has closed it yet."""
        return self.closed_at is None

    @property
    def standings(self) -> tuple[tuple[str, int], ...]:
        """Each option with its dots, the most first; empty without an outcome."""
        if self.outcome is None:
            return ()
        return tuple(sorted(zip(self.options, self.outcome.dots, strict=True), key=lambda item: -item[1]))

    @property
    def leading(self) -> tuple[str, ...]:
        """The one or two options that stand clearly before the next; empty where they do not."""
        ranked = self.standings
        dots = [count for _option, count in ranked] + [0]
        for number in (2, 1):
            if len(ranked) >= number and dots[number - 1] > dots[number]:
                return tuple(option for option, _count in ranked[:number])
        return ()


@dataclass(frozen=True, slots=True)
class VoteSetup:
    """What a vote is about: the options, how many dots everybody has, and for how many people."""

    options: tuple[str, ...]
    dots: int
    people: int


def validate_vote(choice: VoteSetup) -> None:
    """Refuse a vote with too few or unknown options, a wrong number of dots, or too few people for an outcome."""
    options = choice.options
    known = set(options) <= set(DIMENSIONS)
    single = len(set(options)) == len(options)
    if not (known and single and FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS):
        message = f"Choose {FEWEST_OPTIONS} to {MOST_OPTIONS} matters to vote on."
        raise VoteError(message)
    if not 1 <= choice.dots <= MOST_DOTS:
        message = f"Everybody has one to {MOST_DOTS} dots."
        raise VoteError(message)
    if not FEWEST_VOTES <= choice.people <= MOST_PEOPLE:
        message = f"A vote needs {FEWEST_VOTES} to {MOST_PEOPLE} people."
        raise VoteError(message)


def encode(chosen: Sequence[str], *, options: Sequence[str], dots: int) -> bytes:
    """Return the ballot of one person; `chosen` names an option once for each dot.

    >>> encode(["b", "b"], options=["a", "b", "c"], dots=2)[:4], len(encode(["a"], options="abc", dots=1)) == SIZE
    (b'\\x01\\x00\\x02\\x00', True)
    """
    if not 1 <= len(chosen) <= dots or not set(chosen) <= set(options):
        message = "The dots do not fit this vote."
        raise VoteError(message)
    counts = bytes(list(chosen).count(option) for option in options)
    return (bytes((_VERSION,)) + counts).ljust(SIZE, b"\0")


def tally(ballots: Iterable[bytes], *, options: Sequence[str], dots: int) -> VoteOutcome | None:
    """Add the ballots up; None where fewer than five are sound, so that no single choice can be read off."""
    votes = 0
    totals = [0] * len(options)
    for ballot in ballots:
        counts = ballot[1 : 1 + len(options)]
        rest = ballot[1 + len(options) :]
        if ballot[:1] != bytes((_VERSION,)) or any(rest) or not 1 <= sum(counts) <= dots:
            continue
        votes += 1
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
    return VoteOutcome(votes, tuple(totals)) if votes >= FEWEST_VOTES else None
