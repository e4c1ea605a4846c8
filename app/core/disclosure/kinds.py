"""Decide which units are included in the mean of a kind of community.

It counts the units whose own mean is printed, and no others. So it is a weighted mean of printed means: whatever is
derived from it and from other totals follows from the printed totals alone, and no difference leaves a hidden unit
over. A mean over all units of a kind would give a withheld one away, as the total minus its printed parts.
"""

import numpy as np

from app.core.disclosure.pattern import Mask
from app.core.organisations import CommunityKind, Region

MIN_COMMUNITIES = 5
# "Other" is what is left over of all kinds: its communities are not alike.
COMPARED_KINDS = tuple(kind for kind in CommunityKind if kind is not CommunityKind.OTHER)


def published_kind_masks(region: Region, shown: Mask) -> dict[CommunityKind, Mask]:
    """Return the units that the mean of each kind counts; kinds with fewer than five printed units are left out.

    `shown` marks the units whose own mean of the measure is printed.
    """
    result: dict[CommunityKind, Mask] = {}
    for kind in COMPARED_KINDS:
        mask = printed_unit_mask_of_kind(np.array([unit.kind is kind for unit in region.units], dtype=np.bool_), shown)
        if int(np.count_nonzero(mask & shown)) >= MIN_COMMUNITIES:
            result[kind] = mask
    return result


def printed_unit_mask_of_kind(of_kind: Mask, shown: Mask) -> Mask:
    """Return which of the units of a kind its mean counts: those whose own mean is printed."""
    mask: Mask = of_kind & shown
    return mask
