"""What passed the gate, frozen: the only source of every page, chart, file, mail and ranking.

A publication is made once, by `core.counting`, and stored as JSON. Nothing that is too small to
print is in it. Precision, caps and bands are already those of print.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.core.organisations import Region
from app.core.rounds import RoundId


class Level(StrEnum):
    """How wide a set of people is."""

    REGION = "region"
    MUNICIPALITY = "municipality"
    COMMUNITY = "community"


class State(StrEnum):
    """What may be said about a set of people."""

    SHOWN = "shown"
    PLACEMENT = "placement"
    WITHHELD = "withheld"


class Placement(StrEnum):
    """Where a small community lies, half a scale step or more from the region's mean."""

    BELOW = "below"
    SAME = "same"
    ABOVE = "above"


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A set of people: everybody in a unit, or one staff group of it (`group`)."""

    level: Level
    unit: str
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Participation:
    """How many answered in a cell, in bands, and which part of a parent is counted in it.

    `answers_band` such as "20-24", `response_band` such as "70-79" (per cent); both None where the
    cell is withheld. `covers` is (communities counted here, communities that exist) for a parent.
    """

    cell: Cell
    state: State
    answers_band: str | None
    response_band: str | None
    invited: int | None
    everyone_answered: bool = False
    covers: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """Shares in three classes, to 5 per cent; 10 means "at most 10", 90 means "at least 90"."""

    low: int
    middle: int
    high: int


@dataclass(frozen=True, slots=True)
class Trend:
    """The change of a printed mean since an earlier publication."""

    since: RoundId
    difference: float
    interval: tuple[float, float]
    label: str  # "clear", "possible" or "cannot_tell"


@dataclass(frozen=True, slots=True)
class Figure:
    """What may be said about one scale (or item) in one cell.

    `mean` is as printed (whole numbers on 0-100, tenths on raw means); `capped` is "low" or "high"
    when only "at most" or "at least" may be said. `interval` is "our staff now" (with the finite
    population correction), `interval_conditions` is for "working conditions" (without it), both
    rounded outwards. `shrunken` is the estimate to compare with, where one exists.
    """

    cell: Cell
    measure: str
    state: State
    mean: float | None = None
    capped: str | None = None
    interval: tuple[float, float] | None = None
    interval_conditions: tuple[float, float] | None = None
    placement: Placement | None = None
    shrunken: float | None = None
    distribution: Distribution | None = None
    trends: tuple[Trend, ...] = ()

    @property
    def half_width(self) -> float | None:
        """Half of the printed interval of "our staff now", or None."""
        return None if self.interval is None else (self.interval[1] - self.interval[0]) / 2


@dataclass(frozen=True, slots=True)
class RegionQuality:
    """What is known of one scale only from the pooled answers of the region (100 or more)."""

    scale: str
    alpha: float | None = None
    alpha_interval: tuple[float, float] | None = None
    omega: float | None = None
    icc1: float | None = None
    icc2: float | None = None
    rwg_median: float | None = None
    between_variance: float | None = None
    communities_differ: bool | None = None


@dataclass(frozen=True, slots=True)
class Quadrants:
    """Shares of people by demands and control, to 5 per cent, in one cell of 20 or more."""

    cell: Cell
    high_strain: int
    active: int
    passive: int
    low_strain: int


@dataclass(frozen=True, slots=True)
class Publication:
    """Everything that one round may ever say."""

    round: RoundId
    title: str
    instrument: str
    instrument_digest: str
    counted_at: datetime
    region: Region
    k: int
    invited: int
    issued: int
    counted: int
    participation: tuple[Participation, ...]
    figures: tuple[Figure, ...]
    items: tuple[Figure, ...] = ()
    quality: tuple[RegionQuality, ...] = ()
    quadrants: tuple[Quadrants, ...] = ()
    by_group: bool = False
    withdrawn: tuple[str, ...] = ()
    statements: Mapping[str, float] = field(default_factory=dict)

    def figure(self, cell: Cell, measure: str) -> Figure | None:
        """Return the figure of a scale in a cell, or None where there is none."""
        return next((f for f in self.figures if f.cell == cell and f.measure == measure), None)
