"""Where needs and offerings miss each other: dimension x municipality, and how many seats it takes.

Only figures that were printed are added up. A community whose own figures may not be shown counts
with its municipality's or the region's, as on its own page.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator

from app.core.catalogue import DIMENSIONS, Course, CourseStatus, Offering, Relevance
from app.core.matching.level_needs import Need, NeedBasis, community_needs
from app.core.matching.ranking import upcoming
from app.core.matching.weights import WEIGHTS, Weights
from app.core.publication import RegionResults, SurveyResult

CONNECTED_FROM = 2
NEED_FROM = 0.10
UPTAKE = 0.20
YOUNG_UNDER = 3
DRAWS = 2000
CERTAINTY = 90


@dataclass(frozen=True, slots=True)
class GapCell:
    """One dimension in one municipality: staff, staff in communities with need, and how great it is.

    `need` is the mean need of all staff, 0-1; `own` how many of the communities count with figures
    of their own (a placement included), `seats` the municipality's share of the seats by its need.
    """

    dimension: str
    municipality: str
    communities: int
    own: int
    staff: int
    staff_in_need: int
    need: float
    seats: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many seats a dimension would take, with an interval; a guess while the rounds are few."""

    dimension: str
    seats: float
    interval: tuple[float, float]
    uptake: float
    rounds: int

    @property
    def is_a_guess(self) -> bool:
        """Whether the forecast rests on fewer than three rounds."""
        return self.rounds < YOUNG_UNDER


@dataclass(frozen=True, slots=True)
class GapRow:
    """One dimension over all municipalities, with what is offered and what it would take."""

    dimension: str
    cells: tuple[GapCell, ...]
    offerings: int
    seats: int
    forecast: Forecast

    @property
    def staff_in_need(self) -> int:
        """Staff in communities with need, over all municipalities."""
        return sum(cell.staff_in_need for cell in self.cells)

    @property
    def lacks_offerings(self) -> bool:
        """Whether there is need and nothing to answer it with."""
        return self.staff_in_need > 0 and self.seats == 0

    @property
    def seats_missing(self) -> int:
        """How many seats fewer there are than the lower end of the forecast asks for."""
        return max(0, round(self.forecast.interval[0]) - self.seats)


@dataclass(frozen=True, slots=True)
class GapMap:
    """The whole map: rows by dimension, columns by municipality, and what nobody needs.

    `surveys` holds the titles of the surveys that the needs rest on, with the number of communities that
    rest on each, the most first.
    """

    municipalities: tuple[tuple[str, str], ...]
    rows: tuple[GapRow, ...]
    unneeded: tuple[tuple[Course, Offering], ...]
    rounds: int
    version: str
    surveys: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Weighed:
    """One unit's survey result with the needs that it shows."""

    result: SurveyResult
    needs: Mapping[str, Need]

    @property
    def size(self) -> int:
        return self.result.unit.size

    def load(self, dimension: str) -> float:
        """Return staff x need in one dimension; nothing where the unit's survey did not ask about it."""
        return self.size * self.needs[dimension].value if dimension in self.needs else 0.0


def build_gap_map(
    region: RegionResults,
    courses: Iterable[Course],
    *,
    today: date,
    chance: Generator,
    weights: Weights = WEIGHTS,
    uptake: float = UPTAKE,
) -> GapMap:
    """Set what each unit's own newest survey says beside what can be registered to from `today` on.

    The results may come from several surveys: each unit is weighed by the figures of its own. How many surveys
    of the whole region there were tells how far a forecast may be trusted. `uptake` is the share of staff that
    takes a seat where the need is full.
    """
    weighed = [
        _Weighed(survey_result, community_needs(survey_result.publication, survey_result.unit.id, weights=weights))
        for survey_result in region.results
    ]
    dimensions = [word for word in DIMENSIONS if any(word in each_weighed.needs for each_weighed in weighed)]
    offered = {word: _offered(courses, word, today) for word in dimensions}
    places = tuple(municipality.id for municipality in region.municipalities)
    rows = tuple(
        _row(weighed, word, offered[word], places=places, rounds=region.rounds, chance=chance, uptake=uptake)
        for word in dimensions
    )
    return GapMap(
        municipalities=tuple((municipality.id, municipality.name) for municipality in region.municipalities),
        rows=rows,
        unneeded=_unneeded(courses, weighed, today),
        rounds=region.rounds,
        version=weights.version,
        surveys=_titles(region.results),
    )


