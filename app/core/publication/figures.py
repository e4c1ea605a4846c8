"""Parts of a publication: sets of people, and the figures published about them."""

from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from app.core.instruments import Polarity
from app.core.organisations import CommunityKind
from app.core.rounds import RoundId
from app.core.stats.change import ChangeLabel

MIN_RATE_ANSWERS = 10  # answers: with fewer no response rate is published
MIN_POSSIBLE_COUNTS = 3  # that a band of answers and a response rate leave possible together


class Level(StrEnum):
    """How large a set of people is: community, municipality or region."""

    REGION = "region"
    MUNICIPALITY = "municipality"
    COMMUNITY = "community"


class DisclosureState(StrEnum):
    """What may be said about a set of people."""

    SHOWN = "shown"
    PLACEMENT = "placement"
    WITHHELD = "withheld"


class Placement(StrEnum):
    """Where a small community lies: half a step between two options, or more, from the region's mean."""

    BELOW = "below"
    SAME = "same"
    ABOVE = "above"


class Capped(StrEnum):
    """Only "at most" or "at least" may be said of a mean near the end of its range."""

    LOW = "low"
    HIGH = "high"


class MeasureKind(StrEnum):
    """Whether a number comes from a whole scale or from one item."""

    SCALE = "scale"
    ITEM = "item"


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A set of people: everybody in a unit, or one staff group of it (`group`)."""

    level: Level
    unit: str
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """What a number is about, so that a publication can be read without its questionnaire.

    `low` and `high` are the ends of the printed range; `decimals` its precision; at or below
    `cap_low` only "at most", at or above `cap_high` only "at least" is printed. `step` is the
    distance between two neighbouring options. Two measures with the same `identity` ask and score
    the very same thing. `lead_in` is the digest of what stands above the questions on their pages (None in
    publications counted before it was kept; `with_lead_ins` works it out). Only measures with the same
    `comparison_key` are compared between rounds.
    """

    id: str
    kind: MeasureKind
    identity: str
    polarity: Polarity
    low: float
    high: float
    decimals: int
    cap_low: float
    cap_high: float
    step: float
    dimension: str = ""
    sensitive: bool = False
    lead_in: str | None = None

    @property
    def comparison_key(self) -> str:
        """What two measures must have in common to be compared: questions, scoring, and what stands above them."""
        if self.lead_in is None:
            return self.identity
        return sha256(f"{self.identity} {self.lead_in}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Participation:
    """How many answered in a cell, in bands, and which part of a parent is counted in it.

    `answers_band` such as "20-24", `response_band` such as "70-79" (per cent, "100" when everyone
    answered); both None where the cell is withheld. `covers` is (communities counted here,
    communities that exist) for a region or municipality; `detail_covers` the same for what needs
    more answers (distributions, items, quadrants), `sensitive_covers` for sensitive scales. `detail`
    says whether any of the former exists for the cell. A question that fewer answered says on its figure
    what differs; a cell is shown as soon as one of its figures is.
    `silent_shift`: had the non-respondents answered 10 per cent of the range lower, the mean of all staff
    would be at most this many per cent of the range lower.
    """

    cell: Cell
    state: DisclosureState
    answers_band: str | None
    response_band: str | None
    invited: int | None
    everyone_answered: bool = False
    covers: tuple[int, int] | None = None
    detail: bool = False
    detail_covers: tuple[int, int] | None = None
    sensitive_covers: tuple[int, int] | None = None
    silent_shift: float | None = None

    @property
    def without_private_counts(self) -> "Participation":
        """What may be published of it; a publication that was stored earlier may hold more.

        No response rate is published of a staff group, which people tick themselves while the head count
        comes from the employer; of fewer than ten answers; and where rate and band together leave
        fewer than three counts.
        """
        if self.cell.group is not None:
            return replace(self, response_band=None, invited=None, everyone_answered=False, silent_shift=None)
        if self.response_band is None or self._leaves_enough():
            return self
        return replace(self, response_band=None, everyone_answered=False, silent_shift=None)

    def _leaves_enough(self) -> bool:
        if self.answers_band is None or self.response_band is None or not self.invited:
            return False
        low, high = (int(end) for end in self.answers_band.split("-"))
        if low < MIN_RATE_ANSWERS:
            return False
        if self.everyone_answered:
            return True
        rate_low, rate_high = (int(end) for end in self.response_band.split("-"))
        counts = range(low, min(high, self.invited) + 1)
        by_rate = [n for n in counts if rate_low <= 100 * n // self.invited <= rate_high]
        return len(by_rate) >= min(MIN_POSSIBLE_COUNTS, len(counts))


def default_unit_coverage(part: Participation, measure: Measure) -> tuple[int, int] | None:
    """Return (units counted, units that exist) for a parent's mean where the figure itself does not say."""
    if measure.kind is MeasureKind.ITEM:
        return part.detail_covers
    return part.sensitive_covers if measure.sensitive else part.covers


