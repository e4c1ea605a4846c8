"""Statistical power: which differences a community of a given size can detect."""

from functools import lru_cache

import numpy as np

from app.core.scientific import optimize, special
from app.core.stats.describe import standard_error


def half_width(sd: float, n: int, *, population: int | None = None, level: float = 0.95) -> float | None:
    """Return the half-width of a mean's interval; None for fewer than two answers.

    Formula: t(n - 1) * s / sqrt(n), times sqrt(1 - n / N) where `population` N is given.
    Source: Cochran (1977), Sampling Techniques, 3rd ed., ch. 2.

    >>> round(half_width(20.0, 22), 1), round(half_width(20.0, 22, population=30), 1)
    (8.9, 4.6)
    """
    if n < 2:
        return None
    return float(special.stdtrit(n - 1, (1 + level) / 2)) * standard_error(sd, n, population=population)


def detectable_change(
    sd: float, n: int, *, population: int | None = None, level: float = 0.95, power: float | None = None
) -> float | None:
    """Return the smallest change between two rounds of `n` answers each that is detectable.

    Formula: the half-width of the difference, t(2n - 2) * sqrt(2) * se, in the unit of `sd`; se with
    sqrt(1 - n / N) where `population` is given. A change just as large is seen in half of the cases
    only; for the change that is seen with a chance of `power`, t is replaced by `noncentrality_of`.
    Source: Cochran (1977), ch. 4. None for fewer than two answers.

    >>> round(detectable_change(20.0, 22), 1), round(detectable_change(20.0, 22, power=0.8), 1)
    (12.2, 17.3)
    """
    if n < 2:
        return None
    error = standard_error(sd, n, population=population)
    degrees = 2 * n - 2
    critical = float(special.stdtrit(degrees, (1 + level) / 2))
    times = critical if power is None else noncentrality_of(degrees, level=level, power=power)
    return float(times * np.sqrt(2) * error)


@lru_cache(maxsize=4096)
def noncentrality_of(degrees: int, *, level: float = 0.95, power: float = 0.8) -> float:
    """Return how many standard errors a difference must be to be seen with a chance of `power`.

    Formula: the d at which a noncentral t of `degrees` and noncentrality d exceeds t((1 + level) / 2)
    with probability `power`, a number without unit; for many degrees z(0.975) + z(0.8) = 2.80, which is
    1.43 times z(0.975). Source: Cohen (1988), Statistical Power Analysis, 2nd ed., ch. 2.

    >>> round(noncentrality_of(42), 3), round(noncentrality_of(10**6) / 1.96, 2)
    (2.868, 1.43)
    """
    critical = float(special.stdtrit(degrees, (1 + level) / 2))
    # P(T > c) of noncentrality d is P(T < -c) of noncentrality -d.
    return float(
        optimize.brentq(lambda shift: special.nctdtr(degrees, -shift, -critical) - power, 0.0, 2 * critical + 4)
    )


def is_detectable(change: float, sd: float, n: int, *, level: float = 0.95) -> bool:
    """Tell whether a change of `change` points is detectable.

    Formula: |change| at least `detectable_change`, whose source and units hold here too.

    >>> is_detectable(5.0, 20.0, 22), is_detectable(5.0, 20.0, 200)
    (False, True)
    """
    smallest = detectable_change(sd, n, level=level)
    return smallest is not None and abs(change) >= smallest
