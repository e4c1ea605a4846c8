"""Dossier for a funder: needs, their certainty, the distribution of needs and seats, and the sources.

Every number is in the publication, in the catalogue, or in an allocation; nothing is computed from answers, and what
may not be shown is not shown here either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.catalogue import DIMENSIONS, Course
from app.core.instruments import Instrument
from app.core.languages import PartlyTranslatedText, TranslatedText
from app.core.matching.gaps import GapMap, GapRow
from app.core.organisations import Municipality
from app.core.publication import Cell, DisclosureState, Figure, Level, Measure, Publication, RegionResults


@dataclass(frozen=True, slots=True)
class SeatsByCommunity:
    """Seats by community: requested, granted (None before an allocation), and expected by the lists.

    `expected` holds the seats granted already; None while the lists of a large region are being made.
    """

    requested: Mapping[str, int]
    granted: Mapping[str, int] | None
    expected: Mapping[str, int] | None = None
    with_nothing: int = 0


@dataclass(frozen=True, slots=True)
class DimensionLine:
    """One dimension over the region: its mean, its need, the seats offered and those it would take.

    `need` is the mean expected gain of the region's staff, 1 being the mean over all dimensions; `need_interval` its
    interval, None where too few communities tell how needs differ.
    """

    dimension: str
    title: TranslatedText
    measure: Measure
    figure: Figure | None
    need: float
    need_interval: tuple[float, float] | None
    staff: int
    offered: int
    forecast: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class MunicipalityLine:
    """One municipality: communities, those with figures of their own, staff, its greatest need, seats.

    `greatest` is the dimension with the greatest need and `need` how great it is, None and 0 where no need shows.
    """

    name: str
    member: bool
    communities: int
    own: int
    staff: int
    need: float
    greatest: str | None
    requested: int
    granted: int | None
    expected: int | None = None

    @property
    def granted_seats_per_100_staff(self) -> float | None:
        """Seats granted for every hundred of staff; None before an allocation or without staff."""
        return None if self.granted is None or not self.staff else 100 * self.granted / self.staff


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One staff group over the region: its figure in each dimension, in the order of the dimensions."""

    name: TranslatedText
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One round that the dossier rests on."""

    title: PartlyTranslatedText
    closed_at: datetime | None
    invited: int
    counted: int
    digest: str


@dataclass(frozen=True, slots=True)
class SeatUseLine:
    """Use of the seats of one course: granted, taken and completed, over all of its offerings with numbers."""

    course: TranslatedText
    granted: int
    taken: int
    completed: int


@dataclass(frozen=True, slots=True)
class SupplyPlanLine:
    """One course of the supply plan: how often, seats, what it takes, and its part (0-1) of the plan's gain."""

    course: TranslatedText
    times: int
    seats: int
    money: float
    hours: float
    gain: float


@dataclass(frozen=True, slots=True)
class MunicipalityFloorLine:
    """Seats of one municipality in the supply plan, those promised, and the price (0-1) of the promise."""

    municipality: str
    seats: int
    promised: int
    price: float


@dataclass(frozen=True, slots=True)
class SupplyPlanSummary:
    """The supply plan for the next term: sums, how near the best it is, what would be next."""

    made_at: datetime
    seats: int
    money: float
    hours: float
    reach: float
    gap: float
    lines: tuple[SupplyPlanLine, ...]
    floors: tuple[MunicipalityFloorLine, ...]
    next_course: TranslatedText | None = None
    next_gain: float = 0.0
    next_money: float = 0.0


@dataclass(frozen=True, slots=True)
class Dossier:
    """Document for a funder: needs, seats, supply plan and sources of the region, newest round first."""

    region: str
    made_at: datetime
    k: int
    instrument: TranslatedText
    instrument_version: str
    dimensions: tuple[DimensionLine, ...]
    municipalities: tuple[MunicipalityLine, ...]
    groups: tuple[GroupLine, ...]
    rounds: tuple[RoundLine, ...]
    courses: tuple[Course, ...]
    seating: SeatsByCommunity
    weights: str
    uptake: float
    certainty: int
    rests_on_few_rounds: bool
    used: tuple[SeatUseLine, ...] = ()
    plan: SupplyPlanSummary | None = None


