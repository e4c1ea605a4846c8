"""Count letters that came back after they had been accepted: each once, as a number of its batch."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from sqlalchemy.orm import Session

from app.core.bounces import BounceKind, BounceReport
from app.core.mail import BatchId, LetterPurpose
from app.core.rounds import RoundId
from app.store import bounces, outbox
from app.vault import bounce_tags
from app.vault.bounce_tags import BounceTag

# Beside any other letter a digest would stay.
_ERASED_AT_THE_COUNT = {LetterPurpose.INVITATION, LetterPurpose.REMINDER, LetterPurpose.THANKS}


class BounceVerdict(StrEnum):
    """What became of one message."""

    COUNTED = "counted"
    AGAIN = "again"
    PAST = "past"
    DELAYED = "delayed"
    FOREIGN = "foreign"
    OTHER = "other"
    DAMAGED = "damaged"


_UNFAILED = {
    BounceKind.DELAYED: BounceVerdict.DELAYED,
    BounceKind.OTHER: BounceVerdict.OTHER,
    BounceKind.DAMAGED: BounceVerdict.DAMAGED,
}


def count_bounces(session: Session, reports: Iterable[BounceReport], *, secret: bytes) -> tuple[BounceVerdict, ...]:
    """Count the failures among some messages; return what became of each. Safe to call again with the same.

    Nothing is kept of a message but a digest that leads to nobody, and that only until its round is counted.
    """
    return tuple(_judge(session, report, secret) for report in reports)


def by_batch(session: Session, round_id: RoundId) -> Mapping[BatchId, int]:
    """Return how many letters of each batch of a round came back; batches without any are left out."""
    return bounces.by_batch(session, round_id)


def _judge(session: Session, report: BounceReport, secret: bytes) -> BounceVerdict:
    if report.kind is not BounceKind.FAILED:
        return _UNFAILED[report.kind]
    bounce_tag = bounce_tags.parse_bounce_tag(report.postmark, secret=secret)
    if bounce_tag is None:
        return BounceVerdict.FOREIGN
    if not _may_count(session, bounce_tag):
        return BounceVerdict.PAST
    return BounceVerdict.COUNTED if bounces.add(session, bounce_tag.batch, bounce_tag.digest) else BounceVerdict.AGAIN


def _may_count(session: Session, postmark: BounceTag) -> bool:
    """Tell whether a letter's batch is one that its round's count will erase, and is still there."""
    batch = outbox.batch(session, postmark.batch)
    return batch is not None and batch.purpose in _ERASED_AT_THE_COUNT and postmark.is_of(batch.written_at)
