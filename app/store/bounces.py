"""Letters that came back after a mail server had accepted them: how many of a batch, never whose.

A row is a keyed digest of the chance in a letter's postmark. It is there so that no letter counts twice;
it bears no time and no order, and leads to no address, for the chance is kept nowhere.
"""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import ForeignKey, LargeBinary, Table, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.mail import BatchId
from app.core.rounds import RoundId
from app.store.database import Base, conflict_insert
from app.store.outbox import MailBatchRow, select_batch_ids


class BounceRow(Base):
    __tablename__ = "bounce"
    # Without a rowid the table is ordered by digests: no order of coming back in the file.
    __table_args__ = ({"sqlite_with_rowid": False},)

    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("mail_batch.id", ondelete="CASCADE"), index=True)


_TABLE = cast("Table", BounceRow.__table__)


def count_returned_letter(session: Session, batch_id: BatchId, digest: bytes) -> bool:
    """Count a letter of a batch as come back; False if it was counted before."""
    values = {"digest": digest, "batch_id": batch_id}
    added = session.execute(
        conflict_insert(session, BounceRow).values(values).on_conflict_do_nothing().returning(BounceRow.batch_id)
    )
    return added.first() is not None


def returned_letter_counts_by_batch(session: Session, round_id: RoundId) -> Mapping[BatchId, int]:
    """Return how many letters of each batch of a round came back; batches without any are left out."""
    query = select(BounceRow.batch_id, func.count()).join(MailBatchRow, MailBatchRow.id == BounceRow.batch_id)
    rows = session.execute(query.where(MailBatchRow.round_id == round_id).group_by(BounceRow.batch_id))
    return {BatchId(batch): number for batch, number in rows}


def erase(session: Session, round_id: RoundId) -> None:
    """Delete the digests of a round, and with them its numbers of letters that came back."""
    session.execute(delete(_TABLE).where(_TABLE.c.batch_id.in_(select_batch_ids(round_id))))