@dataclass(frozen=True, slots=True)
class Distribution:
    """Shares in three classes, to 5 per cent; 10 means "at most 10", 90 means "at least 90".

    The classes are the thirds of the range; a number on the border belongs to the middle. `intervals`
    are those of the three shares, in per cent (Wilson's, of printed share and band of answers).
    """

    low: int
    middle: int
    high: int
    intervals: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Trend:
    """The change of a printed mean since an earlier publication, made of printed figures only.

    `interval` and `label` are for "working conditions changed" (each round taken as a sample);
    `staff_interval` is for "the mean of our staff differs". `effect` is Hedges g. `comparisons`
    is how many changes were looked at in the same report, which `label` allows for.
    """

    since: RoundId
    difference: float
    interval: tuple[float, float]
    label: ChangeLabel
    staff_interval: tuple[float, float] | None = None
    effect: float | None = None
    comparisons: int = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """What may be said about one scale (or item) in one cell.

    `mean` is as printed (whole numbers on 0-100, tenths on raw means; to the nearest `grain` where few
    answers to few questions stand behind it); when `capped`, it is the cap itself. `interval` is "our staff now" (with
    the finite population correction; None when everyone answered), `interval_conditions` is for
    "working conditions" (without it). Both are rounded outwards, but of a municipality or the region with
    100 answers or more once, halves away from zero; there `half_width_conditions` is half of the latter
    to one decimal more, from which changes are computed.
    `shrunken` is the estimate to compare with: the mean drawn to the region's; of a capped mean it is a bound
    too, the cap drawn in the same way. `worst_case` are the means that all staff might have,
    whatever the non-respondents would have answered. `smallest_change` is the least change that a next round of
    the same size could tell from chance, and one just as large is seen in half of the cases;
    `change_seen_mostly` is the one that is seen in four cases of five (None in old publications).
    Where fewer answered this question than took part, and only where it
    changes what is said: `answers_band` is the band of those who did, `covers` and `detail_covers`
    say which communities a parent's mean and its distribution count, instead of what the cell's
    `Participation` says.
    """

    cell: Cell
    measure: str
    state: DisclosureState
    mean: float | None = None
    capped: Capped | None = None
    interval: tuple[float, float] | None = None
    interval_conditions: tuple[float, float] | None = None
    placement: Placement | None = None
    shrunken: float | None = None
    distribution: Distribution | None = None
    trends: tuple[Trend, ...] = ()
    worst_case: tuple[float, float] | None = None
    smallest_change: float | None = None
    grain: float | None = None
    answers_band: str | None = None
    covers: tuple[int, int] | None = None
    detail_covers: tuple[int, int] | None = None
    change_seen_mostly: float | None = None
    half_width_conditions: float | None = None

    @property
    def half_width(self) -> float | None:
        """Half of the printed interval of "our staff now", or None."""
        return None if self.interval is None else (self.interval[1] - self.interval[0]) / 2


@dataclass(frozen=True, slots=True)
class RegionQuality:
    """What is known of one scale only from the pooled answers of the region (100 or more).

    `alpha` is Cronbach's with Feldt's interval, or Spearman-Brown's coefficient for two items. The variances are
    those between the true means of communities and between the scores within one, in squared units.
    """

    scale: str
    alpha: float | None = None
    alpha_interval: tuple[float, float] | None = None
    omega: float | None = None
    icc1: float | None = None
    icc2: float | None = None
    rwg_median: float | None = None
    between_variance: float | None = None
    communities_differ: bool | None = None
    items: int = 0
    within_variance: float | None = None


@dataclass(frozen=True, slots=True)
class CommunityKindMean:
    """The mean of the region's communities of one kind on one scale, over those whose own mean is printed.

    `communities` is how many that are, at least five. `mean`, `capped` and `grain` are those of a `Figure`.
    """

    kind: CommunityKind
    measure: str
    communities: int
    mean: float
    capped: Capped | None = None
    grain: float | None = None

    def as_figure(self, cell: Cell) -> Figure:
        """Return the mean as a figure, for what formats and compares figures; `cell` is the region's."""
        return Figure(cell, self.measure, DisclosureState.SHOWN, mean=self.mean, capped=self.capped, grain=self.grain)


@dataclass(frozen=True, slots=True)
class ImpactWeight:
    """Relative weight of one scale for wellbeing: its share of the variance that all scales explain, to 5 per cent.

    `weight` is drawn towards equal shares by its uncertainty; `interval` is the 90 per cent interval of the share
    itself, rounded outwards to 10 per cent. The weights of a publication add up to 1 but for rounding.
    """

    scale: str
    weight: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Impact:
    """How the scales go together with wellbeing within communities, from 300 or more answers of the whole region.

    An association, not a cause. `outcome` is the scale of wellbeing, `explained` the share of its variance within
    communities that the other scales explain together, to 10 per cent.
    """

    outcome: str
    weights: tuple[ImpactWeight, ...]
    explained: float


@dataclass(frozen=True, slots=True)
class Quadrants:
    """Shares of people by demands and control, to 5 per cent, in one cell of 20 or more.

    10 means "at most 10" and 90 "at least 90". Exactly on a cut is neither high demands nor low control.
    `intervals` are those of the four shares in that order, made as those of a distribution. `covers` says
    which communities a parent counts, where these are not those of its `Participation`.
    """

    cell: Cell
    high_strain: int
    active: int
    passive: int
    low_strain: int
    intervals: tuple[tuple[int, int], ...] = ()
    covers: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """The mean of control minus the mean of demands, from two printed means that are not capped."""

    cell: Cell
    difference: float
    interval: tuple[float, float] | None = None
