"""Means of all communities of one kind, as a reference for communities of that kind."""

from collections.abc import Sequence

import numpy as np

from app.core.counting.ballot_sums import range_midpoint
from app.core.counting.figures import CountedFamily
from app.core.counting.measures import ScoredMeasure
from app.core.counting.rounding import CAPS, round_and_cap_means, rounding_step
from app.core.disclosure.kinds import published_kind_masks
from app.core.organisations import Region
from app.core.publication import CommunityKindMean


def kind_means_of_scale(
    region: Region, counted: CountedFamily, column: int, scored: ScoredMeasure, *, k: int
) -> tuple[CommunityKindMean, ...]:
    """Return the mean of each kind of community on one scale.

    Formula: the sum of all scores over their number, as the region's mean. The grain follows from the least number
    of answers that so many printed units can have, `k` each, so it reveals no count.
    """
    n = counted.sums.n[:, :, column].sum(axis=1)
    total = counted.sums.total[:, :, column].sum(axis=1)
    answered = counted.sums.ballots.sum(axis=1) > 0
    result = []
    for kind, mask in published_kind_masks(region, counted.family.means.shown).items():
        communities = int(np.count_nonzero(mask & answered))
        grain = rounding_step(k * communities, scored.measure, scored.item_count)
        mean = np.array([total[mask].sum() / n[mask].sum() + range_midpoint(scored)])
        rounded, cap = round_and_cap_means(mean, scored.measure, grain)
        result.append(
            CommunityKindMean(kind, scored.measure.id, communities, float(rounded[0]), CAPS[int(cap[0])], grain)
        )
    return tuple(result)


def kind_means_of_all_scales(
    region: Region, families: Sequence[tuple[int, ScoredMeasure, CountedFamily]], *, k: int
) -> tuple[CommunityKindMean, ...]:
    """Return the means of all kinds on all scales; `families` are columns, scales and their counted families."""
    return tuple(
        item
        for column, scored, counted in families
        for item in kind_means_of_scale(region, counted, column, scored, k=k)
    )
