"""Compute scale scores from ratings: of many respondents at once, or of one with `ScaleScorer`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.instruments.instrument import Instrument, Item, Scale, Scoring

SKIPPED = 255  # the rating of an item that was not answered


def scored_item_values(instrument: Instrument, scale: Scale, ratings: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the scored values of a scale's items for each respondent, with reversed items reverse-coded.

    Parameters
    ----------
    ratings
        n x items (in the order of `instrument.items`): the position of the chosen option, from 0;
        255 where nothing was chosen.

    Returns
    -------
    n x k (in the order of `scale.items`), in the unit of `scale.scoring`: 0-100 for percent, else
    option numbers. NaN where nothing was chosen; a position that the item does not have counts as
    nothing too, so that one damaged ballot cannot stop a count. A reversed item becomes
    lowest + highest - chosen.
    """
    if ratings.ndim != 2 or ratings.shape[1] != len(instrument.items):
        message = f"ratings must be n x {len(instrument.items)}, not {ratings.shape}"
        raise ValueError(message)
    order = {item_id: column for column, item_id in enumerate(instrument.item_ids)}
    values = np.empty((len(scale.items), len(ratings)))
    for row, name in zip(values, scale.items, strict=True):
        row[:] = _option_values(instrument.items[order[name]], scale)[ratings[:, order[name]]]
    return values.T  # each item's answers lie side by side in memory: what reads them all is several times as fast


def scale_scores(instrument: Instrument, scale: Scale, ratings: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return one score for each respondent: the mean (or sum) of the answered items of `scale`.

    Parameters
    ----------
    ratings
        n x items, as for `scored_item_values`.

    Returns
    -------
    n scores: 0-100 for percent, option numbers for mean and sum; NaN where fewer than
    `scale.min_answered` items were answered.
    """
    values = scored_item_values(instrument, scale, ratings)
    is_answered = np.isfinite(values)
    answered = is_answered.sum(axis=1)
    total = np.where(is_answered, values, 0.0).sum(axis=1)
    enough = (answered >= scale.min_answered) & (answered > 0)
    divisor = 1 if scale.scoring is Scoring.SUM else np.maximum(answered, 1)
    return np.where(enough, total / divisor, np.nan)


def score_range(instrument: Instrument, scale: Scale) -> tuple[float, float]:
    """Return the lowest and the highest score that the scale can have."""
    if scale.scoring is Scoring.PERCENT:
        return 0.0, 100.0
    options = instrument.item(scale.items[0]).options
    times = len(scale.items) if scale.scoring is Scoring.SUM else 1
    return float(options[0].value * times), float(options[-1].value * times)


@dataclass(frozen=True, slots=True)
class ScaleScorer:
    """Scores one scale for one person at a time; gives the same as `scale_scores`, without arrays.

    `meanings` gives for each item of the scale what each of its options counts for, in the unit of
    `scale.scoring`; `low` and `high` are the scale's bounds, `half_step` is half the way from one option to
    the next on 0-100.
    """

    scale: Scale
    meanings: Mapping[str, tuple[float, ...]]
    low: float
    high: float
    half_step: float

    def score(self, positions: Mapping[str, int]) -> float | None:
        """Return the score of one person, or None where fewer than `scale.min_answered` items were answered.

        `positions` maps an item's id to the position of the chosen option, from 0.
        """
        chosen = ((meanings, positions.get(name, SKIPPED)) for name, meanings in self.meanings.items())
        values = [meanings[at] for meanings, at in chosen if 0 <= at < len(meanings)]
        if len(values) < max(self.scale.min_answered, 1):
            return None
        return math.fsum(values) / (1 if self.scale.scoring is Scoring.SUM else len(values))


def scale_scorers(instrument: Instrument) -> tuple[ScaleScorer, ...]:
    """Return a scorer for each scale, in the questionnaire's order."""
    return tuple(_scale_scorer(instrument, scale) for scale in instrument.scales)


def _scale_scorer(instrument: Instrument, scale: Scale) -> ScaleScorer:
    low, high = score_range(instrument, scale)
    items = [instrument.item(name) for name in scale.items]
    return ScaleScorer(
        scale=scale,
        meanings={item.id: tuple(_option_values(item, scale)[: len(item.options)].tolist()) for item in items},
        low=low,
        high=high,
        half_step=50 / (max(len(item.options) for item in items) - 1),
    )


def _option_values(item: Item, scale: Scale) -> NDArray[np.float64]:
    values = np.array([option.value for option in item.options], dtype=np.float64)
    if item.id in scale.reversed:
        values = values[0] + values[-1] - values
    if scale.scoring is Scoring.PERCENT:
        low = item.options[0].value
        high = item.options[-1].value
        values = (values - low) / (high - low) * 100
    table = np.full(256, np.nan)
    table[: len(values)] = values
    return table
