"""E-mails that wait to be sent, and counts of those that were sent.

A message is a sealed blob without a time. Once a mail server has accepted it its row is gone, so that
nothing here tells who got what when.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.mail import (
    MOST_PASSES,
    BatchId,
    BatchState,
    MailBatch,
    MailServerFault,
    MailServerFaultCode,
    MessagePurpose,
)
from app.core.rounds import RoundId
from app.store.database import Base


class MailBatchRow(Base):
    __tablename__ = "mail_batch"
    __table_args__ = (
        CheckConstraint(
            f"purpose IN ({', '.join(repr(str(letter_purpose)) for letter_purpose in MessagePurpose)})", name="purpose"
        ),
        CheckConstraint(f"state IN ({', '.join(repr(str(batch_state)) for batch_state in BatchState)})", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[date | None]
    written_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(Text, default="{}")
    written: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    given_up: Mapped[int] = mapped_column(default=0)
    passes: Mapped[int] = mapped_column(default=0)
    setbacks: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(String(20))
    fault_detail: Mapped[str | None] = mapped_column(String(60))
    next_pass_at: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(32))
    held_until: Mapped[datetime | None]


class QueuedMessageRow(Base):
    __tablename__ = "letter"
    # Without a rowid the table is ordered by chance names: no order of writing in the file.
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("mail_batch.id"), index=True)
    tried: Mapped[int] = mapped_column(default=0)
    content: Mapped[bytes] = mapped_column(LargeBinary)


_BATCHES = cast("Table", MailBatchRow.__table__)
_MESSAGES = cast("Table", QueuedMessageRow.__table__)


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A waiting message as it is stored."""

    id: bytes
    content: bytes


def add_planned_batch(
    session: Session, purpose: MessagePurpose, *, round_id: RoundId | None, due_on: date | None
) -> BatchId:
    """Store a batch whose messages are still to be written; return its number."""
    row = MailBatchRow(purpose=purpose.value, round_id=round_id, due_on=due_on, state=BatchState.PLANNED.value)
    session.add(row)
    session.flush()
    return BatchId(row.id)


def delete_planned_batch(session: Session, batch_id: BatchId) -> bool:
    """Delete a batch of which no message was written yet; tell whether there was one."""
    statement = delete(MailBatchRow).where(MailBatchRow.id == batch_id, MailBatchRow.state == BatchState.PLANNED.value)
    result: Any = session.execute(statement)
    return bool(result.rowcount)


def start_batch_with_messages(
    session: Session,
    batch_id: BatchId,
    messages: Iterable[QueuedMessage],
    *,
    words: Mapping[str, str],
    now: datetime,
    expires_at: datetime,
) -> bool:
    """Store the messages of a planned batch, ordered by their random ids; False if the batch is no longer planned."""
    ordered = sorted(messages, key=lambda queued: queued.id)
    values = {
        "state": (BatchState.UNDER_WAY if ordered else BatchState.DONE).value,
        "written": len(ordered),
        "written_at": now,
        "next_pass_at": now,
        "expires_at": expires_at,
        "passes": 1,
        "words": json.dumps(dict(words), ensure_ascii=False),
    }
    planned = update(MailBatchRow).where(MailBatchRow.id == batch_id, MailBatchRow.state == BatchState.PLANNED.value)
    result: Any = session.execute(planned.values(values), execution_options={"synchronize_session": False})
    if result.rowcount != 1:
        return False
    if ordered:
        rows = [{"id": queued.id, "batch_id": batch_id, "tried": 0, "content": queued.content} for queued in ordered]
        session.execute(insert(QueuedMessageRow), rows)
    return True


def find_batch(session: Session, batch_id: BatchId) -> MailBatch | None:
    """Return one batch, or None."""
    row = session.get(MailBatchRow, batch_id, populate_existing=True)
    return None if row is None else _value(row)


def mail_batches(
    session: Session, *, round_id: RoundId | None = None, state: BatchState | None = None
) -> tuple[MailBatch, ...]:
    """Return batches in the order in which they were planned: those of a round, or those in a state."""
    query = select(MailBatchRow).order_by(MailBatchRow.id)
    if round_id is not None:
        query = query.where(MailBatchRow.round_id == round_id)
    if state is not None:
        query = query.where(MailBatchRow.state == state.value)
    return tuple(_value(row) for row in session.scalars(query.execution_options(populate_existing=True)))


