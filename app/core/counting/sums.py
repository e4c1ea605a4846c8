"""Sums over ballots by unit, staff group and measure, from which all figures are computed; never stored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.counting.ballot_sums import BallotSums, score_sum_terms
from app.core.counting.measures import ScoredMeasure
from app.core.counting.rounding import Counts, Floats
from app.core.instruments import Instrument, scale_scores
from app.core.publication import MeasureKind


@dataclass(frozen=True, slots=True, eq=False)
class CellSums:
    """Sums by units x groups x measures; the last group is "none given".

    `n`, `total` and `squares` are those of the scores (centred on the middle of their range), `low` and `high` the
    number of scores in the lower and upper third. `strain`: units x groups x 4 numbers of people by demands and
    control. `ballots`: units x groups.
    """

    ballots: Counts
    n: Counts
    total: Floats
    squares: Floats
    low: Counts
    high: Counts
    strain: Counts


def cell_sums(instrument: Instrument, sums: BallotSums, measures: Sequence[ScoredMeasure]) -> CellSums:
    """Return the sums of every measure: of scales as they are, of single items from how many chose each option."""
    answers = iter(sums.answers)
    columns = [
        np.moveaxis(sums.scores[:, :, column], -1, 0)
        if scored.measure.kind is MeasureKind.SCALE
        else _item_sums(next(answers), instrument, scored)
        for column, scored in enumerate(measures)
    ]
    table = np.stack(columns, axis=-1) if columns else np.zeros((5, *sums.ballots.shape, 0))
    n, total, squares, low, high = table
    return CellSums(
        ballots=sums.ballots,
        n=_as_integers(n),
        total=total,
        squares=squares,
        low=_as_integers(low),
        high=_as_integers(high),
        strain=sums.strain,
    )


def _as_integers(counted: Floats) -> Counts:
    return np.rint(counted).astype(np.int64)


def _item_sums(answers: NDArray[np.int64], instrument: Instrument, scored: ScoredMeasure) -> Floats:
    """Return 5 x units x groups: n, total, squares, low and high, weighting each option once."""
    options = answers.shape[2]
    every = np.repeat(np.arange(options, dtype=np.uint8)[:, np.newaxis], len(instrument.items), axis=1)
    weights = score_sum_terms(scale_scores(instrument, scored.scale, every), scored)
    counted = answers.reshape(-1, options).T.astype(np.float64)
    return np.asarray(weights @ counted).reshape(len(weights), *answers.shape[:2])
