"""An allocation that takes longer than a page may wait: what was asked for, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.accounts import AccountId
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import AllocationStage

STALE = timedelta(minutes=3)
MOST_ATTEMPTS = 3


class AllocationTaskState(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class AllocationTask:
    """One allocation that was asked for; `beat_at` is when it was last heard of."""

    id: int
    state: AllocationTaskState
    stage: AllocationStage
    limits: AllocationLimits
    seed: int
    asked_at: datetime
    asked_by: AccountId | None = None
    began_at: datetime | None = None
    beat_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0
    allocation: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {AllocationTaskState.DONE, AllocationTaskState.FAILED, AllocationTaskState.STOPPED}

    def can_be_taken(self, now: datetime) -> bool:
        """Tell whether somebody should work on it: it waits, or whoever had it has not been heard of for long."""
        if self.state is AllocationTaskState.WAITING:
            return True
        silent = self.beat_at is None or now - self.beat_at > STALE
        return self.state is AllocationTaskState.RUNNING and silent

    def seconds(self, now: datetime) -> int:
        """Return how long it has been going on, or went on."""
        return max(0, round(((self.ended_at or now) - self.asked_at).total_seconds()))
