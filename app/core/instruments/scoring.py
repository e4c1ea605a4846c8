"""From ratings to scale scores, for many answers at once."""

import numpy as np
from numpy.typing import NDArray

from app.core.instruments.values import Instrument, Item, Scale, Scoring

SKIPPED = 255  # the rating of an item that was not answered


def turned(instrument: Instrument, scale: Scale, ratings: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the option numbers of a scale's items, reversed items turned, for each respondent.

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
    meaning = np.stack([_meaning(instrument.items[order[name]], scale) for name in scale.items])
    chosen = ratings[:, [order[name] for name in scale.items]]
    return meaning[np.arange(len(scale.items)), chosen]


def score(instrument: Instrument, scale: Scale, ratings: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return one score for each respondent: the mean (or sum) of the answered items of `scale`.

    Parameters
    ----------
    ratings
        n x items, as for `turned`.

    Returns
    -------
    n scores: 0-100 for percent, option numbers for mean and sum; NaN where fewer than
    `scale.min_answered` items were answered.
    """
    values = turned(instrument, scale, ratings)
    answered = np.isfinite(values).sum(axis=1)
    total = np.nansum(values, axis=1)
    enough = (answered >= scale.min_answered) & (answered > 0)
    divisor = 1 if scale.scoring is Scoring.SUM else np.maximum(answered, 1)
    return np.where(enough, total / divisor, np.nan)


def bounds(instrument: Instrument, scale: Scale) -> tuple[float, float]:
    """Return the lowest and the highest score that the scale can have."""
    if scale.scoring is Scoring.PERCENT:
        return 0.0, 100.0
    options = instrument.item(scale.items[0]).options
    times = len(scale.items) if scale.scoring is Scoring.SUM else 1
    return float(options[0].value * times), float(options[-1].value * times)


def _meaning(item: Item, scale: Scale) -> NDArray[np.float64]:
    values = np.array([option.value for option in item.options], dtype=np.float64)
    if item.id in scale.reversed:
        values = values[0] + values[-1] - values
    if scale.scoring is Scoring.PERCENT:
        low, high = item.options[0].value, item.options[-1].value
        values = (values - low) / (high - low) * 100
    table = np.full(256, np.nan)
    table[: len(values)] = values
    return table
