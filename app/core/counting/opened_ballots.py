"""Decrypted ballots of a round; they exist in memory only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.core.ballots import SKIPPED
from app.core.instruments import Instrument
from app.core.organisations import Region

NO_GROUP = 255


class CountError(Exception):
    """The ballots do not fit the round; nothing was counted."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedBallots:
    """Every opened ballot of a round, as columns.

    `units`: n indexes into the region's units. `groups`: n indexes into the instrument's staff
    groups, 255 where none was given. `ratings`: n rows of option positions, one column per item in
    the instrument's order, 255 where the item was skipped.
    """

    units: NDArray[np.int32]
    groups: NDArray[np.uint8]
    ratings: NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of ballots."""
        return len(self.units)


def mark_unasked_items_skipped(
    ballots: OpenedBallots, first_surveys: Sequence[bool], instrument: Instrument
) -> OpenedBallots:
    """Return the ballots with items marked as skipped that were not asked in a unit's first survey.

    `first_surveys` tells of each unit whether this is its first survey.
    """
    columns = [place for place, name in enumerate(instrument.item_ids) if name in instrument.items_from_second_survey]
    first = np.array(first_surveys, dtype=np.bool_)
    if not columns or not first.any():
        return ballots
    ratings = ballots.ratings.copy()
    unasked = np.zeros(ratings.shape[1], dtype=np.bool_)
    unasked[columns] = True
    ratings[first[ballots.units][:, np.newaxis] & unasked] = SKIPPED
    return replace(ballots, ratings=ratings)


def require_matching_ballots(ballots: OpenedBallots, region: Region, instrument: Instrument) -> None:
    """Raise CountError for ballots of another questionnaire or of a unit that is not in the round."""
    n = len(ballots)
    if ballots.ratings.shape != (n, len(instrument.items)) or len(ballots.groups) != n:
        message = f"{n} ballots need {n} x {len(instrument.items)} ratings and {n} groups."
        raise CountError(message)
    if n and not (ballots.units.min() >= 0 and ballots.units.max() < len(region.units)):
        raise CountError("A ballot belongs to a community that is not in this round.")
    has_valid_group = (ballots.groups < len(instrument.groups)) | (ballots.groups == NO_GROUP)
    if not has_valid_group.all():
        raise CountError("A ballot names a staff group that this questionnaire does not have.")
