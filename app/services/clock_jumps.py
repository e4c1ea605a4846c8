"""Detect clock jumps, pause irreversible tasks, and let a person confirm the time.

The scheduler checks the clock at each turn and stores what it finds, so that a jump is known to every process, page
and command, and survives restarts.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core import clock_jumps as core
from app.core.clock_jumps import ClockCheck, ClockJump, ClockReading
from app.store import clock_checks, jobs

STORE_EVERY = timedelta(minutes=5)
ANCHOR_EVERY = timedelta(days=1)
FORGET_AFTER = timedelta(days=7)
REMEDY = "If the time is right: ./run flask clock confirm, or the coordinator's page. If not, set the clock right."


def jump_message(jump: ClockJump) -> str:
    """Return a sentence for the log and the doctor."""
    return (
        f"Time jumped forward: {jump.last_trusted_at:%Y-%m-%d %H:%M} UTC is the last trusted time, "
        f"{jump.noticed_at:%Y-%m-%d %H:%M} the first after it. No round is opened, closed or counted by schedule."
    )


def find_jump(session: Session, *, now: datetime) -> ClockJump | None:
    """Return the jump that holds automatic tasks, or None."""
    if not clock_checks.has_checks_table(session):
        return None
    return core.find_jump(clock_checks.checks(session), now=now)


def must_store(session: Session, reading: ClockReading) -> bool:
    """Tell whether `check_and_store` has something to store; most turns have not, and need no write transaction."""
    if not clock_checks.has_checks_table(session):
        return False
    found = clock_checks.checks(session)
    if not _is_trusted(session, found, reading) or _has_flags(found):
        return True
    own = core.find_own_check(found, reading.machine)
    if core.is_set_back(found, reading):
        return reading.is_machine_up_long_enough
    return own is None or _needs_anchor(own, reading) or reading.now - own.trusted_at >= STORE_EVERY


def check_and_store(session: Session, reading: ClockReading) -> ClockJump | None:
    """Compare the clock with what is known, store the result, and return the jump that holds, or None."""
    if not clock_checks.has_checks_table(session):
        return None
    found = clock_checks.checks(session)
    if _is_trusted(session, found, reading):
        _store_trust(session, found, reading)
        return None
    return _store_jump(session, found, reading)


def confirm(session: Session, reading: ClockReading) -> None:
    """Trust the present time because a person confirmed it; all machines compare with it from now on."""
    clock_checks.delete_all(session)
    clock_checks.upsert(session, _anchored(reading))


def _is_trusted(session: Session, found: Sequence[ClockCheck], reading: ClockReading) -> bool:
    last_run = None if found else jobs.last_run(session)
    return core.is_time_trusted(found, reading, last_run=last_run)


def _has_flags(found: Sequence[ClockCheck]) -> bool:
    return any(check.jumped_at is not None for check in found)


def _needs_anchor(own: ClockCheck, reading: ClockReading) -> bool:
    if reading.timer is None or not reading.is_machine_up_long_enough:
        return False
    return own.anchor_at is None or reading.now - own.anchor_at >= ANCHOR_EVERY


def _anchored(reading: ClockReading) -> ClockCheck:
    fresh = ClockCheck(reading.machine, trusted_at=reading.now)
    if reading.timer is None or not reading.is_machine_up_long_enough:
        return fresh
    return replace(fresh, anchor_at=reading.now, anchor_timer=reading.timer)


def _store_trust(session: Session, found: Sequence[ClockCheck], reading: ClockReading) -> None:
    is_set_back = core.is_set_back(found, reading)
    if is_set_back and not reading.is_machine_up_long_enough:
        return  # host just started: its clock is about to be corrected, which is no jump
    if is_set_back or _has_flags(found):
        confirm(session, reading)
        return
    clock_checks.delete_before(session, before=reading.now - FORGET_AFTER)
    own = core.find_own_check(found, reading.machine)
    if own is None or _needs_anchor(own, reading):
        clock_checks.upsert(session, _anchored(reading))
    else:
        clock_checks.upsert(session, replace(own, trusted_at=reading.now))


def _store_jump(session: Session, found: Sequence[ClockCheck], reading: ClockReading) -> ClockJump:
    own = core.find_own_check(found, reading.machine)
    if own is None:
        known = max((check.trusted_at for check in found), default=None) or jobs.last_run(session)
        own = ClockCheck(reading.machine, trusted_at=known or reading.now)
    is_known = own.jumped_at is not None and own.jumped_at <= reading.now
    own = replace(own, jumped_at=own.jumped_at if is_known else reading.now, agreed_at=reading.now)
    clock_checks.upsert(session, own)
    jump = core.find_jump((*(check for check in found if check.machine != own.machine), own), now=reading.now)
    assert jump is not None, "this machine has just noticed it"
    return jump
