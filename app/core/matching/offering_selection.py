"""Decide which offerings are held: each reaches its minimum group size, and all fit the budget.

Members and those who pay are looked at together: both count towards a minimum, and the price of a
time is paid once whoever sits there. What it is worth to members decides; those who pay weigh so
little that they only tip the scales where members are indifferent.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.core.matching.linear_programme import (
    GAP,
    AllocationLimits,
    LpModel,
    quota_constraints,
    sum_matrix,
    two_or_none_constraints,
)
from app.core.scientific import Bounds, LinearConstraint, coo_matrix, diags, hstack, milp

PAYING = 1e-4


def select_offerings(
    model: LpModel, limits: AllocationLimits, *, kept: Mapping[str, int], costs: Mapping[str, float]
) -> tuple[frozenset[str], bool]:
    """Return the offerings to hold, and whether the search was completed; `kept` are the seats reserved for members.

    The search is a mixed-integer programme and stops at the limit with the best found so far.
    """
    wanted = frozenset(pair.offering for pair in model.pairs)
    if not wanted or _is_plain(model, limits, wanted):
        return wanted, True
    offerings = sorted(wanted)
    number = len(model.pairs)
    height = len(offerings)
    most = np.array([pair.most for pair in model.pairs], dtype=float)
    conditions = [
        *_rooms(model, offerings, kept),
        *(LinearConstraint(hstack([quota.A, _empty(quota.A, height)]).tocsr(), quota.lb, quota.ub)
          for quota in quota_constraints(model)),
    ]  # fmt: skip
    if limits.budget is not None:
        paid = coo_matrix(np.array([[costs.get(offering, 0.0) for offering in offerings]]))
        conditions.append(LinearConstraint(hstack([coo_matrix((1, number)), paid]).tocsr(), 0, limits.budget))
    worth = model.values * np.array([1.0 if pair.member else PAYING for pair in model.pairs])
    switches = _search(worth, most, conditions, height, limits=limits)
    if switches is None:
        return frozenset(), False
    result, finished = switches
    return frozenset(item for item, on in zip(offerings, result, strict=True) if on), finished


def _is_plain(model: LpModel, limits: AllocationLimits, wanted: frozenset[str]) -> bool:
    grouped = any(model.minima.get(item, 0) > 1 for item in wanted)
    return limits.budget is None and not limits.two_or_none and not grouped


def _rooms(model: LpModel, offerings: Sequence[str], kept: Mapping[str, int]) -> list[LinearConstraint]:
    """Return capacity, group minimum, and the seats that only members may have, each tied to its switch."""
    everybody = sum_matrix(offerings, [pair.offering for pair in model.pairs])
    paying = everybody @ diags(np.array([0.0 if pair.member else 1.0 for pair in model.pairs]))
    rooms = np.array([model.rooms[offering] for offering in offerings], dtype=float)
    least = np.array([max(1, model.minima.get(offering, 0)) for offering in offerings], dtype=float)
    open_to_all = np.maximum(0, rooms - np.array([kept.get(offering, 0) for offering in offerings], dtype=float))
    return [
        LinearConstraint(hstack([everybody, -diags(rooms)]).tocsr(), -np.inf, 0),
        LinearConstraint(hstack([everybody, -diags(least)]).tocsr(), 0, np.inf),
        LinearConstraint(hstack([paying, -diags(open_to_all)]).tocsr(), -np.inf, 0),
    ]


def _search(
    worth: np.ndarray, most: np.ndarray, conditions: list[LinearConstraint], height: int, *, limits: AllocationLimits
) -> tuple[np.ndarray, bool] | None:
    """Return the switches of the offerings, and whether no better ones can exist."""
    number = len(most)
    paired = number if limits.two_or_none else 0
    widened = [
        LinearConstraint(hstack([condition.A, _empty(condition.A, paired)]).tocsr(), condition.lb, condition.ub)
        for condition in conditions
    ]
    if paired:
        widened += [
            LinearConstraint(
                hstack(
                    [
                        linear_constraint.A[:, :number],
                        _empty(linear_constraint.A, height),
                        linear_constraint.A[:, number:],
                    ]
                ).tocsr(),
                linear_constraint.lb,
                linear_constraint.ub,
            )
            for linear_constraint in two_or_none_constraints(most)
        ]
    optimize_result = milp(
        np.append(-worth, np.zeros(height + paired)),
        integrality=np.concatenate([np.full(number, float(bool(paired))), np.ones(height + paired)]),
        bounds=Bounds(0, np.concatenate([most, np.ones(height + paired)])),
        constraints=widened,
        options={"time_limit": limits.seconds, "mip_rel_gap": GAP},
    )
    return (
        None
        if optimize_result.x is None
        else (optimize_result.x[number : number + height] > 1 / 2, optimize_result.status == 0)
    )


def _empty(beside: Any, width: int) -> Any:
    return coo_matrix((beside.shape[0], width))
