"""Statistical power: which differences a community of a given size can detect."""

from functools import lru_cache

from app.core.scientific import optimize, special


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
