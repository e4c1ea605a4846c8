"""Supply plans: ask for one, work it out now or in the background, tell how far it has come."""

import time
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.matching.allocation_tasks import AllocationTaskState
from app.core.matching.supply import SupplyPlan, SupplyStage
from app.core.matching.supply_case import SupplyRequest
from app.core.matching.supply_planning import plan_supply
from app.core.matching.supply_tasks import StoredSupplyPlan
from app.services.supply.inputs import SupplyInputs, gather_inputs
from app.store import supply as store


class TaskLost(Exception):
    """The request was stopped, or another process has it by now."""


def request_plan(session: Session, request: SupplyRequest, *, by: AccountId | None, now: datetime) -> int:
    """Ask for a plan and return its number; one that is not over yet is stopped."""
    for unfinished in store.unfinished(session):
        store.end(session, unfinished.id, AllocationTaskState.STOPPED, now=now)
    return store.add(session, request, by=by, now=now)


def run_plan(session: Session, request: SupplyRequest, *, by: AccountId | None, now: datetime) -> int | None:
    """Work a plan out at once and keep it; None before the first release."""
    inputs = gather_inputs(session, request, now=now)
    if inputs is None:
        return None
    waiting = store.plan(session, request_plan(session, request, by=by, now=now))
    if waiting is None or (taken := take(session, waiting, now=now)) is None:
        return None
    finish(session, taken, plan_supply(inputs.case, clock=time.monotonic), inputs, now=now)
    return taken.id


def plan(session: Session, number: int) -> StoredSupplyPlan | None:
    """Return one plan, or None where there is none."""
    return store.plan(session, number)


def latest(session: Session) -> StoredSupplyPlan | None:
    """Return the newest plan that is done, or None."""
    return store.latest(session)


def stop(session: Session, number: int, *, now: datetime) -> None:
    """Stop a request; whoever works on it notices at the next stage."""
    store.end(session, number, AllocationTaskState.STOPPED, now=now)


def next_plan(session: Session, *, now: datetime) -> StoredSupplyPlan | None:
    """Return the oldest request that somebody should take, or None."""
    return next((waiting for waiting in store.unfinished(session) if waiting.can_be_taken(now)), None)


def take(session: Session, known: StoredSupplyPlan, *, now: datetime) -> StoredSupplyPlan | None:
    """Take a request as it was last seen; None if another process was quicker or it was tried too often."""
    return store.plan(session, known.id) if store.take(session, known, now=now) else None


def heartbeat(session: Session, taken: StoredSupplyPlan, stage: SupplyStage, *, now: datetime) -> None:
    """Note how far a plan has come; raises TaskLost."""
    if not store.heartbeat(session, taken.id, stage, attempt=taken.attempts, now=now):
        raise TaskLost(taken.id)


def finish(
    session: Session, taken: StoredSupplyPlan, found_plan: SupplyPlan, inputs: SupplyInputs, *, now: datetime
) -> None:
    """Keep the plan that was worked out; raises TaskLost."""
    heartbeat(session, taken, SupplyStage.KEEPING, now=now)
    store.finish(
        session,
        taken.id,
        found_plan,
        weights=inputs.weights,
        left_out=inputs.left_out,
        unpriced=inputs.unpriced,
        now=now,
    )


def fail(session: Session, taken: StoredSupplyPlan, *, now: datetime) -> None:
    """End a request that could not be done."""
    store.end(session, taken.id, AllocationTaskState.FAILED, now=now)
