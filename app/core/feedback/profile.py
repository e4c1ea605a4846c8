"""One person's scale scores in words, beside the region's.

A handful of items says little about one person, so the words are coarse: thirds of the scale, and a
difference from the region, or from an earlier profile, counts from half an answer step on. Numbers keep
the scale's own direction; the words turn where a high number is a burden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from app.core.instruments import SKIPPED, Instrument, Polarity, Scale, bounds, score
from app.core.publication import Placement

GOOD, POOR = 60.0, 40.0


class Standing(StrEnum):
    """What a score means for the person."""

    STRENGTH = "strength"
    BETWEEN = "between"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Line:
    """One scale of a profile; scores are on 0-100 of the scale's range, None where unknown."""

    scale: Scale
    score: float | None
    standing: Standing | None
    region: float | None
    beside_region: Placement | None
    earlier: float | None = None
    since_earlier: Placement | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """The scales of a questionnaire as one person answered them."""

    lines: tuple[Line, ...]

    @property
    def attention(self) -> tuple[Line, ...]:
        """The scales that deserve attention, at most three, the weakest first."""
        found = [line for line in self.lines if line.standing is Standing.ATTENTION]
        return tuple(sorted(found, key=lambda line: _goodness(line.scale, line.score or 0.0))[:3])

    @property
    def strengths(self) -> tuple[Line, ...]:
        """The scales that are strengths."""
        return tuple(line for line in self.lines if line.standing is Standing.STRENGTH)


def profile(
    instrument: Instrument,
    positions: Mapping[str, int],
    *,
    region: Mapping[str, float],
    earlier: Mapping[str, float] | None = None,
) -> Profile:
    """Return the profile of one person's answers.

    `positions` maps an item's id to the position of the chosen option, from 0; unanswered items are
    not in it. `region` maps a scale's id to the region's printed mean in the scale's own unit, where
    that may be compared; `earlier` to the person's earlier score on 0-100.
    """
    row = np.full((1, len(instrument.items)), SKIPPED, dtype=np.uint8)
    for column, item_id in enumerate(instrument.item_ids):
        row[0, column] = positions.get(item_id, SKIPPED)
    return Profile(tuple(_line(instrument, scale, row, region, earlier or {}) for scale in instrument.scales))


def _line(
    instrument: Instrument,
    scale: Scale,
    row: NDArray[np.uint8],
    region: Mapping[str, float],
    earlier: Mapping[str, float],
) -> Line:
    low, high = bounds(instrument, scale)
    raw = float(score(instrument, scale, row)[0])
    own = None if np.isnan(raw) else round((raw - low) / (high - low) * 100, 1)
    theirs = round((region[scale.id] - low) / (high - low) * 100, 1) if scale.id in region else None
    before = earlier.get(scale.id)
    half_step = 50 / (max(len(instrument.item(one).options) for one in scale.items) - 1)
    return Line(
        scale=scale,
        score=own,
        standing=None if own is None else _standing(_goodness(scale, own)),
        region=theirs,
        beside_region=_beside(own, theirs, half_step),
        earlier=before,
        since_earlier=_beside(own, before, half_step),
    )


def _goodness(scale: Scale, own: float) -> float:
    return own if scale.polarity is Polarity.HIGH_IS_GOOD else 100 - own


def _standing(goodness: float) -> Standing:
    if goodness >= GOOD:
        return Standing.STRENGTH
    return Standing.ATTENTION if goodness < POOR else Standing.BETWEEN


def _beside(own: float | None, other: float | None, half_step: float) -> Placement | None:
    if own is None or other is None:
        return None
    if abs(own - other) < half_step:
        return Placement.SAME
    return Placement.ABOVE if own > other else Placement.BELOW
