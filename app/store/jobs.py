"""Runs of scheduled tasks: one row per task and time slot, so that nothing runs twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import String

from app.store.database import Base, conflict_insert

HOST_SEPARATOR = "@"  # separates task name and host for tasks that run on every host


class JobRunRow(Base):
    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(String(64), primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]


_TABLE = cast("Table", JobRunRow.__table__)


def claim_slot(session: Session, job: str, *, slot: datetime, now: datetime) -> bool:
    """Claim a slot for this transaction; False if another process has or had it.

    Blocks while another transaction holds the slot; if that one fails, the slot is free again.
    """
    row = {"job": job, "slot": slot, "began_at": now}
    claimed = session.execute(
        conflict_insert(session, JobRunRow).values(row).on_conflict_do_nothing().returning(JobRunRow.job)
    )
    return claimed.first() is not None


def last_run(session: Session, job_names: Sequence[str] | None = None) -> datetime | None:
    """Return when a task, or one of `job_names`, last began, by the clock of its host."""
    query = select(func.max(JobRunRow.began_at))
    return session.scalar(query if job_names is None else query.where(JobRunRow.job.in_(job_names)))


def last_run_by_task(session: Session) -> dict[str, datetime]:
    """Return when each task last began, on any host."""
    newest_of_each = select(JobRunRow.job, func.max(JobRunRow.began_at)).group_by(JobRunRow.job)
    result = sorted(session.execute(newest_of_each).all(), key=lambda row: row[1])
    return {row.partition(HOST_SEPARATOR)[0]: began for row, began in result}


def host_count_of_task(session: Session, name: str, *, since: datetime) -> int:
    """Return on how many hosts a task that runs on every host has begun since a moment."""
    own = (JobRunRow.job.startswith(f"{name}{HOST_SEPARATOR}", autoescape=True), JobRunRow.began_at >= since)
    return session.scalar(select(func.count(JobRunRow.job.distinct())).where(*own)) or 0


def delete_before_except_newest(session: Session, *, before: datetime) -> None:
    """Delete old slots, except for the newest of each task."""
    slot = _TABLE.c.slot
    newest = select(func.max(slot)).group_by(_TABLE.c.job)
    session.execute(delete(_TABLE).where(slot < before, slot.not_in(newest)))
