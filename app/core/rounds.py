"""One asking, from draft to released: its states, who may move it, and its dates."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from app.core.organisations import Region

RoundId = NewType("RoundId", int)


class RoundState(StrEnum):
    """Where a round stands; the order is the only way it can go."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"
    RELEASED = "released"


class KeyMode(StrEnum):
    """Who holds the round's secret key: a trustee on paper, or this installation in a file."""

    TRUSTEE = "trustee"
    AUTOMATIC = "automatic"


class RoundKind(StrEnum):
    """A whole survey, or a short pulse on the focus of the plan."""

    SURVEY = "survey"
    PULSE = "pulse"


@dataclass(frozen=True, slots=True)
class Round:
    """One asking. `boundaries` is None until the round opens, and then never changes."""

    id: RoundId
    title: str
    kind: RoundKind
    state: RoundState
    instrument: str
    instrument_digest: str
    key_mode: KeyMode
    opens_at: datetime
    closes_at: datetime
    boundaries: Region | None
    comments: bool = False
    by_group: bool = False


_NEXT = {
    RoundState.DRAFT: RoundState.OPEN,
    RoundState.OPEN: RoundState.CLOSED,
    RoundState.CLOSED: RoundState.COUNTED,
    RoundState.COUNTED: RoundState.RELEASED,
}


class RoundMoveRefused(Exception):
    """The round cannot go where it was asked to go."""


def next_state(state: RoundState) -> RoundState | None:
    """Return the one state that may follow, or None after the last.

    >>> next_state(RoundState.OPEN)
    <RoundState.CLOSED: 'closed'>
    """
    return _NEXT.get(state)


def require_move(state: RoundState, to: RoundState) -> None:
    """Refuse a move that skips a state or goes back."""
    if next_state(state) is not to:
        message = f"A round that is {state} cannot become {to}."
        raise RoundMoveRefused(message)
