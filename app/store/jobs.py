"""Which job ran in which slot: the row that makes sure that nothing is done twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import String

from app.store.database import Base

AT = "@"  # stands before the host in the name of a job that every host does for itself


class JobRunRow(Base):
    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(String(64), primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]


_TABLE = cast("Table", JobRunRow.__table__)


def claim_slot(session: Session, job: str, *, slot: datetime, now: datetime) -> bool:
    """Take a slot for this transaction; False if another process has it or had it.

    Whoever asks while another transaction holds the slot waits for its end: if that one fails, the
    slot is free again.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"job": job, "slot": slot, "began_at": now}
    taken = session.execute(insert(JobRunRow).values(row).on_conflict_do_nothing().returning(JobRunRow.job))
    return taken.first() is not None


def last_run(session: Session, among: Sequence[str] | None = None) -> datetime | None:
    """Return when any job, or any of those named, last began, by the clock of the host where it did."""
    query = select(func.max(JobRunRow.began_at))
    return session.scalar(query if among is None else query.where(JobRunRow.job.in_(among)))


def last_runs(session: Session) -> dict[str, datetime]:
    """Return when each job last began, on whichever host."""
    newest_of_each = select(JobRunRow.job, func.max(JobRunRow.began_at)).group_by(JobRunRow.job)
    result = sorted(session.execute(newest_of_each).all(), key=lambda row: row[1])
    return {row.partition(AT)[0]: began for row, began in result}


def delete_before(session: Session, *, before: datetime) -> None:
    """Forget the slots that are long past, but for the newest of each job."""
    slot = _TABLE.c.slot
    kept = select(func.max(slot)).group_by(_TABLE.c.job)
    session.execute(delete(_TABLE).where(slot < before, slot.not_in(kept)))
