"""Background task that computes a supply plan: its request, its progress and the plan."""

from dataclasses import dataclass

from app.core.matching.background_tasks import BackgroundTask
from app.core.matching.supply import SupplyPlan, SupplyPlanComputationStage
from app.core.matching.supply_case import SupplyPlanRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyPlanTask(BackgroundTask):
    """One request for a plan; `plan` is None until it is done.

    `left_out` is how many communities are not in it because nothing is known of them, `unpriced` how many of what
    could be held has no price.
    """

    stage: SupplyPlanComputationStage
    request: SupplyPlanRequest
    plan: SupplyPlan | None = None
    weights: str = ""
    left_out: int = 0
    unpriced: int = 0
