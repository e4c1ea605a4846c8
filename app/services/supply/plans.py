"""Supply plans: ask for one, work it out now or in the background, keep what was found."""

import time
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.matching.background_tasks import TaskState
from app.core.matching.supply import SupplyPlan, SupplyStage
from app.core.matching.supply_case import SupplyRequest
from app.core.matching.supply_planning import plan_supply
from app.core.matching.supply_tasks import StoredSupplyPlan
from app.services.supply.inputs import SupplyInputs, gather_inputs
from app.store.supply import QUEUE


def request_plan(session: Session, request: SupplyRequest, *, by: AccountId | None, now: datetime) -> int:
    """Ask for a plan and return its number; one that is not over yet is stopped."""
    return QUEUE.add(session, stage=SupplyStage.GATHERING, by=by, now=now, request=asdict(request), weights_version="")


def run_plan(session: Session, request: SupplyRequest, *, by: AccountId | None, now: datetime) -> int | None:
    """Work a plan out at once and keep it; None before the first release."""
    inputs = gather_inputs(session, request, now=now)
    if inputs is None:
        return None
    waiting = QUEUE.task(session, request_plan(session, request, by=by, now=now))
    if waiting is None or (taken := QUEUE.take(session, waiting, now=now)) is None:
        return None
    finish(session, taken, plan_supply(inputs.case, clock=time.monotonic), inputs, now=now)
    return taken.id


def plan(session: Session, number: int) -> StoredSupplyPlan | None:
    """Return one plan, or None where there is none."""
    return QUEUE.task(session, number)


def stop(session: Session, number: int, *, now: datetime) -> None:
    """Stop a request; whoever works on it notices at the next stage."""
    QUEUE.end(session, number, TaskState.STOPPED, now=now)


def finish(
    session: Session, taken: StoredSupplyPlan, found_plan: SupplyPlan, inputs: SupplyInputs, *, now: datetime
) -> None:
    """Keep the plan that was worked out; raises TaskLost."""
    QUEUE.heartbeat(session, taken, SupplyStage.KEEPING, now=now)
    content = {"plan": asdict(found_plan), "left_out": inputs.left_out, "unpriced": inputs.unpriced}
    QUEUE.end(session, taken.id, TaskState.DONE, now=now, content=content, weights_version=inputs.weights)
