"""Gaps between needs and offerings: in the region, then as differences between municipalities.

A need is an expected gain, in the unit of the region: 1 is the mean over all communities and dimensions
(`app.core.matching.needs`). There is no threshold. Only figures that were printed are added up; a community whose
own figures may not be shown counts with its municipality's or the region's, as on its own page.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.core.catalogue import DIMENSIONS, Course, CourseStatus, Offering
from app.core.languages import PartlyTranslatedText
from app.core.matching.expected_gain import met_need_fraction_by_dimension
from app.core.matching.needs import NeedBasis, RegionNeeds, region_needs
from app.core.matching.ranking import offerings_open_for_registration
from app.core.matching.weights import WEIGHTS, Weights
from app.core.publication import RegionResults, SurveyResult
from app.core.scientific import stats
from app.core.stats.comparisons import benjamini_hochberg

YOUNG_UNDER = 3
DRAWS = 2000
CERTAINTY = 90
FALSE_DIFFERENCES = 0.10


class NeedComparisonOutcome(StrEnum):
    """Whether a municipality's need is greater or smaller than the region's, beyond chance."""

    GREATER = "greater"
    SMALLER = "smaller"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class GapCell:
    """One dimension in one municipality.

    `need` is the mean need of its staff and `interval` its interval (None where too few communities tell how needs
    differ), `side` whether it differs from the region, `own` how many of the communities count with figures of their
    own (a placement included), `wanted` the seats it would take, `seats` its share of those offered.
    """

    dimension: str
    municipality: str
    communities: int
    own: int
    staff: int
    need: float
    interval: tuple[float, float] | None
    side: NeedComparisonOutcome
    wanted: float
    seats: float


@dataclass(frozen=True, slots=True)
class SeatDemandForecast:
    """How many seats a dimension would take, with an interval; a guess while the rounds are few."""

    dimension: str
    seats: float
    interval: tuple[float, float]
    uptake: float
    rounds: int

    @property
    def rests_on_few_rounds(self) -> bool:
        """Whether the forecast rests on fewer than three rounds."""
        return self.rounds < YOUNG_UNDER


@dataclass(frozen=True, slots=True)
class GapRow:
    """One dimension over all municipalities: how needed it is, with an interval, what is offered, what it would take.

    A seat of a course that bears on several dimensions is shared among them by how much it helps in each.
    """

    dimension: str
    cells: tuple[GapCell, ...]
    need: float
    interval: tuple[float, float] | None
    offerings: int
    offered: float
    forecast: SeatDemandForecast

    @property
    def offered_seats(self) -> int:
        """The number of offered seats, rounded."""
        return round(self.offered)

    @property
    def lacks_offerings(self) -> bool:
        """Whether there is need but no offering."""
        return self.need > 0 and not self.offerings

    @property
    def seats_below_forecast_interval(self) -> int:
        """How many seats fewer there are than the lower end of the forecast asks for."""
        return max(0, round(self.forecast.interval[0]) - self.offered_seats)

    @property
    def seats_above_forecast_interval(self) -> int:
        """How many seats more there are than the upper end of the forecast asks for."""
        return max(0, self.offered_seats - round(self.forecast.interval[1]))


@dataclass(frozen=True, slots=True)
class GapMap:
    """The whole map: rows by dimension, the greatest need of the region first; columns by municipality.

    `unneeded` are offerings of which every dimension has seats to spare. `surveys` holds the titles of the surveys
    that the needs rest on, with the number of communities that rest on each, the most first.
    """

    municipalities: tuple[tuple[str, str], ...]
    rows: tuple[GapRow, ...]
    unneeded: tuple[tuple[Course, Offering], ...]
    rounds: int
    version: str
    uptake: float
    surveys: tuple[tuple[PartlyTranslatedText, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Units:
    """Every unit with its staff and its municipality, and its needs by dimension (NaN where it was not asked)."""

    results: tuple[SurveyResult, ...]
    needs: RegionNeeds
    staff: NDArray[np.float64]
    dimensions: tuple[str, ...]
    values: NDArray[np.float64]

    @classmethod
    def of(cls, region: RegionResults, weights: Weights) -> "_Units":
        needs = region_needs(region, weights=weights)
        by_unit = [needs.needs_of_unit(result.unit.id) for result in region.results]
        known = tuple(
            name
            for name in DIMENSIONS
            if any(name in of_unit and of_unit[name].basis is not NeedBasis.NOTHING for of_unit in by_unit)
        )
        values = np.array(
            [[of_unit[name].value if name in of_unit else math.nan for name in known] for of_unit in by_unit],
            dtype=float,
        ).reshape(len(by_unit), len(known))
        staff = np.array([result.unit.invited_count for result in region.results], dtype=float)
        return cls(region.results, needs, staff, known, values)

    def wanted(self, uptake: float) -> NDArray[np.float64]:
        """Return the seats that each unit would take in each dimension: its staff x uptake, shared by its needs."""
        whole = np.nansum(self.values, axis=1, keepdims=True)
        shares = np.divide(self.values, whole, out=np.zeros_like(self.values), where=whole > 0)
        wanted: NDArray[np.float64] = np.nan_to_num(shares) * self.staff[:, None] * uptake
        return wanted

    def places(self, municipality: str) -> NDArray[np.int64]:
        """Return the rows of one municipality."""
        listed = [number for number, result in enumerate(self.results) if result.unit.municipality == municipality]
        return np.array(listed, dtype=np.int64)


def build_gap_map(
    region: RegionResults,
    courses: Iterable[Course],
    *,
    today: date,
    chance: Generator,
    weights: Weights = WEIGHTS,
) -> GapMap:
    """Compare the needs in each unit's newest survey with the offerings open for registration from `today` on.

    The results may come from several surveys: each unit is weighed by the figures of its own. How many surveys
    of the whole region there were tells how far a forecast may be trusted. The share of staff that takes a seat in a
    term is the `uptake` of the weights, as on the lists.
    """
    listed = tuple(courses)
    units = _Units.of(region, weights)
    places = tuple(municipality.id for municipality in region.municipalities)
    uptake = weights.uptake
    wanted = units.wanted(uptake)
    sides, intervals = _differences(units, places)
    rows = []
    for column, dimension in enumerate(units.dimensions):
        offerings, offered = _offered(listed, dimension, today, weights, asked=units.dimensions)
        whole = float(wanted[:, column].sum())
        share = offered / whole if whole else 0.0
        cells = tuple(
            _cell(
                units,
                column,
                place,
                wanted=float(wanted[units.places(place), column].sum()),
                share=share,
                interval=intervals[number][column],
                side=sides[number][column],
            )
            for number, place in enumerate(places)
        )
        rows.append(
            GapRow(
                dimension=dimension,
                cells=cells,
                need=_mean(units.values[:, column], units.staff),
                interval=_region_interval(units, column),
                offerings=offerings,
                offered=offered,
                forecast=_forecast(dimension, wanted[:, column], rounds=region.rounds, chance=chance, uptake=uptake),
            )
        )
    ordered = tuple(sorted(rows, key=lambda row: -row.need))
    return GapMap(
        municipalities=tuple((municipality.id, municipality.name) for municipality in region.municipalities),
        rows=ordered,
        unneeded=_unneeded(listed, ordered, today, weights),
        rounds=region.rounds,
        version=weights.version,
        uptake=uptake,
        surveys=_titles(region.results),
    )


def _titles(results: Iterable[SurveyResult]) -> tuple[tuple[PartlyTranslatedText, int], ...]:
    titles = {survey_result.publication.round: survey_result.publication.translated_title for survey_result in results}
    counted = Counter(survey_result.publication.round for survey_result in results)
    return tuple((titles[number], communities) for number, communities in counted.most_common())


def _offered(
    courses: Iterable[Course], dimension: str, today: date, weights: Weights, *, asked: Iterable[str]
) -> tuple[int, float]:
    """Return how many offerings bear on a dimension, and its part of their seats.

    The seats of a course are shared among those of its dimensions that were `asked` about: a dimension that no survey
    asks about yet has no row, and its part would be lost.
    """
    known = frozenset(asked)
    offerings = 0
    seats = 0.0
    for course in courses:
        strengths = met_need_fraction_by_dimension(course, weights)
        if course.status is CourseStatus.ACTIVE and dimension in strengths:
            open_now = offerings_open_for_registration(course, today)
            offerings += len(open_now)
            part = strengths[dimension] / sum(strength for name, strength in strengths.items() if name in known)
            seats += part * sum(offering.capacity for offering in open_now)
    return offerings, seats


def _mean(values: NDArray[np.float64], staff: NDArray[np.float64]) -> float:
    """Return the mean by staff of what is known; 0 where nothing is."""
    known = ~np.isnan(values)
    whole = float(staff[known].sum())
    return float(values[known] @ staff[known]) / whole if whole else 0.0


def _spread(units: _Units, column: int) -> tuple[float, int]:
    """Return the variance of needs within municipalities and its degrees of freedom, over the whole region.

    Formula: the pooled variance of communities about the mean of their municipality. A municipality of few
    communities borrows it from all others.
    """
    squares = 0.0
    freedom = 0
    for place in dict.fromkeys(result.unit.municipality for result in units.results):
        values = units.values[units.places(place), column]
        values = values[~np.isnan(values)]
        if len(values):
            squares += float(((values - values.mean()) ** 2).sum())
            freedom += len(values) - 1
    return (squares / freedom if freedom else math.nan), freedom


def _standard_error(staff: NDArray[np.float64], variance: float) -> float:
    """Return the standard error of a mean by staff. Formula: s sqrt(sum w^2) / sum w."""
    whole = float(staff.sum())
    return math.sqrt(variance * float((staff**2).sum())) / whole if whole else math.nan


def _region_interval(units: _Units, column: int) -> tuple[float, float] | None:
    known = ~np.isnan(units.values[:, column])
    values = units.values[known, column]
    if len(values) < 2:
        return None
    error = _standard_error(units.staff[known], float(values.var(ddof=1)))
    return _interval(_mean(units.values[:, column], units.staff), error, len(values) - 1)


def _interval(mean: float, error: float, freedom: int) -> tuple[float, float] | None:
    if not math.isfinite(error) or freedom < 1:
        return None
    reach = float(stats.t.ppf((1 + CERTAINTY / 100) / 2, freedom)) * error
    return max(0.0, mean - reach), mean + reach


def _differences(
    units: _Units, places: Sequence[str]
) -> tuple[list[list[NeedComparisonOutcome]], list[list[tuple[float, float] | None]]]:
    """Return by municipality and dimension on which side of all others it lies, and the interval of its need.

    A municipality is compared with the rest of the region (t with the pooled variance). Over all cells at most a
    tenth of the differences found is chance (Benjamini and Hochberg).
    """
    shape = (len(places), len(units.dimensions))
    p = np.full(shape, math.nan)
    signs = np.zeros(shape)
    intervals: list[list[tuple[float, float] | None]] = []
    for number, place in enumerate(places):
        here = np.zeros(len(units.results), dtype=bool)
        here[units.places(place)] = True
        intervals.append([])
        for column in range(shape[1]):
            known = ~np.isnan(units.values[:, column])
            variance, freedom = _spread(units, column)
            own = _standard_error(units.staff[here & known], variance)
            rest = _standard_error(units.staff[~here & known], variance)
            mean = _mean(units.values[here, column], units.staff[here])
            intervals[-1].append(_interval(mean, own, freedom))
            error = math.hypot(own, rest)
            if error > 0 and freedom:
                gap = mean - _mean(units.values[~here, column], units.staff[~here])
                p[number, column] = 2 * float(stats.t.sf(abs(gap) / error, freedom))
                signs[number, column] = gap
    beyond = np.nan_to_num(benjamini_hochberg(p.ravel()).reshape(shape), nan=1.0) <= FALSE_DIFFERENCES
    sides = [
        [_side(differs=bool(beyond[row, column]), gap=float(signs[row, column])) for column in range(shape[1])]
        for row in range(shape[0])
    ]
    return sides, intervals


def _side(*, differs: bool, gap: float) -> NeedComparisonOutcome:
    if not differs:
        return NeedComparisonOutcome.ALIKE
    return NeedComparisonOutcome.GREATER if gap > 0 else NeedComparisonOutcome.SMALLER


def _cell(
    units: _Units,
    column: int,
    municipality: str,
    *,
    wanted: float,
    share: float,
    interval: tuple[float, float] | None,
    side: NeedComparisonOutcome,
) -> GapCell:
    dimension = units.dimensions[column]
    here = [place for place in units.places(municipality) if not np.isnan(units.values[place, column])]
    staff = units.staff[here]
    bases = [units.needs.needs_of_unit(units.results[place].unit.id)[dimension].basis for place in here]
    return GapCell(
        dimension=dimension,
        municipality=municipality,
        communities=len(here),
        own=sum(basis in {NeedBasis.OWN, NeedBasis.PLACEMENT} for basis in bases),
        staff=int(staff.sum()),
        need=_mean(units.values[here, column], staff),
        interval=interval,
        side=side,
        wanted=wanted,
        seats=wanted * share,
    )


def _forecast(
    dimension: str, wanted: NDArray[np.float64], *, rounds: int, chance: Generator, uptake: float
) -> SeatDemandForecast:
    """Resample the communities: another year brings other communities with the same kind of needs."""
    if not wanted.any():
        return SeatDemandForecast(dimension, 0.0, (0.0, 0.0), uptake, rounds)
    drawn = chance.integers(0, len(wanted), size=(DRAWS, len(wanted)))
    sums = wanted[drawn].sum(axis=1)
    low, high = np.percentile(sums, [(100 - CERTAINTY) / 2, (100 + CERTAINTY) / 2])
    return SeatDemandForecast(dimension, float(wanted.sum()), (float(low), float(high)), uptake, rounds)


def _unneeded(
    courses: Iterable[Course], rows: Iterable[GapRow], today: date, weights: Weights
) -> tuple[tuple[Course, Offering], ...]:
    spare = {row.dimension for row in rows if row.seats_above_forecast_interval}
    asked = {row.dimension for row in rows}
    return tuple(
        (course, offering)
        for course in courses
        if course.status is CourseStatus.ACTIVE
        and not (met_need_fraction_by_dimension(course, weights).keys() & asked) - spare
        for offering in offerings_open_for_registration(course, today)
    )
