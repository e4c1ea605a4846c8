"""Decide which courses the region can provide to whom: one linear programme, then a list per community.

If every community asks for its own best three courses, seats run out where many need the same. So the programme
chooses first what can be served (the largest expected gain with the seats that there are), and lists are filled with
the next best courses only as long as what is listed for a course asks at most twice its seats.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.scientific import csr_matrix, linprog

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

OVERBOOKED = 2.0  # what is listed for a course may ask for so many times its seats
SERVED_FROM = 0.5  # seats
# A community's best courses by expected gain that the programme looks at; more would hardly be served.
CANDIDATES = 25
FAINT = 1e-9


@dataclass(frozen=True, slots=True)
class SeatProblem:
    """Input of the linear programme that chooses seats by community and course.

    `gain` is the expected gain of one seat (0 where a course does not suit), `asks` how many seats a community takes
    of a course at most, `totals` of all courses together, `seats` what each course has.
    """

    gain: Floats
    asks: Integers
    totals: Integers
    seats: Integers

    def __post_init__(self) -> None:
        """Raise ValueError where the parts do not fit together."""
        shape = len(self.totals), len(self.seats)
        if self.gain.shape != shape or self.asks.shape != shape:
            message = f"gain and asks must be {shape}, not {self.gain.shape} and {self.asks.shape}"
            raise ValueError(message)


def solve_seat_programme(problem: SeatProblem, allowed: Flags | None = None) -> Floats:
    """Return seats by community and course that bring the largest expected gain.

    Formula: maximise sum of gain x seats, such that no course gives more than it has and no community takes more
    than it asks for, of a course and in all; where there are seats for it, every community that anything suits gets
    at least one. The matrix is that of a transport problem, so the answer is whole numbers (Dantzig 1951).
    `allowed` limits which courses a community may get.
    """
    open_to = (problem.gain > 0) & (problem.asks > 0) & (problem.seats > 0)[np.newaxis, :]
    open_to &= _best(problem.gain) if allowed is None else allowed
    rows, columns = np.nonzero(open_to)
    result = np.zeros(problem.gain.shape)
    if len(rows) == 0:
        return result
    seats = _solved(problem, rows, columns, floor=1.0)
    if seats is None:
        seats = _solved(problem, rows, columns, floor=0.0)
    if seats is not None:
        result[rows, columns] = np.round(seats)
    return result


def _best(gain: Floats) -> Flags:
    """Return the best courses of each community, at most CANDIDATES: a country's programme is solved in time."""
    count, width = gain.shape
    if width <= CANDIDATES:
        return np.ones(gain.shape, dtype=np.bool_)
    columns = np.argpartition(-gain, CANDIDATES - 1, axis=1)[:, :CANDIDATES]
    result = np.zeros(gain.shape, dtype=np.bool_)
    result[np.arange(count)[:, np.newaxis], columns] = True
    return result


def _solved(problem: SeatProblem, rows: Integers, columns: Integers, *, floor: float) -> Floats | None:
    """Solve the programme over the pairs that are open; None where the floor cannot be kept."""
    count = len(rows)
    communities, courses = problem.gain.shape
    ones = np.ones(count)
    pairs = np.arange(count)
    parts = [(ones, columns, pairs, courses), (ones, rows, pairs, communities)]
    limits = [problem.seats.astype(np.float64), problem.totals.astype(np.float64)]
    if floor:
        suited = np.bincount(rows, minlength=communities) > 0
        parts.append((-ones, rows, pairs, communities))
        limits.append(-floor * (suited & (problem.totals > 0)).astype(np.float64))
    offset = 0
    data = []
    where = []
    which = []
    for values, owners, variables, height in parts:
        data.append(values)
        where.append(owners + offset)
        which.append(variables)
        offset += height
    matrix = csr_matrix((np.concatenate(data), (np.concatenate(where), np.concatenate(which))), shape=(offset, count))
    answer = linprog(
        -(problem.gain[rows, columns] + FAINT),
        A_ub=matrix,
        b_ub=np.concatenate(limits),
        bounds=np.column_stack([np.zeros(count), problem.asks[rows, columns]]),
        method="highs",
    )
    return None if answer.x is None else np.asarray(answer.x, dtype=np.float64)
