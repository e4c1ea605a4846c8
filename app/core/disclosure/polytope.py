"""Linear program over all answers consistent with the known statements, to bound the mean of a set.

The answers of each leaf are distributed over a few levels (the ends of the range, or of each third if
distributions are published), which covers every number of answers with every mean. The mean of a set
of unknown size is a ratio; the substitution of Charnes and Cooper (1962) makes it linear. One
HiGHS model is reused and solved again from the last basis.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.core.disclosure.statements import AttackerKnowledge
from app.core.scientific import csr_matrix, highspy
from app.lazy import lazy_module

if TYPE_CHECKING:
    from app.core.disclosure import quiet_highs
else:
    quiet_highs = lazy_module("app.core.disclosure.quiet_highs")  # a subclass of the solver's class

ENDS = (0.0, 1.0)
THIRDS = (0.0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1.0)
SLACK = 1e-9
PRIMAL_SIMPLEX = 4  # value of the HiGHS option simplex_strategy
MAX_SOLUTIONS = 1000  # stored solutions, which often show without solving that another set is not broken

Row = tuple[Sequence[int], NDArray[np.float64], float]


class InconsistentStatements(Exception):
    """The statements contradict each other; no conclusion is possible."""


class Polytope:
    """All answers consistent with `knowledge`; `counts` (by leaf) is the known number of answers."""

    def __init__(self, knowledge: AttackerKnowledge, *, counts: Mapping[int, int] | None = None):
        low = knowledge.measure.low
        high = knowledge.measure.high
        self._low = low
        self._range = high - low
        self._levels = np.array(THIRDS if any(statement.shares for statement in knowledge.statements) else ENDS)
        rows = [*self._statement_rows(knowledge), *self._count_rows(knowledge, counts)]
        self._columns = len(knowledge.leaves) * len(self._levels)
        self._model = self._build_model(rows)
        self._normalising_row = len(rows)
        self._counts = counts
        if counts is not None:
            self._fix_scale()
        self._solutions = np.zeros((2, MAX_SOLUTIONS, len(knowledge.leaves)))
        self._solution_count = 0

    def bounds(self, leaves: Sequence[int]) -> tuple[float, float]:
        """Return the lowest and the highest possible mean of these leaves together, in the measure's unit."""
        columns = [leaf * len(self._levels) + level for leaf in leaves for level in range(len(self._levels))]
        costs = np.tile(self._levels, len(leaves))
        if self._counts is not None:
            costs = costs / max(sum(self._counts[leaf] for leaf in leaves), 1)
        self._normalise(columns, 1.0)
        ends = [sign * self._minimise(columns, sign * costs) for sign in (1.0, -1.0)]
        self._normalise(columns, 0.0)
        for column in columns:
            self._model.changeColCost(column, 0.0)
        return self._low + self._range * ends[0], self._low + self._range * ends[1]

    def _fix_scale(self) -> None:
        """Remove the substitution if the sizes are known: then only the cost changes from set to set.

        The last solution stays feasible, and the primal simplex continues from it.
        """
        self._model.changeColBounds(self._columns, 1.0, 1.0)
        self._model.changeRowBounds(self._normalising_row, -highspy.kHighsInf, highspy.kHighsInf)
        self._model.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)

    def _normalise(self, columns: Sequence[int], coefficient: float) -> None:
        if self._counts is None:
            for column in columns:
                self._model.changeCoeff(self._normalising_row, column, coefficient)

    def bounds_in_stored_solutions(self, leaves: Sequence[int]) -> tuple[float, float]:
        """Return the lowest and highest mean of these leaves among the stored solutions.

        Every solution satisfies all statements, so the true bounds are at least as wide.
        """
        chosen = list(leaves)
        n = self._solutions[0][: self._solution_count, chosen].sum(axis=1)
        sums = self._solutions[1][: self._solution_count, chosen].sum(axis=1)
        means = sums[n >= 1] / n[n >= 1]
        if not len(means):
            return self._low, self._low
        return self._low + self._range * float(means.min()), self._low + self._range * float(means.max())

    def _store_solution(self) -> None:
        values = np.array(self._model.getSolution().col_value)
        if values[-1] > SLACK:
            answers = (values[:-1] / values[-1]).reshape(-1, len(self._levels))
            position = min(self._solution_count, MAX_SOLUTIONS - 1)
            self._solutions[0][position] = answers.sum(axis=1)
            self._solutions[1][position] = answers @ self._levels
            self._solution_count = min(self._solution_count + 1, MAX_SOLUTIONS)

    def _minimise(self, columns: Sequence[int], costs: NDArray[np.float64]) -> float:
        for column, value in zip(columns, costs, strict=True):
            self._model.changeColCost(column, float(value))
        self._model.run()
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._model.clearSolver()
            self._model.run()
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise InconsistentStatements("No answers fit all that was read; counts or coverage were misread.")
        self._store_solution()
        return float(self._model.getInfo().objective_function_value)

    def _statement_rows(self, knowledge: AttackerKnowledge) -> list[Row]:
        """Return statements as rows: the sum of coefficient x answers is at most the limit."""
        item = np.ones(len(self._levels))
        rows: list[Row] = []
        for statement in knowledge.statements:
            low, high = ((end - self._low) / self._range for end in statement.mean)
            rows.append((statement.leaves, -item, -statement.answers[0]))
            if np.isfinite(statement.answers[1]):
                rows.append((statement.leaves, item, statement.answers[1]))
            if low > 0:
                rows.append((statement.leaves, low - self._levels, SLACK))
            if high < 1:
                rows.append((statement.leaves, self._levels - high, SLACK))
            for third, (least, most) in enumerate(statement.shares):
                inside = np.where(np.arange(len(self._levels)) // 2 == third, 1.0, 0.0)
                rows.append((statement.leaves, least - inside, SLACK))
                rows.append((statement.leaves, inside - most, SLACK))
        return rows

    def _count_rows(self, knowledge: AttackerKnowledge, counts: Mapping[int, int] | None) -> list[Row]:
        """Return rows for the invited people, or for the known number of answers."""
        item = np.ones(len(self._levels))
        if counts is None:
            return [([index], item, float(cell.invited)) for index, cell in enumerate(knowledge.leaves)]
        rows: list[Row] = []
        for index in range(len(knowledge.leaves)):
            rows.append(((index,), item, float(counts[index])))
            rows.append(((index,), -item, -float(counts[index])))
        return rows

    def _build_model(self, rows: Sequence[Row]) -> "highspy.Highs":
        size = len(self._levels)
        sizes = np.array([len(leaves) for leaves, _, _ in rows], dtype=np.intp)
        leaves = np.fromiter(chain.from_iterable(leaves for leaves, _, _ in rows), np.intp)
        numbers = np.arange(len(rows))
        columns = (leaves[:, None] * size + np.arange(size)).ravel()
        values = np.repeat(
            np.array([coefficients for _, coefficients, _ in rows]).reshape(-1, size), sizes, axis=0
        ).ravel()
        limits = np.array([limit for _, _, limit in rows])
        columns = np.append(columns, np.full(len(rows), self._columns))
        values = np.append(values, -limits)
        places = np.append(np.repeat(numbers, sizes * size), numbers)
        return _model(csr_matrix((values, (places, columns)), (len(rows) + 1, self._columns + 1)))


def _model(matrix: csr_matrix) -> "highspy.Highs":
    """Return a model with rows at most 0, a last row (empty at first) equal to 1, and columns at least 0."""
    height, width = matrix.shape
    program = highspy.HighsLp()
    program.num_col_ = width
    program.num_row_ = height
    program.col_cost_ = np.zeros(width)
    program.col_lower_ = np.zeros(width)
    program.col_upper_ = np.append(np.full(width - 1, highspy.kHighsInf), 1.0)
    program.row_lower_ = np.append(np.full(height - 1, -highspy.kHighsInf), 1.0)
    program.row_upper_ = np.append(np.zeros(height - 1), 1.0)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = matrix.indptr
    program.a_matrix_.index_ = matrix.indices
    program.a_matrix_.value_ = matrix.data
    model = quiet_highs.QuietHighs()  # type: ignore[no-untyped-call]  # highspy has no types
    for option, value in (("presolve", "off"), ("threads", 1)):
        model.setOptionValue(option, value)
    model.passModel(program)
    return model
