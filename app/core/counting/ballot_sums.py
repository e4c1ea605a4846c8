"""Sums over the ballots of each unit: the only data that a count takes from a ballot box.

Every table has the units as its first axis and is filled for whole units, so the sums of some units can be made in
another process and put into place here. Memory grows with the number of units, not with the number of ballots.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.catalogue import DIMENSIONS
from app.core.counting.measures import ScoredMeasure, scored_measures
from app.core.counting.opened_ballots import (
    NO_GROUP,
    OpenedBallots,
    mark_unasked_items_skipped,
    require_matching_ballots,
)
from app.core.counting.rounding import EPSILON, Counts, Floats
from app.core.instruments import SKIPPED, Instrument, Scale, Scoring, scale_scores
from app.core.organisations import Region
from app.core.publication import MeasureKind
from app.core.stats.relative_weights import within_group_products

STRAIN_NAMES = ("high_strain", "active", "passive", "low_strain")
OUTCOME = "wellbeing"  # the dimension that the impact of the other scales is measured against
FEWEST_DRIVERS = 2
_SUMS = 5  # n, total, squares, low, high


@dataclass(frozen=True, slots=True, eq=False)
class ItemProducts:
    """Answers of the people who answered every item of a scale, by unit.

    `n`: units. `sums`: units x k. `products`: units x k x k, the sums of the products of two items. The numbers are
    those of the options as asked: whole numbers, therefore exact in any order of the ballots.
    """

    n: Counts
    sums: Counts
    products: Counts


@dataclass(frozen=True, slots=True, eq=False)
class BallotSums:
    """Sums over ballots by unit; the last staff group is "none given".

    `ballots`: units x groups. `scores`: units x groups x scales x 5, the number of scores, their sum and sum of
    squares (centred on the middle of the scale's range), and how many are in the lower and in the upper third.
    `strain`: units x groups x 4 numbers of people by demands and control. `answers`: for each single item, units x
    groups x options, how many chose an option. `score_means` and `score_within`: units x scales, the mean score of a
    unit and the sum of the squared distances from it. `items`: the products of each scale's items.
    `complete`: units, the people with a score on each of the p scales of `impact_column_indices`; `impact_products`:
    units x p x p, the cross-products of their scores within the unit.
    """

    ballots: Counts
    scores: Floats
    strain: Counts
    answers: tuple[Counts, ...]
    score_means: Floats
    score_within: Floats
    items: tuple[ItemProducts, ...]
    complete: Counts
    impact_products: Floats

    def __len__(self) -> int:
        """Return the number of ballots."""
        return int(self.ballots.sum())

    @property
    def unit_count(self) -> int:
        """The number of units."""
        return len(self.ballots)

    def valid_scores(self) -> Counts:
        """Return the number of valid scores, units x groups x scales."""
        return self.scores[..., 0].astype(np.int64)

    def overwrite_unit_sums(self, rows: Sequence[int], part: "BallotSums") -> None:
        """Overwrite the `rows` of these units with the sums in `part`, made in another process."""
        for table, of_part in zip(_tables(self), _tables(part), strict=True):
            table[list(rows)] = of_part


def _tables(sums: BallotSums) -> Iterator[NDArray[Any]]:
    yield from (sums.ballots, sums.scores, sums.strain, *sums.answers, sums.score_means, sums.score_within)
    for item_products in sums.items:
        yield from (item_products.n, item_products.sums, item_products.products)
    yield from (sums.complete, sums.impact_products)


def sum_ballots(ballots: OpenedBallots, region: Region, instrument: Instrument) -> BallotSums:
    """Sum the ballots of all units of a region; raises CountError if they do not fit it or the questionnaire."""
    require_matching_ballots(ballots, region, instrument)
    return sum_ballots_of_units(ballots, instrument, first_surveys=[not unit.surveyed_before for unit in region.units])


def sum_ballots_of_units(
    ballots: OpenedBallots, instrument: Instrument, *, first_surveys: Sequence[bool]
) -> BallotSums:
    """Return the sums over the ballots of some units, without checking that the ballots fit the round.

    `first_surveys` tells of each unit whether this is its first survey: items that are not asked in it count as
    skipped. `ballots.units` are indexes into it.
    """
    ballots = mark_unasked_items_skipped(ballots, first_surveys, instrument)
    measures = scored_measures(instrument)
    scales = [scored for scored in measures if scored.measure.kind is MeasureKind.SCALE]
    scores = person_scores(instrument, scales, ballots.ratings)
    groups = len(instrument.groups) + 1
    units = len(first_surveys)
    group = np.where(ballots.groups == NO_GROUP, groups - 1, ballots.groups).astype(np.int64)
    cells = _PersonCells(ballots.units.astype(np.int64) * groups + group, (units, groups))
    means, within = _unit_spreads(scores, ballots.units, units)
    complete, products = _impact(scores, ballots.units, units, impact_column_indices(measures))
    return BallotSums(
        ballots=_as_integers(cells.sum_weights(np.ones(len(ballots), dtype=np.bool_))),
        scores=_score_sums(cells, scores, scales),
        strain=_strain(cells, scores, measures),
        answers=tuple(
            _answers(cells, instrument, ballots.ratings, scored.scale.items[0])
            for scored in measures
            if scored.measure.kind is MeasureKind.ITEM
        ),
        score_means=means,
        score_within=within,
        items=tuple(_item_products(instrument, scored.scale, ballots, units) for scored in scales),
        complete=complete,
        impact_products=products,
    )


def empty_ballot_sums(instrument: Instrument, *, units: int) -> BallotSums:
    """Return sums of zero for `units` units, to be filled with `overwrite_unit_sums`."""
    none = np.zeros((0, len(instrument.items)), np.uint8)
    empty = OpenedBallots(np.zeros(0, np.int32), np.zeros(0, np.uint8), none)
    return sum_ballots_of_units(empty, instrument, first_surveys=[False] * units)


def person_scores(instrument: Instrument, scales: Sequence[ScoredMeasure], ratings: NDArray[np.uint8]) -> Floats:
    """Return n x scales, NaN where a score is missing."""
    scores = np.empty((len(scales), len(ratings)))
    for row, scored in zip(scores, scales, strict=True):
        row[:] = scale_scores(instrument, scored.scale, ratings)
    return scores.T  # each scale's scores lie side by side in memory, as they are read


@dataclass(frozen=True, slots=True, eq=False)
class _PersonCells:
    """The cell of each person, and the number of units and groups."""

    of_people: NDArray[np.int64]
    shape: tuple[int, int]

    def sum_weights(self, weights: Floats | NDArray[np.bool_]) -> Floats:
        """Sum a number of each person by cell; units x groups."""
        cells = self.shape[0] * self.shape[1]
        return np.bincount(self.of_people, weights=weights, minlength=cells).astype(np.float64).reshape(self.shape)


def _as_integers(counted: NDArray[Any]) -> Counts:
    result: Counts = np.rint(counted).astype(np.int64)
    return result


def _score_sums(cells: _PersonCells, scores: Floats, scales: Sequence[ScoredMeasure]) -> Floats:
    result = np.zeros((*cells.shape, len(scales), _SUMS))
    for column, scored in enumerate(scales):
        for place, weights in enumerate(score_sum_terms(scores[:, column], scored)):
            result[:, :, column, place] = cells.sum_weights(weights)
    return result


def score_sum_terms(values: Floats, scored: ScoredMeasure) -> Floats:
    """Return 5 x values: is valid, distance from the middle, its square, is low, is high."""
    measure = scored.measure
    third = (measure.high - measure.low) / 3
    valid = np.isfinite(values)
    centred = np.where(valid, values - range_midpoint(scored), 0.0)
    with np.errstate(invalid="ignore"):
        low = values < measure.low + third - EPSILON
        high = values > measure.high - third + EPSILON
    return np.stack([valid, centred, centred**2, low, high])


def range_midpoint(scored: ScoredMeasure) -> float:
    """Return the midpoint of a measure's range; sums are centred on it, which keeps them exact."""
    return (scored.measure.low + scored.measure.high) / 2


def _answers(cells: _PersonCells, instrument: Instrument, ratings: NDArray[np.uint8], item: str) -> Counts:
    """Return how many people of each cell chose each option of an item."""
    options = len(instrument.item(item).options)
    codes = np.minimum(ratings[:, instrument.item_ids.index(item)], options)  # skipped and impossible ones are last
    number = cells.shape[0] * cells.shape[1] * (options + 1)
    counted = np.bincount(cells.of_people * (options + 1) + codes, minlength=number)
    return counted.reshape(*cells.shape, options + 1)[:, :, :options].astype(np.int64)


def demands_and_control_column_indices(measures: Sequence[ScoredMeasure]) -> tuple[int, int] | None:
    """Return the columns of the demands and the control scale, if the questionnaire has both."""
    result: dict[str, int] = {}
    for column, scored in enumerate(measures):
        if scored.measure.kind is MeasureKind.SCALE and not scored.measure.sensitive:
            result.setdefault(scored.measure.dimension, column)
    if "demands" not in result or "control" not in result:
        return None
    return result["demands"], result["control"]


def demands_and_control_cuts(measures: Sequence[ScoredMeasure]) -> tuple[float, float] | None:
    """Return where demands become high and control low: the middles of both ranges; None without both."""
    columns = demands_and_control_column_indices(measures)
    return None if columns is None else (range_midpoint(measures[columns[0]]), range_midpoint(measures[columns[1]]))


def _strain(cells: _PersonCells, scores: Floats, measures: Sequence[ScoredMeasure]) -> Counts:
    columns = demands_and_control_column_indices(measures)
    cuts = demands_and_control_cuts(measures)
    quadrant: NDArray[np.int64] = np.full(len(scores), -1, dtype=np.int64)
    if columns is not None and cuts is not None:
        quadrant = person_quadrants(scores[:, columns[0]], scores[:, columns[1]], cuts=cuts)
    return _as_integers(np.stack([cells.sum_weights(quadrant == kind) for kind in range(len(STRAIN_NAMES))], axis=-1))


def person_quadrants(demands: Floats, control: Floats, *, cuts: tuple[float, float]) -> NDArray[np.int64]:
    """Return the quadrant of each person, in the order of STRAIN_NAMES; -1 where a score is missing.

    Demands are high strictly above their cut, control is low strictly below its own: a score at the cut is neither.
    Float noise at a cut is ignored. Source of the quadrants: Karasek (1979), Administrative Science Quarterly 24,
    285-308; the fixed cuts are a rule of this project, since a cut at the median of those who answered makes strained
    people by construction, and another cut in each round.
    """
    high = demands > cuts[0] + EPSILON
    low = control < cuts[1] - EPSILON
    quadrant = np.where(high, np.where(low, 0, 1), np.where(low, 2, 3))
    return np.where(np.isfinite(demands) & np.isfinite(control), quadrant, -1)


def _unit_spreads(scores: Floats, of_people: NDArray[np.int32], units: int) -> tuple[Floats, Floats]:
    means = np.zeros((units, scores.shape[1]))
    within = np.zeros((units, scores.shape[1]))
    for column in range(scores.shape[1]):
        is_valid = np.isfinite(scores[:, column])
        values = scores[is_valid, column]
        place = of_people[is_valid]
        sizes = np.maximum(np.bincount(place, minlength=units), 1)
        means[:, column] = np.bincount(place, weights=values, minlength=units) / sizes
        squares = (values - means[place, column]) ** 2
        within[:, column] = np.bincount(place, weights=squares, minlength=units)
    return means, within


def _item_products(instrument: Instrument, scale: Scale, ballots: OpenedBallots, units: int) -> ItemProducts:
    values = np.stack([_option_numbers(instrument, name, ballots.ratings) for name in scale.items], axis=1)
    is_complete = np.isfinite(values).all(axis=1)
    values = values[is_complete]
    place = ballots.units[is_complete]
    width = values.shape[1]
    products = np.zeros((units, width, width), np.int64)
    for row in range(width):
        for column in range(row, width):
            product = _as_integers(np.bincount(place, weights=values[:, row] * values[:, column], minlength=units))
            products[:, row, column] = product
            products[:, column, row] = product
    sums = [_as_integers(np.bincount(place, weights=values[:, row], minlength=units)) for row in range(width)]
    return ItemProducts(np.bincount(place, minlength=units), np.stack(sums, axis=1), products)


def _option_numbers(instrument: Instrument, item: str, ratings: NDArray[np.uint8]) -> Floats:
    """Return the number of each person's option, NaN where none was chosen."""
    options = instrument.item(item).options
    table = np.full(SKIPPED + 1, np.nan)
    table[: len(options)] = [option.value for option in options]
    return table[ratings[:, instrument.item_ids.index(item)]]


def item_value_change_per_option(instrument: Instrument, scale: Scale) -> Floats:
    """Return by how much each item's scored value changes when its option number rises by one: k.

    -1 times as much for reversed items. In the unit of `scale.scoring`.
    """
    steps = []
    for name in scale.items:
        options = instrument.item(name).options
        step = 100 / (options[-1].value - options[0].value) if scale.scoring is Scoring.PERCENT else 1.0
        steps.append(-step if name in scale.reversed else step)
    return np.array(steps)


def impact_column_indices(measures: Sequence[ScoredMeasure]) -> tuple[int, ...]:
    """Return the columns of the scales whose impact is computed, the outcome last; empty without enough of them.

    Scales of no dimension that courses answer, and sensitive ones, stay out.
    """
    columns = [
        column
        for column, scored in enumerate(measures)
        if scored.measure.kind is MeasureKind.SCALE
        and scored.measure.dimension in DIMENSIONS
        and not scored.measure.sensitive
    ]
    outcomes = [column for column in columns if measures[column].measure.dimension == OUTCOME]
    drivers = [column for column in columns if measures[column].measure.dimension != OUTCOME]
    return (*drivers, outcomes[0]) if outcomes and len(drivers) >= FEWEST_DRIVERS else ()


def _impact(scores: Floats, of_people: NDArray[np.int32], units: int, columns: Sequence[int]) -> tuple[Counts, Floats]:
    width = len(columns)
    complete = np.zeros(units, np.int64)
    products = np.zeros((units, width, width))
    if columns:
        rows = np.isfinite(scores[:, list(columns)]).all(axis=1)
        place = of_people[rows].astype(np.int64)
        complete += np.bincount(place, minlength=units)
        products[np.unique(place)], _degrees = within_group_products(scores[rows][:, list(columns)], place)
    return complete, products
