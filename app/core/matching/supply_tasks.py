"""A supply plan that is worked out in the background: what was asked for, how far it has come, and the answer."""

from dataclasses import dataclass

from app.core.matching.background_tasks import BackgroundTask
from app.core.matching.supply import SupplyPlan, SupplyStage
from app.core.matching.supply_case import SupplyRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSupplyPlan(BackgroundTask):
    """One request for a plan; `plan` is None until it is done.

    `left_out` is how many communities are not in it because nothing is known of them, `unpriced` how many of what
    could be held has no price.
    """

    stage: SupplyStage
    request: SupplyRequest
    plan: SupplyPlan | None = None
    weights: str = ""
    left_out: int = 0
    unpriced: int = 0
