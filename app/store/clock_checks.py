"""Clock state of each host: the last trusted time, and an unconfirmed jump."""

import hashlib
import platform
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import cast

from sqlalchemy import Float, Table, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import String

from app.core.clock_jumps import ClockCheck, ClockReading
from app.store import database_clock
from app.store.database import Base, conflict_insert, has_table, is_postgresql

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
MACHINE_LENGTH = 12


class ClockCheckRow(Base):
    __tablename__ = "clock_check"

    machine: Mapped[str] = mapped_column(String(MACHINE_LENGTH), primary_key=True)
    trusted_at: Mapped[datetime]
    anchor_at: Mapped[datetime | None]
    anchor_timer: Mapped[float | None] = mapped_column(Float)
    jumped_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]


_TABLE = cast("Table", ClockCheckRow.__table__)


def has_checks_table(session: Session) -> bool:
    """Tell whether the table exists: a database before its migrations lacks it."""
    return has_table(session, _TABLE)


def read_clock(session: Session, now: datetime) -> ClockReading:
    """Return the clock and this machine's timer.

    A machine is one start of one kernel: containers on the same machine have the same clock, and count once. Without a
    boot id or a timer that goes on during sleep, as on macOS, there is no timer to compare with.
    """
    has_timer = BOOT_ID.exists() and hasattr(time, "CLOCK_BOOTTIME")
    identity = BOOT_ID.read_text() if has_timer else platform.node()
    return ClockReading(
        machine=hashlib.sha256(identity.encode()).hexdigest()[:MACHINE_LENGTH],
        now=now,
        timer=database_clock.seconds_since_boot() if has_timer else None,
        is_shared=is_postgresql(session),
    )


def checks(session: Session) -> tuple[ClockCheck, ...]:
    """Return what all machines know."""
    rows = session.scalars(select(ClockCheckRow).order_by(ClockCheckRow.machine)).all()
    return tuple(
        ClockCheck(
            machine=row.machine,
            trusted_at=row.trusted_at,
            anchor_at=row.anchor_at,
            anchor_timer=row.anchor_timer,
            jumped_at=row.jumped_at,
            agreed_at=row.agreed_at,
        )
        for row in rows
    )


def upsert(session: Session, check: ClockCheck) -> None:
    """Store what a machine knows in place of what it knew."""
    row = asdict(check)
    insert = conflict_insert(session, ClockCheckRow).values(row)
    session.execute(insert.on_conflict_do_update(index_elements=[ClockCheckRow.machine], set_=row))


def delete_all(session: Session) -> None:
    """Delete what all machines know: the time is settled anew."""
    session.execute(delete(ClockCheckRow))


def delete_before(session: Session, *, before: datetime) -> None:
    """Delete machines that trusted the time last before a moment: they were shut down."""
    session.execute(delete(ClockCheckRow).where(ClockCheckRow.trusted_at < before))
