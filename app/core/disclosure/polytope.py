"""All answers that fit what was read, as a linear program: how low and how high a mean may be.

Each leaf's answers are spread over a few levels (the ends of the range, or of each third where
distributions are printed), which spans every number of answers with every mean. The mean of a set
whose size is unknown is a ratio; Charnes and Cooper's (1962) substitution makes it linear. One
HiGHS model is kept and solved again from the last basis.
"""

from collections.abc import Mapping, Sequence

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from app.core.disclosure.statements import AttackerKnowledge

ENDS = (0.0, 1.0)
THIRDS = (0.0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1.0)
SLACK = 1e-9
PRIMAL = 4  # HiGHS's number of the primal simplex
REMEMBERED = 1000  # solutions kept, to show other sets wide without solving again

Row = tuple[Sequence[int], NDArray[np.float64], float]


class InconsistentStatements(Exception):
    """What was read cannot all be true at once; nothing may be concluded from it."""


class _QuietHighs(highspy.Highs):
    """A model that writes nothing to the terminal or into a service's log, not even the solver's name."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the solver's own name; called while a model is being made
        """Be silent before the first deed of the solver, which would write its name."""
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]  # highspy has no types


class Polytope:
    """The answers that fit a reading; `counts` (by leaf) is what an attacker knows of who answered."""

    def __init__(self, knowledge: AttackerKnowledge, *, counts: Mapping[int, int] | None = None):
        low = knowledge.measure.low
        high = knowledge.measure.high
        self._low = low
        self._range = high - low
        self._levels = np.array(THIRDS if any(statement.shares for statement in knowledge.statements) else ENDS)
        rows = [*self._said(knowledge), *self._known(knowledge, counts)]
        self._columns = len(knowledge.leaves) * len(self._levels)
        self._model = self._prepared(rows)
        self._last = len(rows)
        self._counts = counts
        if counts is not None:
            self._fix_scale()
        self._found = np.zeros((2, REMEMBERED, len(knowledge.leaves)))
        self._many = 0

    def bounds(self, leaves: Sequence[int]) -> tuple[float, float]:
        """Return the lowest and the highest mean that these leaves may have together, in print's unit."""
        columns = [leaf * len(self._levels) + place for leaf in leaves for place in range(len(self._levels))]
        worth = np.tile(self._levels, len(leaves))
        if self._counts is not None:
            worth = worth / max(sum(self._counts[leaf] for leaf in leaves), 1)
        self._normalise(columns, 1.0)
        ends = [sign * self._least(columns, sign * worth) for sign in (1.0, -1.0)]
        self._normalise(columns, 0.0)
        for column in columns:
            self._model.changeColCost(column, 0.0)
        return self._low + self._range * ends[0], self._low + self._range * ends[1]

    def _fix_scale(self) -> None:
        """Leave the substitution out where sizes are known: only the cost changes from set to set.

        The last solution then stays feasible, and the primal simplex goes on from it.
        """
        self._model.changeColBounds(self._columns, 1.0, 1.0)
        self._model.changeRowBounds(self._last, -highspy.kHighsInf, highspy.kHighsInf)
        self._model.setOptionValue("simplex_strategy", PRIMAL)

    def _normalise(self, columns: Sequence[int], coefficient: float) -> None:
        if self._counts is None:
            for column in columns:
                self._model.changeCoeff(self._last, column, coefficient)

    def seen(self, leaves: Sequence[int]) -> tuple[float, float]:
        """Return the lowest and highest mean of these leaves among the solutions found so far.

        Every solution fits all that was read, so the true bounds are at least as wide.
        """
        chosen = list(leaves)
        n = self._found[0][: self._many, chosen].sum(axis=1)
        sums = self._found[1][: self._many, chosen].sum(axis=1)
        means = sums[n >= 1] / n[n >= 1]
        if not len(means):
            return self._low, self._low
        return self._low + self._range * float(means.min()), self._low + self._range * float(means.max())

    def _remember(self) -> None:
        values = np.array(self._model.getSolution().col_value)
        if values[-1] > SLACK:
            answers = (values[:-1] / values[-1]).reshape(-1, len(self._levels))
            place = min(self._many, REMEMBERED - 1)
            self._found[0][place] = answers.sum(axis=1)
            self._found[1][place] = answers @ self._levels
            self._many = min(self._many + 1, REMEMBERED)

    def _least(self, columns: Sequence[int], worth: NDArray[np.float64]) -> float:
        for column, value in zip(columns, worth, strict=True):
            self._model.changeColCost(column, float(value))
        self._model.run()
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._model.clearSolver()
            self._model.run()
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise InconsistentStatements("No answers fit all that was read; counts or coverage were misread.")
        self._remember()
        return float(self._model.getInfo().objective_function_value)

    def _said(self, knowledge: AttackerKnowledge) -> list[Row]:
        """Write statements as rows: the sum of coefficient x answers is at most the last number."""
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

    def _known(self, knowledge: AttackerKnowledge, counts: Mapping[int, int] | None) -> list[Row]:
        """Write what is known without the report: who was invited, and perhaps who answered."""
        item = np.ones(len(self._levels))
        if counts is None:
            return [([index], item, float(cell.invited)) for index, cell in enumerate(knowledge.leaves)]
        rows: list[Row] = []
        for index in range(len(knowledge.leaves)):
            rows.append(((index,), item, float(counts[index])))
            rows.append(((index,), -item, -float(counts[index])))
        return rows

    def _prepared(self, rows: Sequence[Row]) -> highspy.Highs:
        size = len(self._levels)
        places = []
        columns = []
        values = []
        for number, (leaves, coefficients, _) in enumerate(rows):
            for leaf in leaves:
                columns.append(leaf * size + np.arange(size))
                values.append(coefficients)
                places.append(np.full(size, number))
        limits = np.array([limit for _, _, limit in rows])
        columns.append(np.full(len(rows), self._columns))
        values.append(-limits)
        places.append(np.arange(len(rows)))
        shape = len(rows) + 1, self._columns + 1
        return _model(csr_matrix((np.concatenate(values), (np.concatenate(places), np.concatenate(columns))), shape))


def _model(matrix: csr_matrix) -> highspy.Highs:
    """Return a quiet model: rows at most 0, the last one (still empty) equal to 1, all columns at least 0."""
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
    model = _QuietHighs()  # type: ignore[no-untyped-call]  # highspy has no types
    for option, value in (("presolve", "off"), ("threads", 1)):
        model.setOptionValue(option, value)
    model.passModel(program)
    return model
