"""Detect clock jumps, and decide whether irreversible actions may use the current time.

A round that is closed or counted because the clock jumped forward stays so. So the clock is compared with a timer
that nobody can set, and across a restart of the machine with the last time that was trusted. All times are UTC, so
daylight saving is no jump; a leap second is far below the limit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_STEP = timedelta(minutes=5)
"""By how much the clock may be ahead of the timer: time servers correct less, and so do pauses of a virtual machine."""

MAX_GAP = timedelta(days=1)
"""How long all machines may have been off: from inside, a longer downtime and a wrong clock look the same."""

SETTLING = timedelta(minutes=10)
"""How long after the start of a machine its clock may still be set by time servers; no step is judged by then."""

AGREEMENT_AGE = timedelta(minutes=2)
"""For how long it counts that a machine's own clock agreed with the database's."""


@dataclass(frozen=True, slots=True)
class ClockCheck:
    """What one machine knows of the clock, from its start to its shutdown.

    At `anchor_at` its timer showed `anchor_timer` seconds; both are None before SETTLING and without a timer. The time
    was last trusted at `trusted_at`. From `jumped_at` on it is not trusted. `agreed_at` is when this machine's own
    clock last agreed with the database's while the time was not trusted.
    """

    machine: str
    trusted_at: datetime
    anchor_at: datetime | None = None
    anchor_timer: float | None = None
    jumped_at: datetime | None = None
    agreed_at: datetime | None = None

    @property
    def own_timer_contradicts_clock(self) -> bool:
        """Whether this machine's own timer contradicts the clock."""
        return self.jumped_at is not None and self.anchor_timer is not None


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Clock and timer of a machine at one moment; no timer where the system has none that goes on during sleep.

    With `is_shared` the clock is the database's, and this machine's own clock agrees with it.
    """

    machine: str
    now: datetime
    timer: float | None
    is_shared: bool

    @property
    def is_machine_up_long_enough(self) -> bool:
        """Whether the machine has been running for long enough that its clock is set."""
        return self.timer is None or self.timer >= SETTLING.total_seconds()


@dataclass(frozen=True, slots=True)
class ClockJump:
    """A jump that holds automatic tasks: the last trusted time, and when the jump was noticed, by the jumped clock."""

    last_trusted_at: datetime
    noticed_at: datetime


def find_own_check(checks: Iterable[ClockCheck], machine: str) -> ClockCheck | None:
    """Return what a machine knows, or None."""
    return next((check for check in checks if check.machine == machine), None)


def clock_step(check: ClockCheck | None, reading: ClockReading) -> timedelta | None:
    """Return by how much the clock went further than the timer since the anchor; None if there is nothing to compare.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    >>> check = ClockCheck("a", trusted_at=noon, anchor_at=noon, anchor_timer=1000.0)
    >>> clock_step(check, ClockReading("a", now=noon + timedelta(days=8), timer=1060.0, is_shared=False))
    datetime.timedelta(days=7, seconds=86340)
    """
    if check is None or check.anchor_at is None or check.anchor_timer is None or reading.timer is None:
        return None
    return (reading.now - check.anchor_at) - timedelta(seconds=reading.timer - check.anchor_timer)


def is_time_trusted(checks: Sequence[ClockCheck], reading: ClockReading, *, last_run: datetime | None) -> bool:
    """Tell whether tasks that cannot be undone may run by this reading.

    Where this machine's timer can tell, it decides. Else a jump that was noticed before holds until the clock is set
    back behind it, and so does a gap of more than MAX_GAP since the last trusted time. `last_run` stands for that time
    in a database of an earlier version; a new installation has none and is trusted. A second machine ends all of it.
    """
    step = clock_step(find_own_check(checks, reading.machine), reading)
    if step is not None:
        has_jumped = step > MAX_STEP
    else:
        has_jumped = find_jump(checks, now=reading.now) is not None or _is_after_gap(checks, reading.now, last_run)
    return not has_jumped or _is_confirmed(checks, reading, is_denied_here=step is not None)


def _is_after_gap(checks: Sequence[ClockCheck], now: datetime, last_run: datetime | None) -> bool:
    known = max((check.trusted_at for check in checks), default=last_run)
    return known is not None and now - known > MAX_GAP


def _is_confirmed(checks: Sequence[ClockCheck], reading: ClockReading, *, is_denied_here: bool) -> bool:
    """Tell whether the own clocks of two machines agree with the database's, and the timer of one denies no jump.

    Where the timers of all machines tell of a jump, their clocks follow the same wrong time server.
    """
    if not reading.is_shared:
        return False
    others = [
        check
        for check in checks
        if check.machine != reading.machine
        and check.agreed_at is not None
        and abs(reading.now - check.agreed_at) <= AGREEMENT_AGE
    ]
    return bool(others) and not (is_denied_here and all(check.own_timer_contradicts_clock for check in others))


def find_jump(checks: Sequence[ClockCheck], *, now: datetime) -> ClockJump | None:
    """Return the jump that was noticed and neither confirmed nor set back, or None."""
    noticed = [check.jumped_at for check in checks if check.jumped_at is not None and check.jumped_at <= now]
    if not noticed:
        return None
    return ClockJump(last_trusted_at=max(check.trusted_at for check in checks), noticed_at=min(noticed))


def is_set_back(checks: Sequence[ClockCheck], reading: ClockReading) -> bool:
    """Tell whether the clock is behind a time that was trusted before."""
    step = clock_step(find_own_check(checks, reading.machine), reading)
    if step is not None and step < -MAX_STEP:
        return True
    return any(check.trusted_at - reading.now > MAX_STEP for check in checks)
