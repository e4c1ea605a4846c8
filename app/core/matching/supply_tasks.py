"""A supply plan that is worked out in the background: what was asked for, how far it has come, and the answer."""

from dataclasses import dataclass
from datetime import datetime

from app.core.accounts import AccountId
from app.core.matching.allocation_tasks import STALE, AllocationTaskState
from app.core.matching.supply import SupplyPlan, SupplyStage
from app.core.matching.supply_case import SupplyRequest


@dataclass(frozen=True, slots=True)
class StoredSupplyPlan:
    """One request for a plan; `plan` is None until it is done, `beat_at` when it was last heard of.

    `left_out` is how many communities are not in it because nothing is known of them, `unpriced` how many of what
    could be held has no price.
    """

    id: int
    state: AllocationTaskState
    stage: SupplyStage
    request: SupplyRequest
    asked_at: datetime
    asked_by: AccountId | None = None
    began_at: datetime | None = None
    beat_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0
    plan: SupplyPlan | None = None
    weights: str = ""
    left_out: int = 0
    unpriced: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in {AllocationTaskState.WAITING, AllocationTaskState.RUNNING}

    def can_be_taken(self, now: datetime) -> bool:
        """Tell whether somebody should work on it: it waits, or whoever had it has not been heard of for long."""
        if self.state is AllocationTaskState.WAITING:
            return True
        silent = self.beat_at is None or now - self.beat_at > STALE
        return self.state is AllocationTaskState.RUNNING and silent

    def seconds(self, now: datetime) -> int:
        """Return how long it has been going on, or went on."""
        return max(0, round(((self.ended_at or now) - self.asked_at).total_seconds()))
