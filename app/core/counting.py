"""Opened ballots, gathered for the count; they never leave memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SKIPPED = 255
NO_GROUP = 255


@dataclass(frozen=True, slots=True, eq=False)
class Collected:
    """Every opened ballot of a round, as columns.

    `units`: n indexes into the region's units. `groups`: n indexes into the instrument's staff
    groups, 255 where none was given. `ratings`: n rows of option positions, one column per item in
    the instrument's order, 255 where the item was skipped.
    """

    units: NDArray[np.int32]
    groups: NDArray[np.uint8]
    ratings: NDArray[np.uint8]

    def __len__(self) -> int:
        """Return how many ballots there are."""
        return len(self.units)
