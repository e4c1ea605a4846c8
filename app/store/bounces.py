"""Bounced e-mails, counted per batch by digests; recipients are not stored.

A row is a keyed digest of the random bits in a message's bounce tag, so that no message is counted twice. It has no
time and no order, and leads to no address, as the random bits are not stored.
"""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import ForeignKey, LargeBinary, Table, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.mail import BatchId
from app.core.rounds import RoundId
from app.store.database import Base, conflict_insert
from app.store.outbox import MailBatchRow, batch_ids_query


class BounceRow(Base):
    __tablename__ = "bounce"
    # Without a rowid the table is ordered by digests: no order of coming back in the file.
    __table_args__ = ({"sqlite_with_rowid": False},)

    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("mail_batch.id", ondelete="CASCADE"), index=True)


_TABLE = cast("Table", BounceRow.__table__)


def record_bounce(session: Session, batch_id: BatchId, digest: bytes) -> bool:
    """Record that a message of a batch was returned; False if it was recorded before."""
    values = {"digest": digest, "batch_id": batch_id}
    added = session.execute(
        conflict_insert(session, BounceRow).values(values).on_conflict_do_nothing().returning(BounceRow.batch_id)
    )
    return added.first() is not None


def bounce_counts_by_batch(session: Session, round_id: RoundId) -> Mapping[BatchId, int]:
    """Return how many messages of each batch of a round were returned; batches without any are left out."""
    query = select(BounceRow.batch_id, func.count()).join(MailBatchRow, MailBatchRow.id == BounceRow.batch_id)
    rows = session.execute(query.where(MailBatchRow.round_id == round_id).group_by(BounceRow.batch_id))
    return {BatchId(batch): number for batch, number in rows}


def erase(session: Session, round_id: RoundId) -> None:
    """Delete the records of a round's returned messages."""
    session.execute(delete(_TABLE).where(_TABLE.c.batch_id.in_(batch_ids_query(round_id))))
