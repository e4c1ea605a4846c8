"""Monitoring metrics: whether tasks run or are stuck; never who answered or how many.

A figure that is asked for every few seconds and kept for years is a list of moments. So nothing is here
that an answer moves, not even by a byte: no count of requests, codes, messages or open boxes, no size of
a table or a file. A test asks for every figure before and after an answer.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.mail import WAITS_FOR_THANKS
from app.core.rounds import KeyMode, RoundState
from app.store import allocation_tasks, clock_skew, jobs, outbox, rounds
from app.store.rounds import RoundStatus

LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ServiceMetrics:
    """The monitoring figures of the service at one moment."""

    rounds: dict[str, int]
    late_rounds: int
    uncleaned_rounds: int
    last_jobs: dict[str, datetime]
    mail_batches: dict[str, int]
    mail_setbacks: int
    waiting_allocations: int
    has_clock_skew: bool | None  # this host's clock and the database's; None on SQLite


def collect_metrics(session: Session, *, now: datetime) -> ServiceMetrics:
    """Return all monitoring figures."""
    standing = rounds.round_statuses(session)
    states = Counter(str(round_status.state) for round_status in standing)
    return ServiceMetrics(
        rounds={str(state): states[str(state)] for state in RoundState},
        late_rounds=sum(_is_late(round_status, now) for round_status in standing),
        uncleaned_rounds=len(rounds.unwiped_rounds(session)),
        last_jobs=jobs.last_run_by_task(session),
        mail_batches=outbox.batch_counts_by_state(session),
        mail_setbacks=outbox.highest_setback_count(session),
        waiting_allocations=len(allocation_tasks.QUEUE.unfinished(session)),
        has_clock_skew=_has_clock_skew(session),
    )


def _has_clock_skew(session: Session) -> bool | None:
    """Tell whether the clocks are too far apart, and never how far: seconds would move with whatever waits."""
    skew = clock_skew.clock_skew(session)
    return None if skew is None else abs(skew) > clock_skew.MAX_SKEW


def _is_late(round_status: RoundStatus, now: datetime) -> bool:
    """Tell whether a round stands where the clock should have moved it from an hour ago."""
    if round_status.state is RoundState.DRAFT:
        return (
            round_status.key_mode is KeyMode.AUTOMATIC and round_status.opens_at + LATE < now < round_status.closes_at
        )
    if round_status.state is RoundState.CLOSED and round_status.key_mode is KeyMode.AUTOMATIC:
        return round_status.closes_at + WAITS_FOR_THANKS + LATE < now
    return round_status.state is RoundState.OPEN and round_status.closes_at + LATE < now
