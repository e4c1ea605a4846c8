"""Send what waits in the outbox, one letter and one transaction at a time.

A letter is deleted in the transaction right after the mail server has accepted it. Only a process that
ends between the two sends a letter again, and then with the same Message-ID and the same bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.languages import Language
from app.core.mail import (
    BatchId,
    BatchState,
    DeliveryOutcome,
    Letter,
    LetterPurpose,
    MailBatch,
    MailMessage,
    pause_after_pass,
    pause_after_setback,
)
from app.render import letters
from app.render.letters import Letterhead
from app.store import outbox
from app.vault import bounce_tags
from app.vault import sealed_letters as vault
from app.vault.sealed_letters import InvalidLetter

LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class DeliveryLease:
    """One process's turn at one batch."""

    batch: MailBatch
    holder: str


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A letter out of the outbox; without a message where it cannot be read."""

    id: bytes
    message: MailMessage | None


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How much there is in the outbox, and how much came to what end."""

    waiting: int
    sent: int
    refused: int
    given_up: int
    planned: int


def due_batches(session: Session, *, now: datetime) -> tuple[BatchId, ...]:
    """Return the batches with letters to send now; those whose letters became useless are ended first."""
    outbox.end_expired(session, now=now)
    return outbox.due(session, now=now)


def lease_batch(session: Session, batch_id: BatchId, *, holder: str, now: datetime) -> DeliveryLease | None:
    """Take a batch for this process; None if another is at it. Whoever dies holds it for minutes only."""
    if not outbox.lease(session, batch_id, holder=holder, now=now, until=now + LEASE):
        return None
    batch = outbox.batch(session, batch_id)
    return None if batch is None else DeliveryLease(batch, holder)


def next_letter(
    session: Session, lease: DeliveryLease, *, letterhead: Letterhead, secret: bytes
) -> OutgoingMail | None:
    """Return the next letter of a turn, written out; None at the end or when the turn was lost."""
    if not outbox.has_lease(session, lease.batch.id, holder=lease.holder):
        return None
    sealed_letter = outbox.next_letter(session, lease.batch.id, passes=lease.batch.passes)
    if sealed_letter is None:
        return None
    try:
        content = json.loads(vault.unseal(sealed_letter.content, secret=secret, name=sealed_letter.id))
    except InvalidLetter:
        return OutgoingMail(sealed_letter.id, None)
    letter = Letter(**{**content, "language": Language(content["language"])})
    return OutgoingMail(sealed_letter.id, _message(letter, lease.batch, letterhead, secret))


def record_outcome(session: Session, lease: DeliveryLease, letter: OutgoingMail, outcome: DeliveryOutcome) -> None:
    """Note what became of a letter: gone, refused for good, or left to the next pass."""
    if outcome is DeliveryOutcome.LATER:
        outbox.defer(session, letter.id, passes=lease.batch.passes)
    else:
        outbox.remove(session, lease.batch.id, letter.id, refused=outcome is DeliveryOutcome.REFUSED)


def finish_pass(session: Session, lease: DeliveryLease, *, now: datetime) -> None:
    """End a turn in which every letter was tried: what was put off is tried again after a pause."""
    batch = outbox.batch(session, lease.batch.id)
    if batch is None or not outbox.has_lease(session, lease.batch.id, holder=lease.holder):
        return
    if batch.waiting <= 0:
        outbox.end(session, batch.id)
        return
    outbox.wait(session, batch.id, passes=batch.passes + 1, setbacks=0, until=now + pause_after_pass(batch.passes))


def end_early(session: Session, lease: DeliveryLease, *, now: datetime, reached: bool) -> None:
    """End a turn before all letters were tried: because time is up, or the mail server cannot be reached."""
    batch = outbox.batch(session, lease.batch.id)
    if batch is None or not outbox.has_lease(session, lease.batch.id, holder=lease.holder):
        return
    setbacks = 0 if reached else batch.setbacks + 1
    until = now if reached else now + pause_after_setback(setbacks)
    outbox.wait(session, batch.id, passes=batch.passes, setbacks=setbacks, until=until)


def outbox_counts(session: Session) -> OutboxCounts:
    """Return how much there is in the outbox in all."""
    batches = outbox.batches(session)
    return OutboxCounts(
        waiting=sum(batch.waiting for batch in batches if batch.state is BatchState.UNDER_WAY),
        sent=sum(batch.sent for batch in batches),
        refused=sum(batch.refused for batch in batches),
        given_up=sum(batch.given_up for batch in batches),
        planned=sum(batch.state is BatchState.PLANNED for batch in batches),
    )


def test_letter(to: str, *, letterhead: Letterhead, now: datetime) -> MailMessage:
    """Return a letter that tries out whether mail gets through; it is kept nowhere."""
    host = letterhead.mail_from.rpartition("@")[2]
    letter = Letter(to, letterhead.language, message_id=f"<{vault.draw_letter_id().hex()}@{host}>")
    return _written(letter, LetterPurpose.TRIAL, {}, letterhead, date=now)


def _message(letter: Letter, batch: MailBatch, letterhead: Letterhead, secret: bytes) -> MailMessage:
    assert batch.written_at is not None, "a batch under way was written at some moment"
    message = _written(letter, batch.purpose, batch.words, letterhead, date=batch.written_at)
    if not letter.chance:  # written before letters bore postmarks
        return message
    return replace(message, postmark=bounce_tags.bounce_tag(batch.id, batch.written_at, letter.chance, secret=secret))


def _written(
    letter: Letter, purpose: LetterPurpose, words: Mapping[str, str], letterhead: Letterhead, *, date: datetime
) -> MailMessage:
    said = {**words, **letter.words}
    written = letters.render_letter(purpose, letter.language, said, head=letterhead)
    return MailMessage(
        to=letter.to,
        sender=letterhead.mail_from,
        sender_name=said.get("sender_name") or letterhead.service,
        reply_to=said.get("reply_to", ""),
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=letter.language,
        message_id=letter.message_id,
        follows=letter.follows,
        date=date.astimezone(letterhead.zone),
    )
