"""A made-up region to plan supply for: communities of eight municipalities, priced offerings, two places."""

import numpy as np

from app.core.matching.supply import SupplyCase, SupplyCommunity, SupplyLimits, SupplyOffering

MUNICIPALITIES = 8
FLOOR_PER_STAFF = 0.05


def supply_case(communities=58, offerings=60, *, money=8_000.0, seconds=25.0) -> SupplyCase:
    """Return a case whose money, hours and places cannot hold everything, with a floor for each municipality."""
    rng = np.random.default_rng(1)
    staff = np.clip(rng.lognormal(3.2, 0.55, communities), 6, 110).astype(int)
    asking = tuple(
        SupplyCommunity(f"c{n}", f"m{n % MUNICIPALITIES}", int(size), max(2, round(int(size) / 5)))
        for n, size in enumerate(staff)
    )
    offered = tuple(
        SupplyOffering(
            f"o{n}",
            f"k{n * 2 // 3}",
            int(rng.integers(12, 31)),
            5,
            money=float(100 * rng.integers(3, 20)),
            hours=float(rng.integers(2, 13)),
            place=("", "Hall", "Library")[n % 3],
        )
        for n in range(offerings)
    )
    gains = rng.gamma(2, 0.5, (communities, 6)) @ rng.integers(0, 4, (6, offerings))
    floors = {
        f"m{n}": int(FLOOR_PER_STAFF * staff[n::MUNICIPALITIES].sum()) for n in range(min(MUNICIPALITIES, communities))
    }
    limits = SupplyLimits(money=money, hours=200.0, rooms={"Hall": 8, "Library": 8}, floors=floors, seconds=seconds)
    return SupplyCase(asking, offered, gains, limits)
