"""Count bounced e-mails: each once, as a number per batch.

An invitation that came back frees its place: nobody holds its code.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from sqlalchemy.orm import Session

from app.core.bounces import MailboxMessageKind, MailboxMessageReport
from app.core.mail import BatchId, MailBatch, MessagePurpose
from app.core.rounds import RoundId
from app.store import bounces, contacts, invitations, outbox
from app.vault import bounce_tags
from app.vault.bounce_tags import BounceTag

# For e-mails with another purpose a digest would be kept.
_ERASED_AT_THE_COUNT = {MessagePurpose.INVITATION, MessagePurpose.REMINDER, MessagePurpose.THANKS}


class BounceRecordOutcome(StrEnum):
    """Outcome for one message of the bounce mailbox."""

    COUNTED = "counted"
    AGAIN = "again"
    PAST = "past"
    DELAYED = "delayed"
    FOREIGN = "foreign"
    OTHER = "other"
    DAMAGED = "damaged"


_UNFAILED = {
    MailboxMessageKind.DELAYED: BounceRecordOutcome.DELAYED,
    MailboxMessageKind.OTHER: BounceRecordOutcome.OTHER,
    MailboxMessageKind.DAMAGED: BounceRecordOutcome.DAMAGED,
}


def record_bounces(
    session: Session, reports: Iterable[MailboxMessageReport], *, secret: bytes
) -> tuple[BounceRecordOutcome, ...]:
    """Count the failed deliveries among some messages and return the outcome for each.

    A message counts once, however often it is passed. Of a message only a digest is stored, which identifies no
    recipient, and only until its round is counted.
    """
    return tuple(_judge(session, report, secret) for report in reports)


def bounce_counts_by_batch(session: Session, round_id: RoundId) -> Mapping[BatchId, int]:
    """Return how many messages of each batch of a round came back; batches without any are left out."""
    return bounces.bounce_counts_by_batch(session, round_id)


def _judge(session: Session, report: MailboxMessageReport, secret: bytes) -> BounceRecordOutcome:
    if report.kind is not MailboxMessageKind.FAILED:
        return _UNFAILED[report.kind]
    batch = _batch(session, report)
    bounce_tag = _tag(session, report, batch, secret)
    if bounce_tag is None:
        return BounceRecordOutcome.FOREIGN
    if (
        batch is None
        or batch.purpose not in _ERASED_AT_THE_COUNT
        or not bounce_tag.matches_batch_written_at(batch.written_at)
    ):
        return BounceRecordOutcome.PAST
    if not bounces.record_bounce(session, bounce_tag.batch, bounce_tag.digest):
        return BounceRecordOutcome.AGAIN
    if batch.purpose is MessagePurpose.INVITATION and batch.round is not None:
        _free_place(session, batch.round, bounce_tag, report)
    return BounceRecordOutcome.COUNTED


def _batch(session: Session, report: MailboxMessageReport) -> MailBatch | None:
    number = bounce_tags.unverified_batch_id(report.bounce_tag)
    return None if number is None else outbox.find_batch(session, number)


def _tag(session: Session, report: MailboxMessageReport, batch: MailBatch | None, secret: bytes) -> BounceTag | None:
    """Return the tag of a report; where it does not name the address as it was written to, every address is tried."""
    tag = bounce_tags.parse_bounce_tag(report.bounce_tag, secret=secret, addresses=(*report.addresses, *report.failed))
    if tag is not None or batch is None or batch.round is None:
        return tag
    known = [contact.address for contact in contacts.contacts(session, batch.round)]
    return bounce_tags.parse_bounce_tag(report.bounce_tag, secret=secret, addresses=known)


def _free_place(session: Session, round_id: RoundId, bounce_tag: BounceTag, report: MailboxMessageReport) -> None:
    """End the unspent code of an invitation that came back, so that its place is free for another.

    Only where the report names the very address as the one that failed: a message that was delivered and could not be
    forwarded from there comes back too. And only for an invitation: whose reminder came back may hold a code.
    """
    address = bounce_tag.address
    if not address or address not in {failed.lower() for failed in report.failed}:
        return
    digest = invitations.unspent_digests_by_address(session, round_id).get(address)
    if digest is not None and invitations.withdraw_mailed_code(session, round_id, digest) is not None:
        contacts.set_undeliverable(session, round_id, [address], undeliverable=True)