def due_batches(session: Session, *, now: datetime) -> tuple[BatchId, ...]:
    """Return the batches that have messages to send now and that no process has leased."""
    query = select(MailBatchRow.id).where(
        MailBatchRow.state == BatchState.UNDER_WAY.value, MailBatchRow.next_pass_at <= now, _free(now)
    )
    return tuple(BatchId(scalar) for scalar in session.scalars(query.order_by(MailBatchRow.id)))


def lease_batch(session: Session, batch_id: BatchId, *, holder: str, now: datetime, until: datetime) -> bool:
    """Lease a batch to one process until a moment; False if another process holds the lease."""
    statement = update(MailBatchRow).where(
        MailBatchRow.id == batch_id, MailBatchRow.state == BatchState.UNDER_WAY.value, _free(now)
    )
    result: Any = session.execute(
        statement.values(holder=holder, held_until=until), execution_options={"synchronize_session": False}
    )
    return bool(result.rowcount)


def has_lease(session: Session, batch_id: BatchId, *, holder: str) -> bool:
    """Tell whether a process still holds the lease of a batch."""
    result = session.execute(select(MailBatchRow.holder, MailBatchRow.state).where(MailBatchRow.id == batch_id)).first()
    return result is not None and tuple(result) == (holder, BatchState.UNDER_WAY.value)


def next_untried_message(session: Session, batch_id: BatchId, *, passes: int, start: bytes) -> QueuedMessage | None:
    """Return a message that was not yet tried in this pass, or None; the first is the one at `start` or after it."""
    query = select(QueuedMessageRow.id, QueuedMessageRow.content).where(
        QueuedMessageRow.batch_id == batch_id, QueuedMessageRow.tried < passes
    )
    for part in (query.where(QueuedMessageRow.id >= start), query.where(QueuedMessageRow.id < start)):
        row = session.execute(part.order_by(QueuedMessageRow.id).limit(1)).first()
        if row is not None:
            return QueuedMessage(row.id, row.content)
    return None


def waiting_messages(session: Session, batch_id: BatchId) -> tuple[QueuedMessage, ...]:
    """Return every message of a batch that waits."""
    query = select(QueuedMessageRow.id, QueuedMessageRow.content).where(QueuedMessageRow.batch_id == batch_id)
    return tuple(QueuedMessage(row.id, row.content) for row in session.execute(query))


def delete_and_count_message(session: Session, batch_id: BatchId, message: bytes, *, refused: bool = False) -> None:
    """Delete a message that was accepted or refused for good, and count it; once only, however often called."""
    result: Any = session.execute(delete(QueuedMessageRow).where(QueuedMessageRow.id == message))
    counted = MailBatchRow.refused if refused else MailBatchRow.sent
    _change(session, batch_id, {counted: counted + result.rowcount})


def mark_message_tried(session: Session, message: bytes, *, passes: int) -> None:
    """Mark a message as tried in pass `passes`; with the number of the pass before, this pass tries it again later."""
    session.execute(
        update(QueuedMessageRow).where(QueuedMessageRow.id == message).values(tried=passes),
        execution_options={"synchronize_session": False},
    )


def release_and_schedule_retry(
    session: Session,
    batch_id: BatchId,
    *,
    passes: int,
    setbacks: int,
    until: datetime,
    setback: MailServerFault | None = None,
) -> None:
    """Release the lease of a batch and schedule its next pass, at the same moment for all its messages."""
    values = {
        "passes": passes,
        "setbacks": setbacks,
        "fault": setback.fault.value if setback else None,
        "fault_detail": setback.detail[:60] if setback else None,
        "next_pass_at": until,
        "holder": None,
        "held_until": None,
    }
    _change(session, batch_id, values)


def end_batch_and_delete_messages(session: Session, batch_id: BatchId) -> int:
    """End a batch; messages that are left are given up. Return how many."""
    result: Any = session.execute(delete(QueuedMessageRow).where(QueuedMessageRow.batch_id == batch_id))
    values = {
        "state": BatchState.DONE.value,
        "given_up": MailBatchRow.given_up + result.rowcount,
        "holder": None,
        "held_until": None,
        "next_pass_at": None,
        "setbacks": 0,
        "fault": None,
        "fault_detail": None,
    }
    _change(session, batch_id, values)
    return int(result.rowcount)


