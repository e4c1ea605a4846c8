"""Rounds: states, transitions, dates and the certificate of the count."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from app.core.errors import CodedError
from app.core.languages import PartlyTranslatedText, Translations
from app.core.organisations import Region, ReportingUnit

RoundId = NewType("RoundId", int)


class RoundState(StrEnum):
    """States of a round, in their only possible order."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"
    RELEASED = "released"


class KeyMode(StrEnum):
    """Who keeps the round's secret key: a trustee on paper, or this installation in a file."""

    TRUSTEE = "trustee"
    AUTOMATIC = "automatic"


class BoxContent(StrEnum):
    """Content of a box: ballots, or comments."""

    BALLOTS = "ballots"
    COMMENTS = "comments"


class RoundKind(StrEnum):
    """A complete survey, or a short pulse survey on the focus of the plan."""

    SURVEY = "survey"
    PULSE = "pulse"


class RoundFault(StrEnum):
    """Why an operation on a round failed; the comment names the values of the error."""

    NO_SUCH_ROUND = "no_such_round"  # round
    NO_TITLE = "no_title"
    CLOSES_BEFORE_OPENING = "closes_before_opening"
    LAST_DAY_PASSED = "last_day_passed"
    NOBODY_INVITED = "nobody_invited"
    LACKS_SENTENCES = "lacks_sentences"  # items
    SECRET_DIFFERS = "secret_differs"  # noqa: S105 - a code, not a secret
    NO_SUCH_UNIT = "no_such_unit"  # unit
    NOT_PLANNED = "not_planned"
    CHANGED_MEANWHILE = "changed_meanwhile"
    NO_ROOM = "no_room"  # unit, room, given
    NOT_OPEN = "not_open"  # state
    NO_MORE_CODES = "no_more_codes"
    KEY_NOT_TRIED = "key_not_tried"
    NEW_KEY_TOO_LATE = "new_key_too_late"
    NO_KEY_FILE_NEEDED = "no_key_file_needed"
    KEY_FILE_HERE = "key_file_here"
    KEY_ON_OTHER_HOST = "key_on_other_host"
    NOTHING_READABLE = "nothing_readable"
    REPLACED = "replaced"
    TOLD_TOGETHER = "told_together"  # title, sets
    PROMISED_MORE = "promised_more"  # promised, given
    COMMENTS_SETTLED = "comments_settled"
    COUNT_INTERRUPTED = "count_interrupted"


class RoundError(CodedError[RoundFault]):
    """An operation on a round failed; `fault` says why."""


@dataclass(frozen=True, slots=True)
class Round:
    """A survey round. `boundaries` is None until the round opens, and never changes afterwards.

    `title_translations` is None where it is not known in which language `title` is written.
    """

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
    title_translations: Translations | None = None

    @property
    def translated_title(self) -> PartlyTranslatedText:
        """The title in the languages in which it was written."""
        return PartlyTranslatedText(self.title, self.title_translations)

    def get_unit(self, unit_id: str) -> ReportingUnit:
        """Return the reporting unit with this id; RoundError if the round has none."""
        for unit in self.boundaries.units if self.boundaries else ():
            if unit.id == unit_id:
                return unit
        raise RoundError(RoundFault.NO_SUCH_UNIT, unit=unit_id)

    def accepts_answers(self, now: datetime) -> bool:
        """Tell whether codes of this round can be used at `now`."""
        return self.state is RoundState.OPEN and now < self.closes_at

    def must_close(self, now: datetime) -> bool:
        """Tell whether the round is open past its closing time."""
        return self.state is RoundState.OPEN and now >= self.closes_at

    def can_open_automatically(self, now: datetime) -> bool:
        """Tell whether the scheduler may open this round now.

        Not in trustee mode: a person must be present to print the key sheet.
        """
        due = self.opens_at <= now < self.closes_at
        return due and self.state is RoundState.DRAFT and self.key_mode is KeyMode.AUTOMATIC


class KeyFate(StrEnum):
    """What happened to the key of a counted round, as far as the service knows."""

    DESTROYED = "destroyed"
    UNSEEN = "unseen"
    PENDING = "pending"
    WITH_TRUSTEE = "with_trustee"
    LOST = "lost"
    NEVER_WAS = "never_was"


@dataclass(frozen=True, slots=True)
class KeyHost:
    """A host that could open a round at its count; `destroyed`: it has destroyed its key files since."""

    id: str
    name: str
    destroyed: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """Certificate of a count: numbers, what was erased, and when.

    `drawn` is the number of codes ever drawn, including replaced ones, so it may exceed `invited`. `unreadable`
    ballots were opened but did not fit the round. `comments_erased` were written, but too few in their community to
    be read. `cleaned_at` is None until the key is destroyed and the database files contain no remnants; `key_unseen`
    means that the key file was not on the host that wiped, and is destroyed when its host is back. `key_lost` tells
    whether the round was ended without its key; None in older certificates. `processes` are the random ids of the
    service processes that were running at the count: each is replaced, since answers passed through its memory. None
    in older certificates. `key_hosts` are the hosts that shared the key; None where one host had it as a file.
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
    key_hosts: tuple[KeyHost, ...] | None = None

    @property
    def all_ballots_unreadable(self) -> bool:
        """Whether nothing was counted: the key was lost, or every ballot was unreadable."""
        return bool(self.key_lost) or self.counted == 0 < self.unreadable

    @property
    def key_fate(self) -> KeyFate:
        """What happened to the key; DESTROYED only if the service destroyed it or an operator confirmed it.

        Where ballots were counted though no code was ever drawn, they were gathered elsewhere: there was no key.
        """
        if self.key_lost or (self.key_lost is None and self.all_ballots_unreadable):
            return KeyFate.LOST
        if self.drawn == 0 < self.counted:
            return KeyFate.NEVER_WAS
        if self.key_mode is KeyMode.TRUSTEE:
            return KeyFate.WITH_TRUSTEE
        if self.hosts_with_keys:
            return KeyFate.PENDING
        return KeyFate.UNSEEN if self.key_unseen else KeyFate.DESTROYED

    @property
    def hosts_with_keys(self) -> tuple[str, ...]:
        """Names of the hosts that have still to destroy their key files."""
        return tuple(host.name for host in self.key_hosts or () if not host.destroyed)

    @property
    def hosts_without_keys(self) -> tuple[str, ...]:
        """Names of the hosts that have destroyed their key files."""
        return tuple(host.name for host in self.key_hosts or () if host.destroyed)


_NEXT = {
    RoundState.DRAFT: RoundState.OPEN,
    RoundState.OPEN: RoundState.CLOSED,
    RoundState.CLOSED: RoundState.COUNTED,
    RoundState.COUNTED: RoundState.RELEASED,
}


class TransitionFault(StrEnum):
    """Why a round cannot change its state; the values are `state` and `to`."""

    NOT_NEXT = "not_next"
    MOVED_MEANWHILE = "moved_meanwhile"


class InvalidTransition(CodedError[TransitionFault]):
    """The round cannot change to that state."""


def next_state(state: RoundState) -> RoundState | None:
    """Return the next state, or None after the last.

    >>> next_state(RoundState.OPEN)
    <RoundState.CLOSED: 'closed'>
    """
    return _NEXT.get(state)


def require_transition(state: RoundState, to: RoundState) -> None:
    """Raise InvalidTransition for a transition that skips a state or goes back."""
    if next_state(state) is not to:
        raise InvalidTransition(TransitionFault.NOT_NEXT, state=state.value, to=to.value)
