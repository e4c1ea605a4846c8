"""E-mails: kinds, recipients, sending times and retries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NewType

from app.core.languages import Language
from app.core.rounds import Round, RoundId, RoundState
from app.core.smtp_replies import SmtpReply
from app.core.working_days import is_working_day

BatchId = NewType("BatchId", int)

MORNING = time(8, 0)
LASTS = timedelta(days=7)
WAITS_FOR_THANKS = timedelta(hours=6)
MOST_PASSES = 8
EQUAL_REFUSALS = 3
SETBACKS_BEFORE_BELIEVED = 5
_PAUSES = (1, 5, 15, 60, 180, 360, 720, 1440)
_LONGEST_SETBACK = 60
_SIGNS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
# Addresses that need no encoding: plain characters, no dot at an end or next to another dot.
ADDRESS = re.compile(
    rf"(?!.*=\?)(?=[^@]{{1,64}}@){_SIGNS}(?:\.{_SIGNS})*@(?:[A-Za-z0-9-]{{1,63}}\.)+[A-Za-z]{{2,63}}\Z"
)


class MessagePurpose(StrEnum):
    """What a message is for."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    THANKS = "thanks"
    RELEASED = "released"
    FOLLOW_UP = "follow_up"
    ACCOUNT = "account"
    TRIAL = "trial"


class BatchState(StrEnum):
    """State of a batch of messages."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"


class DeliveryOutcome(StrEnum):
    """Outcome of handing one message to the mail server."""

    ACCEPTED = "accepted"
    LATER = "later"
    REFUSED = "refused"


class MailServerFaultCode(StrEnum):
    """Why the mail server accepts no message at all from this service; the messages stay queued."""

    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    SIGN_IN = "sign_in"
    SENDER = "sender"
    ALL_REFUSED = "all_refused"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """Outcome of one message; `reply` is the mail server's, if it refused the message."""

    outcome: DeliveryOutcome
    reply: SmtpReply | None = None


@dataclass(frozen=True, slots=True)
class MailServerFault:
    """Why no message could be delivered: the fault, and a status code or error name, never text from the server."""

    fault: MailServerFaultCode
    detail: str = ""

    def __str__(self) -> str:
        """Return both for a log."""
        return f"{self.fault.value.replace('_', ' ')}: {self.detail}" if self.detail else self.fault.value


@dataclass(frozen=True, slots=True)
class InvitedAddress:
    """An invited address, kept until the round is counted.

    `undeliverable`: its invitation did not arrive, so its code was ended; it takes no place.
    """

    address: str
    unit: str
    language: Language
    undeliverable: bool = False


@dataclass(frozen=True, slots=True)
class SenderIdentity:
    """Sender name and reply-to address of a round's messages; both may be empty."""

    name: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class MailedCode:
    """A code for one address of a unit; it is stored nowhere but in its encrypted message."""

    unit_id: str
    contact: str
    code: str


@dataclass(frozen=True, slots=True)
class MessageToRecipient:
    """The part of a message that is specific to its recipient.

    `follows` is the Message-ID of the message that it refers to.

    `chance` goes into its bounce tag, which identifies it if it is returned, and is stored nowhere else.
    """

    to: str
    language: Language
    message_id: str
    follows: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    chance: str = ""


@dataclass(frozen=True, slots=True)
class MailMessage:
    """A complete message as handed to a mail server; all messages of one batch have the same date."""

    to: str
    sender: str
    sender_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    language: Language
    message_id: str
    follows: str
    date: datetime
    bounce_tag: str = ""


@dataclass(frozen=True, slots=True)
class MailBatch:
    """Messages that are sent together. Only counts are stored: it is not recorded who received one.

    `words` is what all its messages say alike; `passes` counts the times that all waiting messages were
    tried, `setbacks` the times in a row that the mail server took no message; `setback` is why, the last time.
    """

    id: BatchId
    purpose: MessagePurpose
    round: RoundId | None
    state: BatchState
    due_on: date | None
    written_at: datetime | None
    words: Mapping[str, str]
    written: int = 0
    sent: int = 0
    refused: int = 0
    given_up: int = 0
    passes: int = 0
    setbacks: int = 0
    setback: MailServerFault | None = None

    @property
    def messages_left(self) -> int:
        """The number of messages still queued: neither accepted, refused nor given up."""
        return self.written - self.sent - self.refused - self.given_up


class MailBatchNotAllowed(Exception):
    """Messages cannot be planned or written as asked; `reason` is a code that the page explains."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def retry_delay_after_passes(passes: int) -> timedelta:
    """Return how long deferred messages wait before the next attempt, after `passes` attempts.

    >>> [retry_delay_after_passes(n).total_seconds() / 60 for n in (1, 2, 8, 20)]
    [1.0, 5.0, 1440.0, 1440.0]
    """
    return timedelta(minutes=_PAUSES[min(max(passes, 1), len(_PAUSES)) - 1])


def retry_delay_after_setbacks(setbacks: int) -> timedelta:
    """Return how long to wait before connecting again, after `setbacks` failures in a row.

    >>> [retry_delay_after_setbacks(n).total_seconds() / 60 for n in (1, 2, 3, 9)]
    [1.0, 2.0, 4.0, 60.0]
    """
    return timedelta(minutes=min(2 ** (max(setbacks, 1) - 1), _LONGEST_SETBACK))


def require_reminder_day(round_: Round, day: date, *, now: datetime, zone: tzinfo) -> None:
    """Raise an error unless reminders can be sent on a day: not past, working, and the round open that morning."""
    if day < now.astimezone(zone).date():
        raise MailBatchNotAllowed("day_passed")
    morning = datetime.combine(day, MORNING, zone)
    if not round_.opens_at <= morning < round_.closes_at:
        raise MailBatchNotAllowed("day_outside")
    if not is_working_day(day):
        raise MailBatchNotAllowed("day_off")


def is_batch_due(batch: MailBatch, round_: Round, *, now: datetime, zone: tzinfo) -> bool:
    """Tell whether the messages of a planned batch have to be written now.

    What was missed while nothing ran is due at once; `is_batch_too_late` says whether it is still of use.
    """
    if batch.purpose is MessagePurpose.REMINDER:
        return batch.due_on is not None and now >= datetime.combine(batch.due_on, MORNING, zone)
    if batch.purpose is MessagePurpose.THANKS:
        return round_.state not in {RoundState.DRAFT, RoundState.OPEN}
    return round_.state is RoundState.RELEASED and is_working_day(now.astimezone(zone).date())


def is_batch_too_late(batch: MailBatch, round_: Round, *, now: datetime) -> bool:
    """Tell whether a planned batch has missed its time and will never be sent."""
    if batch.purpose is MessagePurpose.REMINDER:
        return not round_.accepts_answers(now) and round_.state is not RoundState.DRAFT
    return batch.purpose is MessagePurpose.THANKS and round_.state in {RoundState.COUNTED, RoundState.RELEASED}


def round_down_to_ten(number: int) -> int:
    """Return a number rounded down to a multiple of ten, as the number of reminders is shown.

    The exact number would tell how many have answered by that day, which is shown in bands only.

    >>> round_down_to_ten(7), round_down_to_ten(10), round_down_to_ten(128)
    (0, 10, 120)
    """
    return number // 10 * 10
