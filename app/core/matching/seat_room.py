"""Free seats of an offering for a community: capacity, municipal quota and seats kept for members."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from app.core.catalogue import Offering


class SeatLimit(StrEnum):
    """What limits the seats of a community."""

    CAPACITY = "capacity"
    QUOTA = "quota"
    MEMBERS = "members"


def seats_by_limit(
    offering: Offering,
    granted: Mapping[str, int],
    municipality: str,
    *,
    homes: Mapping[str, str],
    members: Iterable[str],
) -> dict[SeatLimit, int]:
    """Return how many seats a community of a municipality can have by each limit that applies; never negative.

    `granted` are the seats of all other communities in this offering, `homes` the municipality of each community and
    `members` the municipalities that belong to the network.
    """
    known_members = frozenset(members)
    result = {SeatLimit.CAPACITY: offering.capacity - sum(granted.values())}
    if municipality in offering.quotas:
        here = sum(seats for community, seats in granted.items() if homes.get(community) == municipality)
        result[SeatLimit.QUOTA] = offering.quotas[municipality] - here
    if municipality not in known_members:
        paying = sum(seats for community, seats in granted.items() if homes.get(community) not in known_members)
        result[SeatLimit.MEMBERS] = offering.capacity - (offering.member_quota or 0) - paying
    return {limit: max(0, room) for limit, room in result.items()}
