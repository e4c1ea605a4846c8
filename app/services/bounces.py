"""Count letters that came back after they had been accepted: each once, as a number of its batch."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from sqlalchemy.orm import Session

from app.core.bounces import Kind, Report
from app.core.notices import BatchId, Purpose
from app.core.rounds import RoundId
from app.store import bounces, outbox
from app.vault import postmarks
from app.vault.postmarks import Postmark

# Beside any other letter a digest would stay.
_ERASED_AT_THE_COUNT = {Purpose.INVITATION, Purpose.REMINDER, Purpose.THANKS}


class Verdict(StrEnum):
    """What became of one message."""

    COUNTED = "counted"
    AGAIN = "again"
    PAST = "past"
    DELAYED = "delayed"
    FOREIGN = "foreign"
    OTHER = "other"
    DAMAGED = "damaged"


_UNFAILED = {Kind.DELAYED: Verdict.DELAYED, Kind.OTHER: Verdict.OTHER, Kind.DAMAGED: Verdict.DAMAGED}


def count(session: Session, reports: Iterable[Report], *, secret: bytes) -> tuple[Verdict, ...]:
    """Count the failures among some messages; return what became of each. Safe to call again with the same.

    Nothing is kept of a message but a digest that leads to nobody, and that only until its round is counted.
    """
    return tuple(_judge(session, one, secret) for one in reports)


def by_batch(session: Session, round_id: RoundId) -> Mapping[BatchId, int]:
    """Return how many letters of each batch of a round came back; batches without any are left out."""
    return bounces.by_batch(session, round_id)


def _judge(session: Session, report: Report, secret: bytes) -> Verdict:
    if report.kind is not Kind.FAILED:
        return _UNFAILED[report.kind]
    found = postmarks.read(report.postmark, secret=secret)
    if found is None:
        return Verdict.FOREIGN
    if not _may_count(session, found):
        return Verdict.PAST
    return Verdict.COUNTED if bounces.add(session, found.batch, found.digest) else Verdict.AGAIN


def _may_count(session: Session, postmark: Postmark) -> bool:
    """Tell whether a letter's batch is one that its round's count will erase, and is still there."""
    batch = outbox.batch(session, postmark.batch)
    return batch is not None and batch.purpose in _ERASED_AT_THE_COUNT and postmark.is_of(batch.written_at)
