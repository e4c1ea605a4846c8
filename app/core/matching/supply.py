"""Supply planning values: who can gain, what can be held, the limits, and the resulting plan.

Gains are in one unit for all communities and offerings (expected gain of one seat); what the unit is does not
matter here, because plans are compared by shares of gain only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class SupplyPlanComputationStage(StrEnum):
    """Stage of the computation of a supply plan."""

    GATHERING = "gathering"
    SEARCHING = "searching"
    FLOORS = "floors"
    NEXT_BEST = "next_best"
    KEEPING = "keeping"


class NotHeldReason(StrEnum):
    """Why an offering is not in the plan."""

    SUITS_NOBODY = "suits_nobody"
    TOO_FEW = "too_few"
    MONEY = "money"
    HOURS = "hours"
    ROOMS = "rooms"
    LESS_GAIN = "less_gain"


@dataclass(frozen=True, slots=True)
class SupplyCommunity:
    """A community that may send staff: `seats` is how many it can use at most in the term."""

    community: str
    municipality: str
    staff: int
    seats: int


@dataclass(frozen=True, slots=True)
class SupplyOffering:
    """What can be held: its course, seats, fewest participants, and what it takes each time it is held.

    `most` is how often it can be held; `place` is empty for what needs no room (online). `money` is in euros,
    `hours` are hours of training.
    """

    offering: str
    course: str
    capacity: int
    minimum: int = 1
    money: float = 0.0
    hours: float = 0.0
    place: str = ""
    most: int = 1


@dataclass(frozen=True, slots=True)
class SupplyLimits:
    """What the plan must keep to; None and what is not named are unlimited.

    `rooms` maps a place to how many times something can be held there in the term, `floors` a municipality to
    the seats that it gets at least. `fill` is the share of the seats that must be used for an offering to be held,
    `seconds` how long the search may take at most.
    """

    money: float | None = None
    hours: float | None = None
    rooms: Mapping[str, int] = field(default_factory=dict)
    floors: Mapping[str, int] = field(default_factory=dict)
    fill: float = 0.5
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class SupplyCase:
    """One planning problem; `gains` has a row for each community and a column for each offering.

    A gain is that of one seat, at least 0; NaN where the offering does not suit the community.
    """

    communities: tuple[SupplyCommunity, ...]
    offerings: tuple[SupplyOffering, ...]
    gains: NDArray[np.float64]
    limits: SupplyLimits


@dataclass(frozen=True, slots=True)
class PlannedOffering:
    """One offering that is held: how many times, seats used by municipality, and its part of the whole gain."""

    offering: str
    times: int
    seats: int
    communities: int
    by_municipality: Mapping[str, int]
    gain: float


@dataclass(frozen=True, slots=True)
class NotHeld:
    """One offering that could be held (again) and is not, and why."""

    offering: str
    why: NotHeldReason


@dataclass(frozen=True, slots=True)
class FloorPrice:
    """The share of the plan's gain that it costs to guarantee a municipality its floor.

    `floor` is what was asked for, `promised` what can be kept, `seats` what the plan gives. `price` is how much
    greater the gain would be without this floor, `interval` its bounds, because the search may stop before the best.
    """

    municipality: str
    floor: int
    promised: int
    seats: int
    price: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class NextBest:
    """An offering that would add most if there were the means: its gain as a share of the plan's, and what it takes."""

    offering: str
    gain: float
    seats: int
    money: float
    hours: float


@dataclass(frozen=True, slots=True)
class SupplyPlan:
    """The plan: what is held and what is not, and how good it is.

    `gain` is the sum of the gains of all seats, in the unit of the case. `gap` is how much greater the best possible
    gain could be at most, as a share of it. `reach` is the gain as a share of what would be gained if everything
    were held and nothing limited it.
    """

    held: tuple[PlannedOffering, ...]
    not_held: tuple[NotHeld, ...]
    floors: tuple[FloorPrice, ...]
    next_best: tuple[NextBest, ...]
    gain: float
    seats: int
    money: float
    hours: float
    gap: float
    reach: float

    def seats_of_municipality(self, municipality: str) -> int:
        """Return how many seats a municipality gets in the plan."""
        return sum(planned.by_municipality.get(municipality, 0) for planned in self.held)


class InvalidSupplyCase(Exception):
    """The gains do not match the communities and offerings, or a number is invalid."""