def compile_dossier(
    region: RegionResults,
    gaps: GapMap,
    instrument: Instrument,
    courses: Sequence[Course],
    seating: SeatsByCommunity,
    *,
    uptake: float,
    certainty: int,
    made_at: datetime,
) -> Dossier:
    """Compile the dossier; `instrument` is that of the newest regional survey, `courses` those that are offered."""
    regional = region.regional
    lines = tuple(_dimension(region, row, instrument) for row in gaps.rows)
    return Dossier(
        region=regional.region.name,
        made_at=made_at,
        k=regional.k,
        instrument=instrument.title,
        instrument_version=instrument.version,
        dimensions=lines,
        municipalities=tuple(
            _municipality(region, gaps, municipality, seating) for municipality in region.municipalities
        ),
        groups=_groups(regional, lines, instrument),
        rounds=tuple(
            RoundLine(
                survey.translated_title, survey.closed_at, survey.invited, survey.counted, survey.instrument_digest
            )
            for survey in reversed(region.surveys)
        ),
        courses=tuple(courses),
        seating=seating,
        weights=gaps.version,
        uptake=uptake,
        certainty=certainty,
        rests_on_few_rounds=any(row.forecast.rests_on_few_rounds for row in gaps.rows),
    )


def _dimension(region: RegionResults, row: GapRow, instrument: Instrument) -> DimensionLine:
    """Describe a dimension; one that only a survey of a part of the region asked about has no mean of the region."""
    regional = region.regional
    dimension = row.dimension
    measure = _measure_of(regional, dimension)
    return DimensionLine(
        dimension=dimension,
        title=DIMENSIONS[dimension] if measure is None else instrument.scale(measure.id).title,
        measure=measure or _measure_elsewhere(region, dimension),
        figure=None if measure is None else _shown(regional.figure(regional.region_cell, measure.id)),
        need=row.need,
        need_interval=row.interval,
        staff=sum(cell.staff for cell in row.cells),
        offered=row.offered_seats,
        forecast=row.forecast.seats,
        interval=row.forecast.interval,
    )


def _measure_of(publication: Publication, dimension: str) -> Measure | None:
    return next((scale for scale in publication.scales if scale.dimension == dimension), None)


def _measure_elsewhere(region: RegionResults, dimension: str) -> Measure:
    measures = (_measure_of(survey, dimension) for survey in reversed(region.surveys))
    return next(measure for measure in measures if measure is not None)


def _municipality(
    region: RegionResults, gaps: GapMap, place: Municipality, seating: SeatsByCommunity
) -> MunicipalityLine:
    cells = [cell for row in gaps.rows for cell in row.cells if cell.municipality == place.id]
    worst = max(cells, key=lambda cell: cell.need, default=None)
    here = [survey_result.unit for survey_result in region.results if survey_result.unit.municipality == place.id]
    units = [unit.id for unit in here]
    return MunicipalityLine(
        name=place.name,
        member=place.member,
        communities=len(units),
        own=min((cell.own for cell in cells), default=0),
        staff=sum(unit.invited_count for unit in here),
        need=worst.need if worst else 0.0,
        greatest=worst.dimension if worst and worst.need else None,
        requested=sum(seating.requested.get(unit, 0) for unit in units),
        granted=None if seating.granted is None else sum(seating.granted.get(unit, 0) for unit in units),
        expected=None if seating.expected is None else sum(seating.expected.get(unit, 0) for unit in units),
    )


def _groups(regional: Publication, lines: Sequence[DimensionLine], instrument: Instrument) -> tuple[GroupLine, ...]:
    result = []
    for group in instrument.groups:
        cell = Cell(Level.REGION, regional.region.id, group.id)
        figures = tuple(_shown(regional.figure(cell, line.measure.id)) for line in lines)
        result.append(GroupLine(group.name, figures))
    return tuple(result)


def _shown(figure: Figure | None) -> Figure | None:
    return figure if figure is not None and figure.state is DisclosureState.SHOWN and figure.mean is not None else None
