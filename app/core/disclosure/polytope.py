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

from app.core.disclosure.statements import Reading

ENDS = (0.0, 1.0)
THIRDS = (0.0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1.0)
SLACK = 1e-9

Row = tuple[Sequence[int], NDArray[np.float64], float]


class Contradiction(Exception):
    """What was read cannot all be true at once; nothing may be concluded from it."""


class Polytope:
    """The answers that fit a reading; `counts` (by leaf) is what an attacker knows of who answered."""

    def __init__(self, reading: Reading, *, counts: Mapping[int, int] | None = None):
        low, high = reading.measure.low, reading.measure.high
        self._low, self._range = low, high - low
        self._levels = np.array(THIRDS if any(one.shares for one in reading.statements) else ENDS)
        rows = [*self._said(reading), *self._known(reading, counts)]
        self._columns = len(reading.leaves) * len(self._levels)
        self._model = self._prepared(rows)
        self._last = len(rows)

    def bounds(self, leaves: Sequence[int]) -> tuple[float, float]:
        """Return the lowest and the highest mean that these leaves may have together, in print's unit."""
        columns = [leaf * len(self._levels) + place for leaf in leaves for place in range(len(self._levels))]
        worth = np.tile(self._levels, len(leaves))
        for column in columns:
            self._model.changeCoeff(self._last, column, 1.0)
        ends = [sign * self._least(columns, sign * worth) for sign in (1.0, -1.0)]
        for column in columns:
            self._model.changeCoeff(self._last, column, 0.0)
            self._model.changeColCost(column, 0.0)
        return self._low + self._range * ends[0], self._low + self._range * ends[1]

    def _least(self, columns: Sequence[int], worth: NDArray[np.float64]) -> float:
        for column, value in zip(columns, worth, strict=True):
            self._model.changeColCost(column, float(value))
        self._model.run()
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._model.clearSolver()
            self._model.run()
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise Contradiction("No answers fit all that was read; counts or coverage were misread.")
        return float(self._model.getInfo().objective_function_value)

    def _said(self, reading: Reading) -> list[Row]:
        """Write statements as rows: the sum of coefficient x answers is at most the last number."""
        one = np.ones(len(self._levels))
        rows: list[Row] = []
        for said in reading.statements:
            low, high = ((end - self._low) / self._range for end in said.mean)
            rows.append((said.leaves, -one, -said.answers[0]))
            if np.isfinite(said.answers[1]):
                rows.append((said.leaves, one, said.answers[1]))
            if low > 0:
                rows.append((said.leaves, low - self._levels, SLACK))
            if high < 1:
                rows.append((said.leaves, self._levels - high, SLACK))
            for third, (least, most) in enumerate(said.shares):
                inside = np.where(np.arange(len(self._levels)) // 2 == third, 1.0, 0.0)
                rows.append((said.leaves, least - inside, SLACK))
                rows.append((said.leaves, inside - most, SLACK))
        return rows

    def _known(self, reading: Reading, counts: Mapping[int, int] | None) -> list[Row]:
        """Write what is known without the report: who was invited, and perhaps who answered."""
        one = np.ones(len(self._levels))
        if counts is None:
            return [([index], one, float(leaf.invited)) for index, leaf in enumerate(reading.leaves)]
        rows: list[Row] = []
        for index in range(len(reading.leaves)):
            rows.append(((index,), one, float(counts[index])))
            rows.append(((index,), -one, -float(counts[index])))
        return rows

    def _prepared(self, rows: Sequence[Row]) -> highspy.Highs:
        size = len(self._levels)
        places, columns, values = [], [], []
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
    program.num_col_, program.num_row_ = width, height
    program.col_cost_ = np.zeros(width)
    program.col_lower_ = np.zeros(width)
    program.col_upper_ = np.append(np.full(width - 1, highspy.kHighsInf), 1.0)
    program.row_lower_ = np.append(np.full(height - 1, -highspy.kHighsInf), 1.0)
    program.row_upper_ = np.append(np.zeros(height - 1), 1.0)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_, program.a_matrix_.index_ = matrix.indptr, matrix.indices
    program.a_matrix_.value_ = matrix.data
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    model.silent()
    for option, value in (("output_flag", False), ("presolve", "off"), ("threads", 1)):
        model.setOptionValue(option, value)
    model.passModel(program)
    return model