def expired_or_exhausted_batches(session: Session, *, now: datetime) -> tuple[BatchId, ...]:
    """Return the batches under way to give up: their time is over, or every message was tried too many times.

    Time is over, for instance, for invitations to a round that has closed. Batches that a process has leased are left
    out.
    """
    query = select(MailBatchRow.id).where(
        MailBatchRow.state == BatchState.UNDER_WAY.value,
        or_(MailBatchRow.expires_at <= now, MailBatchRow.passes > MOST_PASSES),
        _free(now),
    )
    return tuple(BatchId(number) for number in session.scalars(query.order_by(MailBatchRow.id)))


def batch_counts_by_state(session: Session) -> dict[str, int]:
    """Return how many batches there are in each state; never how many messages."""
    query = select(MailBatchRow.state, func.count()).group_by(MailBatchRow.state)
    result = {state: number for state, number in session.execute(query)}
    return {str(state): result.get(state.value, 0) for state in BatchState}


def highest_setback_count(session: Session) -> int:
    """Return the highest number of consecutive mail server failures of a batch under way."""
    under_way = MailBatchRow.state == BatchState.UNDER_WAY.value
    return session.scalar(select(func.max(MailBatchRow.setbacks)).where(under_way)) or 0


def distinct_setbacks(session: Session) -> tuple[MailServerFault, ...]:
    """Return the distinct mail server faults of the batches under way."""
    query = select(MailBatchRow.fault, MailBatchRow.fault_detail).where(
        MailBatchRow.state == BatchState.UNDER_WAY.value, MailBatchRow.fault.is_not(None)
    )
    return tuple(
        MailServerFault(MailServerFaultCode(str(fault)), detail or "")
        for fault, detail in session.execute(query.distinct().order_by(MailBatchRow.fault, MailBatchRow.fault_detail))
    )


def delete_ended_batches_without_round(session: Session, *, before: datetime) -> int:
    """Delete the batches that belong to no round and ended long ago; return how many."""
    old = MailBatchRow.round_id.is_(None), MailBatchRow.state == BatchState.DONE.value, MailBatchRow.written_at < before
    result: Any = session.execute(delete(MailBatchRow).where(*old), execution_options={"synchronize_session": False})
    return int(result.rowcount)


def erase(session: Session, round_id: RoundId) -> int:
    """Delete the messages of a round and its batches with their counts; return how many messages were left.

    A planned batch that announces the results stays: it is sent after the count.
    The number of reminders would otherwise tell for ever how many had answered by a day.
    """
    result: Any = session.execute(delete(_MESSAGES).where(_MESSAGES.c.batch_id.in_(batch_ids_query(round_id))))
    batch = _BATCHES.c
    keeps = (batch.purpose == MessagePurpose.RELEASED.value) & (batch.state == BatchState.PLANNED.value)
    session.execute(delete(_BATCHES).where(batch.round_id == round_id, ~keeps))
    return int(result.rowcount)


def batch_ids_query(round_id: RoundId) -> Select[tuple[int]]:
    """Return the query for the batches of a round, on the plain table."""
    return select(_BATCHES.c.id).where(_BATCHES.c.round_id == round_id)


def _free(now: datetime) -> Any:
    return or_(MailBatchRow.held_until.is_(None), MailBatchRow.held_until < now)


def _change(session: Session, batch_id: BatchId, values: Mapping[Any, Any]) -> None:
    statement = update(MailBatchRow).where(MailBatchRow.id == batch_id).values(values)
    session.execute(statement, execution_options={"synchronize_session": False})


def _value(row: MailBatchRow) -> MailBatch:
    return MailBatch(
        id=BatchId(row.id),
        purpose=MessagePurpose(row.purpose),
        round=None if row.round_id is None else RoundId(row.round_id),
        state=BatchState(row.state),
        due_on=row.due_on,
        written_at=row.written_at,
        words=json.loads(row.words),
        written=row.written,
        sent=row.sent,
        refused=row.refused,
        given_up=row.given_up,
        passes=row.passes,
        setbacks=row.setbacks,
        setback=MailServerFault(MailServerFaultCode(row.fault), row.fault_detail or "") if row.fault else None,
    )
