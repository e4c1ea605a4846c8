"""One asking, from draft to released: its states, who may move it, and its dates."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from app.core.errors import CodedError
from app.core.organisations import Region, ReportingUnit

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


class BoxContent(StrEnum):
    """What lies in a box: ballots, or the comments of a round that takes them."""

    BALLOTS = "ballots"
    COMMENTS = "comments"


class RoundKind(StrEnum):
    """A whole survey, or a short pulse on the focus of the plan."""

    SURVEY = "survey"
    PULSE = "pulse"


class RoundFault(StrEnum):
    """Why something cannot be done with a round; the comment names the values that come with it."""

    NO_SUCH_ROUND = "no_such_round"  # round
    NO_TITLE = "no_title"
    CLOSES_BEFORE_OPENING = "closes_before_opening"
    LAST_DAY_PASSED = "last_day_passed"
    NOBODY_INVITED = "nobody_invited"
    LACKS_SENTENCES = "lacks_sentences"  # items
    SECRET_DIFFERS = "secret_differs"  # noqa: S105 - a code, not a secret
    NO_SUCH_UNIT = "no_such_unit"  # unit
    NO_ROOM = "no_room"  # unit, room, given
    NOT_OPEN = "not_open"  # state
    NO_MORE_CODES = "no_more_codes"
    KEY_NOT_TRIED = "key_not_tried"
    NEW_KEY_TOO_LATE = "new_key_too_late"
    KEY_FILE_HERE = "key_file_here"
    NOTHING_READABLE = "nothing_readable"
    REPLACED = "replaced"
    TOLD_TOGETHER = "told_together"  # title, sets
    PROMISED_MORE = "promised_more"  # promised, given
    COMMENTS_SETTLED = "comments_settled"


class RoundError(CodedError[RoundFault]):
    """What was asked of a round cannot be done; `fault` says why."""


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
    k: int = 10

    def unit(self, unit_id: str) -> ReportingUnit:
        """Return the reporting unit called `unit_id`; RoundError if the round has none."""
        for unit in self.boundaries.units if self.boundaries else ():
            if unit.id == unit_id:
                return unit
        raise RoundError(RoundFault.NO_SUCH_UNIT, unit=unit_id)

    def accepts_answers(self, now: datetime) -> bool:
        """Tell whether a code of this round may be spent at `now`."""
        return self.state is RoundState.OPEN and now < self.closes_at

    def must_close(self, now: datetime) -> bool:
        """Tell whether the round is open past its last moment."""
        return self.state is RoundState.OPEN and now >= self.closes_at

    def may_open_alone(self, now: datetime) -> bool:
        """Tell whether the timetable may open this round now.

        In trustee mode it may not: the key sheet must be printed while a person stands by.
        """
        due = self.opens_at <= now < self.closes_at
        return due and self.state is RoundState.DRAFT and self.key_mode is KeyMode.AUTOMATIC


class KeyFate(StrEnum):
    """What became of the key of a counted round, as far as the service knows."""

    DESTROYED = "destroyed"
    UNSEEN = "unseen"
    WITH_TRUSTEE = "with_trustee"
    LOST = "lost"
    NEVER_WAS = "never_was"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the count of a round leaves behind: how many, what was erased and when.

    `drawn` counts every code ever drawn, those that were replaced included: more than `invited` says
    that codes were drawn anew. `unreadable` ballots were opened but fitted no ballot of the round.
    `comments_erased` were written, but too few in their community to be read by anybody.
    `cleaned_at` is None until the key is destroyed and the database's file holds no remnants; `key_unseen`
    says that the key's file was not on the host that wiped, and is destroyed when its host comes back.
    `key_lost` says whether the round was ended without its key; None in certificates that do not record it.
    `processes` names the processes of the service that were running at the count, by their random ids: each is
    replaced, since answers have passed through its memory. None in certificates from before this was done.
    """

    round: RoundId
    invited: int
    issued: int
    drawn: int
    counted: int
    unreadable: int
    counted_at: datetime
    key_mode: KeyMode
    publication_digest: str
    erased_boxes: int
    erased_codes: int
    erased_contacts: int
    comments_kept: int = 0
    comments_erased: int = 0
    cleaned_at: datetime | None = None
    key_unseen: bool = False
    key_lost: bool | None = None
    processes: tuple[str, ...] | None = None

    @property
    def is_lost(self) -> bool:
        """Whether nothing of the round could be read: ended without its key, or every ballot was unreadable."""
        return bool(self.key_lost) or self.counted == 0 < self.unreadable

    @property
    def key_fate(self) -> KeyFate:
        """What became of the key. "Destroyed" only where this service destroyed it, or somebody said they did.

        Where ballots were counted though no code was ever drawn, they were gathered elsewhere: there was no key.
        """
        if self.key_lost or (self.key_lost is None and self.is_lost):
            return KeyFate.LOST
        if self.drawn == 0 < self.counted:
            return KeyFate.NEVER_WAS
        if self.key_mode is KeyMode.TRUSTEE:
            return KeyFate.WITH_TRUSTEE
        return KeyFate.UNSEEN if self.key_unseen else KeyFate.DESTROYED


_NEXT = {
    RoundState.DRAFT: RoundState.OPEN,
    RoundState.OPEN: RoundState.CLOSED,
    RoundState.CLOSED: RoundState.COUNTED,
    RoundState.COUNTED: RoundState.RELEASED,
}


class MoveFault(StrEnum):
    """Why a round cannot go from one state to another; the values are `state` and `to`."""

    NOT_NEXT = "not_next"
    MOVED_MEANWHILE = "moved_meanwhile"


class InvalidTransition(CodedError[MoveFault]):
    """The round cannot go where it was asked to go."""


def next_state(state: RoundState) -> RoundState | None:
    """Return the one state that may follow, or None after the last.

    >>> next_state(RoundState.OPEN)
    <RoundState.CLOSED: 'closed'>
    """
    return _NEXT.get(state)


def require_transition(state: RoundState, to: RoundState) -> None:
    """Refuse a move that skips a state or goes back."""
    if next_state(state) is not to:
        raise InvalidTransition(MoveFault.NOT_NEXT, state=state.value, to=to.value)