def _titles(results: Iterable[SurveyResult]) -> tuple[tuple[str, int], ...]:
    titles = {survey_result.publication.round: survey_result.publication.title for survey_result in results}
    counted = Counter(survey_result.publication.round for survey_result in results)
    return tuple((titles[number], communities) for number, communities in counted.most_common())


def _offered(courses: Iterable[Course], dimension: str, today: date) -> tuple[Offering, ...]:
    return tuple(
        offering
        for course in courses
        if course.status is CourseStatus.ACTIVE and _relevance_of_course(course, dimension)
        for offering in upcoming(course, today)
    )


def _relevance_of_course(course: Course, dimension: str) -> bool:
    return any(
        relevance.dimension == dimension and _strongest(relevance) >= CONNECTED_FROM for relevance in course.dimensions
    )


def _strongest(relevance: Relevance) -> int:
    return max(relevance.value, relevance.second or 0)


def _row(
    weighed: Sequence[_Weighed],
    dimension: str,
    offered: Sequence[Offering],
    *,
    places: Sequence[str],
    rounds: int,
    chance: Generator,
    uptake: float,
) -> GapRow:
    seats = sum(offering.capacity for offering in offered)
    loads = np.array([each_weighed.load(dimension) for each_weighed in weighed])
    whole = float(loads.sum())
    share = seats / whole if whole else 0.0
    cells = tuple(_cell(weighed, dimension, place, share=share) for place in places)
    forecast = _forecast(dimension, loads, rounds=rounds, chance=chance, uptake=uptake)
    return GapRow(dimension, cells, len(offered), seats, forecast)


def _cell(weighed: Iterable[_Weighed], dimension: str, municipality: str, *, share: float) -> GapCell:
    here = [
        each_weighed
        for each_weighed in weighed
        if each_weighed.result.unit.municipality == municipality and dimension in each_weighed.needs
    ]
    staff = sum(weighed.size for weighed in here)
    load = sum(weighed.load(dimension) for weighed in here)
    return GapCell(
        dimension=dimension,
        municipality=municipality,
        communities=len(here),
        own=sum(weighed.needs[dimension].basis in {NeedBasis.OWN, NeedBasis.PLACEMENT} for weighed in here),
        staff=staff,
        staff_in_need=sum(weighed.size for weighed in here if weighed.needs[dimension].value >= NEED_FROM),
        need=load / staff if staff else 0.0,
        seats=load * share,
    )


def _forecast(dimension: str, loads: np.ndarray, *, rounds: int, chance: Generator, uptake: float) -> Forecast:
    """Resample the communities: another year brings other communities with the same kind of needs."""
    if not loads.any():
        return Forecast(dimension, 0.0, (0.0, 0.0), uptake, rounds)
    drawn = chance.integers(0, len(loads), size=(DRAWS, len(loads)))
    sums = loads[drawn].sum(axis=1) * uptake
    low, high = np.percentile(sums, [(100 - CERTAINTY) / 2, (100 + CERTAINTY) / 2])
    return Forecast(dimension, float(loads.sum() * uptake), (float(low), float(high)), uptake, rounds)


def _unneeded(
    courses: Iterable[Course], weighed: Iterable[_Weighed], today: date
) -> tuple[tuple[Course, Offering], ...]:
    needed = {word for each_weighed in weighed for word, need in each_weighed.needs.items() if need.value >= NEED_FROM}
    return tuple(
        (course, offering)
        for course in courses
        if course.status is CourseStatus.ACTIVE and not any(_relevance_of_course(course, word) for word in needed)
        for offering in upcoming(course, today)
    )
