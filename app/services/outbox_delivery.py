"""Send the e-mails in the outbox, one e-mail and one transaction at a time.

An invitation that does not arrive frees its place: the digest of its code follows from the message itself, in the
transaction that deletes both, so nothing is stored that leads from a message to a code.

A message is deleted in the transaction right after the mail server has accepted it. Only a process that
ends between the two sends a message again, and then with the same Message-ID and the same bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.languages import Language
from app.core.mail import (
    EQUAL_REFUSALS,
    SETBACKS_BEFORE_BELIEVED,
    BatchId,
    BatchState,
    DeliveryOutcome,
    DeliveryResult,
    MailBatch,
    MailMessage,
    MailServerFault,
    MailServerFaultCode,
    MessagePurpose,
    MessageToRecipient,
    retry_delay_after_passes,
    retry_delay_after_setbacks,
)
from app.core.rounds import RoundId
from app.core.smtp_replies import RefusalCause, SmtpReply
from app.render import mail_messages
from app.render.mail_messages import SenderDetails
from app.store import contacts, invitations, outbox, rounds
from app.store.outbox import QueuedMessage
from app.vault import bounce_tags
from app.vault import sealed_messages as vault
from app.vault.codes import code_digest
from app.vault.sealed_messages import InvalidSealedMessage

LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class DeliveryLease:
    """The temporary right of one process to send the messages of one batch.

    It begins with the message at `start`, a random one: messages that stop a turn must not stop every turn.
    """

    batch: MailBatch
    holder: str
    start: bytes


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A message out of the outbox; without a message where it cannot be read.

    `invitation` is the digest of the code in it, if it is an invitation.
    """

    id: bytes
    message: MailMessage | None
    invitation: bytes | None = None


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How much there is in the outbox, and how much came to what end."""

    waiting: int
    sent: int
    refused: int
    given_up: int
    planned: int


@dataclass(slots=True)
class ConsecutiveRefusals:
    """Messages that were refused one after another, in one turn, with the same reply and none accepted in between.

    They are deferred until it is known what the refusals are about: an acceptance tells that the server takes
    messages from this sender, a long run that it does not.
    """

    reply: SmtpReply | None = None
    messages: list[OutgoingMail] = field(default_factory=list)
    accepted: bool = False


def end_expired_and_list_due_batches(session: Session, *, now: datetime, secret: bytes) -> tuple[BatchId, ...]:
    """Return the batches with messages to send now; those whose messages became useless are ended first."""
    for batch_id in outbox.expired_or_exhausted_batches(session, now=now):
        _end(session, batch_id, now=now, secret=secret)
    return outbox.due_batches(session, now=now)


def give_up_batch(session: Session, round_id: RoundId, batch_id: BatchId, *, now: datetime, secret: bytes) -> bool:
    """Give up the messages of a batch that wait for the mail server; False if none wait for it."""
    batch = outbox.find_batch(session, batch_id)
    if batch is None or batch.round != round_id or batch.state is not BatchState.UNDER_WAY or not batch.setbacks:
        return False
    _end(session, batch_id, now=now, secret=secret)
    return True


def lease_batch(session: Session, batch_id: BatchId, *, holder: str, now: datetime) -> DeliveryLease | None:
    """Lease a batch to this process; None if another process has it. A lease expires after some minutes.

    Whoever dies holds it for minutes only.
    """
    if not outbox.lease_batch(session, batch_id, holder=holder, now=now, until=now + LEASE):
        return None
    batch = outbox.find_batch(session, batch_id)
    return None if batch is None else DeliveryLease(batch, holder, vault.draw_message_id())


def next_message(
    session: Session, lease: DeliveryLease, *, sender: SenderDetails, secret: bytes
) -> OutgoingMail | None:
    """Return the next message of a leased batch, rendered; None at the end or when the lease was lost."""
    if not outbox.has_lease(session, lease.batch.id, holder=lease.holder):
        return None
    queued = outbox.next_untried_message(session, lease.batch.id, passes=lease.batch.passes, start=lease.start)
    if queued is None:
        return None
    addressed = _unsealed(queued, secret)
    if addressed is None:
        return OutgoingMail(queued.id, None)
    message = _message(addressed, lease.batch, sender, secret)
    return OutgoingMail(queued.id, message, _invitation(addressed, lease.batch, secret))


def record_result(
    session: Session, lease: DeliveryLease, outgoing: OutgoingMail, result: DeliveryResult, run: ConsecutiveRefusals
) -> MailServerFault | None:
    """Record the outcome of one delivery: accepted, refused for good, or deferred to the next pass.

    Return a setback if the refusals so far tell that the server takes no message from this sender: the turn must end.
    """
    if result.outcome is DeliveryOutcome.REFUSED and result.reply is not None:
        return _record_refusal(session, lease, outgoing, result.reply, run)
    if result.outcome is DeliveryOutcome.ACCEPTED:
        run.accepted = True
        _settle(session, lease, run)
    if result.outcome is DeliveryOutcome.LATER:
        outbox.mark_message_tried(session, outgoing.id, passes=lease.batch.passes)
    else:
        _remove(session, lease, outgoing, refused=result.outcome is DeliveryOutcome.REFUSED)
    return None


def finish_pass(session: Session, lease: DeliveryLease, run: ConsecutiveRefusals, *, now: datetime) -> None:
    """End a pass in which every message was tried; deferred ones are tried again after a pause."""
    if not outbox.has_lease(session, lease.batch.id, holder=lease.holder):
        return
    batch = outbox.find_batch(session, lease.batch.id)
    if batch is None:
        return
    if run.reply is not None and run.reply.cause is RefusalCause.UNCLEAR and not batch.sent:
        setback = _interrupt(session, lease, run)  # unknown so far whether the server accepts this sender
        end_delivery_early(session, lease, now=now, reached=False, setback=setback)
        return
    _settle(session, lease, run)
    batch = outbox.find_batch(session, lease.batch.id) or batch
    if batch.messages_left <= 0:
        outbox.end_batch_and_delete_messages(session, batch.id)
        return
    outbox.release_and_schedule_retry(
        session, batch.id, passes=batch.passes + 1, setbacks=0, until=now + retry_delay_after_passes(batch.passes)
    )


def end_delivery_early(
    session: Session,
    lease: DeliveryLease,
    *,
    now: datetime,
    reached: bool,
    setback: MailServerFault | None = None,
    accepted: bool = False,
) -> None:
    """End a pass before all messages were tried: the time is up, or the mail server accepts no more.

    With `reached` the next turn goes on at once. Otherwise it is a setback, the first in a row if messages were
    accepted in this turn.
    """
    batch = outbox.find_batch(session, lease.batch.id)
    if batch is None or not outbox.has_lease(session, lease.batch.id, holder=lease.holder):
        return
    setbacks = 0 if reached else 1 + (0 if accepted else batch.setbacks)
    until = now if reached else now + retry_delay_after_setbacks(setbacks)
    outbox.release_and_schedule_retry(
        session, batch.id, passes=batch.passes, setbacks=setbacks, until=until, setback=None if reached else setback
    )


def mail_server_setbacks(session: Session) -> tuple[MailServerFault, ...]:
    """Return why messages wait for the mail server, each fault once."""
    return outbox.distinct_setbacks(session)


def outbox_counts(session: Session) -> OutboxCounts:
    """Return how much there is in the outbox in all."""
    batches = outbox.mail_batches(session)
    return OutboxCounts(
        waiting=sum(batch.messages_left for batch in batches if batch.state is BatchState.UNDER_WAY),
        sent=sum(batch.sent for batch in batches),
        refused=sum(batch.refused for batch in batches),
        given_up=sum(batch.given_up for batch in batches),
        planned=sum(batch.state is BatchState.PLANNED for batch in batches),
    )


def build_test_message(to: str, *, sender: SenderDetails, now: datetime) -> MailMessage:
    """Return a message that tries out whether mail gets through; it is kept nowhere."""
    host = sender.mail_from.rpartition("@")[2]
    addressed = MessageToRecipient(to, sender.language, message_id=f"<{vault.draw_message_id().hex()}@{host}>")
    return _written(addressed, MessagePurpose.TRIAL, {}, sender, date=now)


def _record_refusal(
    session: Session, lease: DeliveryLease, outgoing: OutgoingMail, reply: SmtpReply, run: ConsecutiveRefusals
) -> MailServerFault | None:
    if run.reply != reply:
        _settle(session, lease, run)
        run.reply = reply
    run.messages.append(outgoing)
    outbox.mark_message_tried(session, outgoing.id, passes=lease.batch.passes)
    if len(run.messages) < EQUAL_REFUSALS:
        return None
    if reply.cause is RefusalCause.ADDRESS and lease.batch.setbacks >= SETBACKS_BEFORE_BELIEVED:
        _settle(session, lease, run)  # a list may consist of wrong addresses only
        return None
    return _interrupt(session, lease, run)


def _interrupt(session: Session, lease: DeliveryLease, run: ConsecutiveRefusals) -> MailServerFault:
    """Put the messages of a run back into this pass, and return why."""
    for outgoing in run.messages:
        outbox.mark_message_tried(session, outgoing.id, passes=lease.batch.passes - 1)
    unclear = run.reply is not None and run.reply.cause is RefusalCause.UNCLEAR
    return MailServerFault(MailServerFaultCode.SENDER if unclear else MailServerFaultCode.ALL_REFUSED, str(run.reply))


def _settle(session: Session, lease: DeliveryLease, run: ConsecutiveRefusals) -> None:
    """Take a run of refusals as meant for its recipients; unclear ones stay deferred and are tried again."""
    if run.reply is not None and run.reply.cause is not RefusalCause.UNCLEAR:
        for outgoing in run.messages:
            _remove(session, lease, outgoing, refused=True)
    run.reply = None
    run.messages.clear()


def _remove(session: Session, lease: DeliveryLease, outgoing: OutgoingMail, *, refused: bool) -> None:
    outbox.delete_and_count_message(session, lease.batch.id, outgoing.id, refused=refused)
    if refused and outgoing.invitation is not None and lease.batch.round is not None:
        _free_place(session, lease.batch.round, outgoing.invitation)


def _end(session: Session, batch_id: BatchId, *, now: datetime, secret: bytes) -> None:
    """End a batch; the places of invitations that nobody got are free while their round is open."""
    batch = outbox.find_batch(session, batch_id)
    round_ = rounds.find_round(session, batch.round) if batch is not None and batch.round is not None else None
    if batch is not None and round_ is not None and round_.accepts_answers(now):
        for queued in outbox.waiting_messages(session, batch_id):
            addressed = _unsealed(queued, secret)
            digest = None if addressed is None else _invitation(addressed, batch, secret)
            if digest is not None:
                _free_place(session, round_.id, digest)
    outbox.end_batch_and_delete_messages(session, batch_id)


def _free_place(session: Session, round_id: RoundId, digest: bytes) -> None:
    """End the code of a message that did not arrive: nobody holds it, and its place is free for another."""
    address = invitations.withdraw_mailed_code(session, round_id, digest)
    if address is not None:
        contacts.set_undeliverable(session, round_id, [address], undeliverable=True)


def _unsealed(queued: QueuedMessage, secret: bytes) -> MessageToRecipient | None:
    try:
        content = json.loads(vault.unseal_message(queued.content, secret=secret, message_id=queued.id))
    except InvalidSealedMessage:
        return None
    return MessageToRecipient(**{**content, "language": Language(content["language"])})


def _invitation(addressed: MessageToRecipient, batch: MailBatch, secret: bytes) -> bytes | None:
    return code_digest(addressed.words["code"], secret=secret) if batch.purpose is MessagePurpose.INVITATION else None


def _message(addressed: MessageToRecipient, batch: MailBatch, sender: SenderDetails, secret: bytes) -> MailMessage:
    assert batch.written_at is not None, "a batch under way was written at some moment"
    message = _written(addressed, batch.purpose, batch.words, sender, date=batch.written_at)
    if not addressed.chance:  # written before e-mails had bounce tags
        return message
    tag = bounce_tags.bounce_tag(batch.id, batch.written_at, addressed.chance, secret=secret, to=addressed.to)
    return replace(message, bounce_tag=tag)


def _written(
    addressed: MessageToRecipient,
    purpose: MessagePurpose,
    words: Mapping[str, str],
    sender: SenderDetails,
    *,
    date: datetime,
) -> MailMessage:
    values = {**words, **addressed.words}
    written = mail_messages.render_message(purpose, addressed.language, values, head=sender)
    return MailMessage(
        to=addressed.to,
        sender=sender.mail_from,
        sender_name=values.get("sender_name") or sender.service,
        reply_to=values.get("reply_to", ""),
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=addressed.language,
        message_id=addressed.message_id,
        follows=addressed.follows,
        date=date.astimezone(sender.zone),
    )
