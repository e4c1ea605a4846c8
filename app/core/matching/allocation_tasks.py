"""Background task that computes a seat allocation: its request and its progress."""

from dataclasses import dataclass

from app.core.matching.background_tasks import BackgroundTask
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import AllocationStage


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationTask(BackgroundTask):
    """A seat allocation that was requested; `allocation` is its number once it is done."""

    stage: AllocationStage
    limits: AllocationLimits
    seed: int
    allocation: int | None = None
