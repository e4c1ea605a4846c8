"""An allocation that takes longer than a page may wait: what was asked for, and how far it has come."""

from dataclasses import dataclass

from app.core.matching.background_tasks import BackgroundTask
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import AllocationStage


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationTask(BackgroundTask):
    """One allocation that was asked for; `allocation` is its number when it is done."""

    stage: AllocationStage
    limits: AllocationLimits
    seed: int
    allocation: int | None = None
