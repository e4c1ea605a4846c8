"""Demands and control combined: shares of people with high strain, and the balance of both."""

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

# Of 0-100 and fixed: a cut at the median of those who answered makes strained people by construction, and another
# cut in each round. IPD-Work cuts at the median of each study, so its prevalences are no reference for these shares.
CUT = 50.0
NEARLY = 1e-9  # a mean of thirds may miss the cut by the last bit


class StrainQuadrant(StrEnum):
    """The four combinations of high and low demands and control."""

    HIGH_STRAIN = "high_strain"
    ACTIVE = "active"
    PASSIVE = "passive"
    LOW_STRAIN = "low_strain"


def strain_quadrant(
    demands: float, control: float, *, demands_cut: float = CUT, control_cut: float = CUT
) -> StrainQuadrant:
    """Return where one person stands: demands are high above the cut, control is low below it.

    Formula: demands > cut and control < cut, both strictly, scores 0-100: a score at the cut is
    neither high demands nor low control. Source of the four quadrants: Karasek (1979), Administrative
    Science Quarterly 24, 285-308; the fixed cut is a rule of this project. Kivimaki et al. (2012), Lancet
    380, 1491-1497 (IPD-Work) cut at the median of each study: their prevalences are not comparable.

    >>> strain_quadrant(60, 40), strain_quadrant(50, 40)
    (<StrainQuadrant.HIGH_STRAIN: 'high_strain'>, <StrainQuadrant.PASSIVE: 'passive'>)
    """
    low = control < control_cut - NEARLY
    if demands > demands_cut + NEARLY:
        return StrainQuadrant.HIGH_STRAIN if low else StrainQuadrant.ACTIVE
    return StrainQuadrant.PASSIVE if low else StrainQuadrant.LOW_STRAIN


def strain_shares(
    demands: ArrayLike, control: ArrayLike, *, demands_cut: float = CUT, control_cut: float = CUT
) -> dict[StrainQuadrant, float] | None:
    """Return the share (0-1) of people in each quadrant; None where nobody has both scores.

    `demands` and `control` give the two scores (0-100) of the same people in the same order; who
    lacks one of them (NaN) is left out. Formula and source as for `strain_quadrant`, per person, then the share.

    >>> strain_shares([60, 60, 40, 40], [40, 60, 40, 60])[StrainQuadrant.HIGH_STRAIN]
    0.25
    """
    first = np.asarray(demands, dtype=np.float64)
    second = np.asarray(control, dtype=np.float64)
    if first.shape != second.shape:
        message = f"demands {first.shape} and control {second.shape} must belong to the same people"
        raise ValueError(message)
    both = np.isfinite(first) & np.isfinite(second)
    if not both.any():
        return None
    high = first[both] > demands_cut + NEARLY
    low = second[both] < control_cut - NEARLY
    return {
        StrainQuadrant.HIGH_STRAIN: float(np.mean(high & low)),
        StrainQuadrant.ACTIVE: float(np.mean(high & ~low)),
        StrainQuadrant.PASSIVE: float(np.mean(~high & low)),
        StrainQuadrant.LOW_STRAIN: float(np.mean(~high & ~low)),
    }
