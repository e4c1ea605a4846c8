"""Integer disclosure attack: answers are whole options of whole people, which narrows the bounds a little.

Only for measures of one item: every answer is one of a few options, and a mixed integer program finds
the lowest and the highest sum of a hidden set.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.core.disclosure.statements import AttackerKnowledge
from app.core.scientific import Bounds, LinearConstraint, csr_matrix, milp

TIME_LIMIT_SECONDS = 10.0
EPSILON = 1e-7


def integer_bounds(
    knowledge: AttackerKnowledge, counts: Mapping[int, int], leaves: Sequence[int]
) -> tuple[int, int] | None:
    """Return the lowest and highest possible sum of a set's answers, in steps.

    None if the time limit was reached; ValueError if no answers fit.
    """
    options = round((knowledge.measure.high - knowledge.measure.low) / knowledge.measure.step) + 1
    constraint = _constraint(knowledge, counts, options)
    objective = np.zeros((len(knowledge.leaves), options))
    objective[list(leaves)] = np.arange(options)
    ends = []
    for sign in (1, -1):
        optimize_result = milp(
            sign * objective.ravel(),
            constraints=constraint,
            integrality=np.ones(objective.size),
            bounds=Bounds(0, np.inf),
            options={"time_limit": TIME_LIMIT_SECONDS},
        )
        if optimize_result.status == 2:
            raise ValueError("no answers fit what was read")
        if optimize_result.status != 0:
            return None
        ends.append(sign * round(optimize_result.fun))
    return ends[0], ends[1]


def _constraint(knowledge: AttackerKnowledge, counts: Mapping[int, int], options: int) -> LinearConstraint:
    share = np.arange(options) / (options - 1)
    third = np.where(share < 1 / 3 - EPSILON, 0, np.where(share > 2 / 3 + EPSILON, 2, 1))
    low = knowledge.measure.low
    width = knowledge.measure.high - knowledge.measure.low
    rows = []
    least = []
    most = []
    for statement in knowledge.statements:
        n = sum(counts[leaf] for leaf in statement.leaves)
        rows.append(_row(knowledge, statement.leaves, share))
        least.append(n * (statement.mean[0] - low) / width - EPSILON)
        most.append(n * (statement.mean[1] - low) / width + EPSILON)
        for place, bounds in enumerate(statement.shares):
            rows.append(_row(knowledge, statement.leaves, (third == place).astype(np.float64)))
            least.append(n * bounds[0] - EPSILON)
            most.append(n * bounds[1] + EPSILON)
    for leaf in range(len(knowledge.leaves)):
        rows.append(_row(knowledge, (leaf,), np.ones(options)))
        least.append(float(counts[leaf]))
        most.append(float(counts[leaf]))
    return LinearConstraint(csr_matrix(np.array(rows)), np.array(least), np.array(most))


def _row(knowledge: AttackerKnowledge, leaves: Sequence[int], values: NDArray[np.float64]) -> NDArray[np.float64]:
    table = np.zeros((len(knowledge.leaves), len(values)))
    table[list(leaves)] = values
    return table.ravel()
