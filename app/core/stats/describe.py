"""The interval of a share, and the types of the statistics."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.core.scientific import special

Floats: TypeAlias = NDArray[np.float64]
Interval: TypeAlias = tuple[float, float]


def wilson_interval(successes: int, n: int, *, level: float = 0.95) -> Interval | None:
    """Return Wilson's interval of a share (0-1); None where n is 0.

    Formula: (p + z^2/2n -+ z * sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n). Unlike Wald's it never
    leaves 0-1 and does not shrink to a point at 0 or n.
    Source: Newcombe (1998), Statistics in Medicine 17, 857-872, method 3.

    >>> [round(end, 4) for end in wilson_interval(81, 263)]
    [0.2553, 0.3662]
    """
    if not 0 <= successes <= n:
        message = f"{successes} out of {n} is no share"
        raise ValueError(message)
    if n == 0:
        return None
    z = float(special.ndtri((1 + level) / 2))
    share = successes / n
    centre = share + z**2 / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    whole = 1 + z**2 / n
    low = 0.0 if successes == 0 else float((centre - half) / whole)
    high = 1.0 if successes == n else float((centre + half) / whole)
    return low, high
