"""Linear and mixed-integer programmes for the seat allocation (scipy, HiGHS)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.scientific import Bounds, LinearConstraint, coo_matrix, diags, eye, hstack, milp

NEARLY = 1e-6
GAP = 0.001


@dataclass(frozen=True, slots=True)
class AllocationLimits:
    """Constraints on the whole allocation: a budget, "two colleagues or none", and the longest search time."""

    budget: float | None = None
    two_or_none: bool = False
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class RequestVariable:
    """A request as a variable of the linear programme: community, offering, organisation, and most seats."""

    community: str
    offering: str
    organisation: str
    most: int
    member: bool = True


@dataclass(frozen=True, slots=True)
class LpModel:
    """One allocation problem; `values` is the worth of a seat of each pair, all else is by name."""

    pairs: tuple[RequestVariable, ...]
    values: NDArray[np.float64]
    rooms: Mapping[str, int]
    minima: Mapping[str, int]
    quotas: Mapping[str, Mapping[str, int]]
    entitled: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class LpSolution:
    """Seats by pair, the promised floors, the common ratio, and whether it is exact."""

    seats: tuple[int, ...]
    floors: Mapping[str, int]
    ratio: float
    whole: bool


def solve(model: LpModel, held: frozenset[str], limits: AllocationLimits, *, with_floors: bool = True) -> LpSolution:
    """Maximise the common ratio of the floors, then the need met, for the offerings held.

    Without floors need alone decides. An empty problem has an empty answer.
    """
    if not model.pairs:
        return LpSolution((), {}, 1.0, whole=True)
    conditions = _conditions(model, held)
    communities = sorted(model.entitled)
    rows = sum_matrix(communities, [pair.community for pair in model.pairs])
    share = _reachable(model, held, communities)
    ratio = _largest_ratio(conditions, _most(model, held), rows, share) if with_floors else 0.0
    floors = np.floor(ratio * share + NEARLY)
    seats, floors, exists = _by_need(model, conditions, held, rows, floors, limits=limits)
    return LpSolution(
        seats=tuple(int(seat) for seat in seats),
        floors={name: int(floor) for name, floor in zip(communities, floors, strict=True)},
        ratio=ratio,
        whole=exists,
    )


def sum_matrix(names: Sequence[str], owners: Sequence[str]) -> Any:
    """Return the matrix that adds up variables by their owner, one row for each name."""
    place = {name: number for number, name in enumerate(names)}
    columns = [number for number, owner in enumerate(owners) if owner in place]
    rows = [place[owners[column]] for column in columns]
    return coo_matrix((np.ones(len(columns)), (rows, columns)), shape=(len(names), len(owners))).tocsr()


def _most(model: LpModel, held: frozenset[str]) -> NDArray[np.float64]:
    return np.array([pair.most if pair.offering in held else 0 for pair in model.pairs], dtype=float)


def _conditions(model: LpModel, held: frozenset[str]) -> list[LinearConstraint]:
    """Return capacity and group minimum of each offering that is held, and the quotas."""
    offerings = sorted(held)
    rows = sum_matrix(offerings, [pair.offering for pair in model.pairs])
    least = np.array([model.minima.get(offering, 0) for offering in offerings], dtype=float)
    # A minimum of one asks for nothing more than that somebody comes.
    least[least <= 1] = 0
    most = np.array([model.rooms[offering] for offering in offerings], dtype=float)
    return [LinearConstraint(rows, least, most), *quota_constraints(model)]


def quota_constraints(model: LpModel) -> list[LinearConstraint]:
    """Return the constraints on the seats that an organisation may have of an offering."""
    limited = [(item, place, most) for item, quotas in model.quotas.items() for place, most in quotas.items()]
    if not limited:
        return []
    names = [f"{offering} {organisation}" for offering, organisation, _most_seats in limited]
    rows = sum_matrix(names, [f"{pair.offering} {pair.organisation}" for pair in model.pairs])
    return [LinearConstraint(rows, -np.inf, np.array([most for _one, _place, most in limited], dtype=float))]


def _reachable(model: LpModel, held: frozenset[str], communities: Sequence[str]) -> NDArray[np.float64]:
    """Return the entitlements, none above what its community could get if it were alone.

    Else one community that asks only for what is not held would drag everybody's ratio to nothing.
    """
    alone = dict.fromkeys(communities, 0)
    for pair in model.pairs:
        quota = model.quotas.get(pair.offering, {}).get(pair.organisation, pair.most)
        if pair.offering in held:
            alone[pair.community] += min(pair.most, quota, model.rooms[pair.offering])
    return np.array([min(model.entitled[community], alone[community]) for community in communities], dtype=float)


def _largest_ratio(
    conditions: list[LinearConstraint], most: NDArray[np.float64], rows: Any, share: NDArray[np.float64]
) -> float:
    widened = [
        LinearConstraint(hstack([condition.A, _column(condition.A.shape[0])]).tocsr(), condition.lb, condition.ub)
        for condition in conditions
    ]
    fair = LinearConstraint(hstack([rows, coo_matrix(-share[:, None])]).tocsr(), 0, np.inf)
    aim = np.append(np.zeros(len(most)), -1.0)
    optimize_result = milp(aim, bounds=Bounds(0, np.append(most, 1.0)), constraints=[*widened, fair])
    return float(min(1.0, max(0.0, -optimize_result.fun))) if optimize_result.x is not None else 0.0


def _column(height: int) -> Any:
    return coo_matrix((height, 1))


def _by_need(
    model: LpModel,
    conditions: list[LinearConstraint],
    held: frozenset[str],
    rows: Any,
    floors: NDArray[np.float64],
    *,
    limits: AllocationLimits,
) -> tuple[NDArray[np.int64], NDArray[np.float64], bool]:
    """Give seats by need above the floors; where pairs make the floors too high, halve and then drop them.

    If even the group minima cannot be kept with pairs, they are left out here: whoever asked drops what
    stays under its minimum and asks again.
    """
    most = _most(model, held)
    for lowered in (floors, np.floor(floors / 2), np.zeros(len(floors))):
        promised = LinearConstraint(rows, lowered, np.inf)
        result = _solved(model.values, most, [*conditions, promised], limits=limits)
        if result is not None:
            return result[0], lowered, result[1]
    free = [LinearConstraint(condition.A, -np.inf, condition.ub) for condition in conditions]
    result = _solved(model.values, most, free, limits=limits)
    seats = np.zeros(len(most), dtype=np.int64) if result is None else result[0]
    return seats, np.zeros(len(floors)), False


def _solved(
    values: NDArray[np.float64],
    most: NDArray[np.float64],
    conditions: list[LinearConstraint],
    *,
    limits: AllocationLimits,
) -> tuple[NDArray[np.int64], bool] | None:
    number = len(most)
    if not limits.two_or_none:
        optimize_result = milp(-values, bounds=Bounds(0, most), constraints=conditions)
    else:
        # Each pair has a switch: off means no seat, on means at least two (one, where only one is asked for).
        widened = [
            LinearConstraint(
                hstack([condition.A, coo_matrix((condition.A.shape[0], number))]).tocsr(), condition.lb, condition.ub
            )
            for condition in conditions
        ]
        optimize_result = milp(
            np.append(-values, np.zeros(number)),
            integrality=np.ones(2 * number),
            bounds=Bounds(0, np.append(most, np.ones(number))),
            constraints=[*widened, *two_or_none_constraints(most)],
            options={"time_limit": limits.seconds, "mip_rel_gap": GAP},
        )
    if optimize_result.x is None:
        return None
    return np.round(optimize_result.x[:number]).astype(np.int64), optimize_result.status == 0


def two_or_none_constraints(most: NDArray[np.float64]) -> list[LinearConstraint]:
    """Return what ties each pair to its switch: off means no seat, on at least two (or all that was asked)."""
    item = eye(len(most), format="csr")
    return [
        LinearConstraint(hstack([item, -diags(most)]).tocsr(), -np.inf, 0),
        LinearConstraint(hstack([item, -diags(np.minimum(2, most))]).tocsr(), 0, np.inf),
    ]
