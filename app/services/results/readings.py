"""One cell of one publication, read as a page needs it: what kind of page it gets, and its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.instruments import Instrument, Polarity
from app.core.languages import Language
from app.core.publication import (
    Balance,
    Cell,
    Figure,
    Level,
    Measure,
    Participation,
    Publication,
    Quadrants,
    State,
    Trend,
)

MOST_ROUNDS = 4


class Standing(StrEnum):
    """Which page a cell gets: numbers, placement only, or the wider result."""

    NUMBERS = "numbers"
    PLACEMENT = "placement"
    WIDER = "wider"


class Against(StrEnum):
    """How a mean lies against the region's: the interval decides, never the mean alone."""

    HIGHER = "higher"
    LOWER = "lower"
    NO_DIFFERENCE = "no_difference"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Past:
    """One earlier round of a row: its title, its figure, and whether the next round continues it."""

    title: str
    figure: Figure | None
    continued: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One scale in one cell, beside the region and the rounds before."""

    title: str
    description: str
    measure: Measure
    figure: Figure
    region: Figure | None
    against: Against
    past: tuple[Past, ...]
    trend: Trend | None

    @property
    def high_is_good(self) -> bool:
        """Whether a high number is something to be glad of."""
        return self.measure.polarity is Polarity.HIGH_IS_GOOD

    @property
    def goodness(self) -> float:
        """The mean as a share of the range, 0-1, turned so that 1 is good; 0 where there is no mean."""
        if self.figure.mean is None:
            return 0.0
        share = (self.figure.mean - self.measure.low) / (self.measure.high - self.measure.low)
        return share if self.high_is_good else 1 - share

    @property
    def last(self) -> Figure | None:
        """The figure of the round before, where the very same was asked."""
        before = self.past[-1] if self.past else None
        return before.figure if before is not None and before.continued else None


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that a page says of one cell."""

    publication: Publication
    cell: Cell
    name: str
    standing: Standing
    participation: Participation | None
    rows: tuple[Row, ...]
    quadrants: Quadrants | None
    balance: Balance | None
    last_title: str | None

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows that have a number."""
        return tuple(row for row in self.rows if row.figure.state is State.SHOWN)

    @property
    def strongest(self) -> tuple[Row, ...]:
        """The two scales that stand best; fewer where there are hardly any."""
        return tuple(sorted(self.shown, key=lambda row: -row.goodness)[: self._few])

    @property
    def weakest(self) -> tuple[Row, ...]:
        """The two scales that stand worst, the worst first."""
        return tuple(sorted(self.shown, key=lambda row: row.goodness)[: self._few])

    @property
    def _few(self) -> int:
        return min(2, len(self.shown) // 2)


def read(
    publication: Publication,
    cell: Cell,
    *,
    instrument: Instrument,
    earlier: Sequence[Publication],
    language: Language,
) -> Reading:
    """Read one cell of a publication beside the region and at most three rounds before it."""
    before = tuple(earlier)[-(MOST_ROUNDS - 1) :]
    titles = {scale.id: scale for scale in instrument.scales}
    rows = []
    for measure in publication.scales:
        figure = publication.figure(cell, measure.id)
        if figure is None:
            continue
        scale = titles[measure.id]
        words = scale.title.read(language), scale.description.read(language)
        rows.append(_row(publication, measure, figure, words=words, earlier=before))
    return Reading(
        publication=publication,
        cell=cell,
        name=name_of(publication, cell),
        standing=_standing(publication.state(cell)),
        participation=publication.participation_of(cell),
        rows=tuple(rows),
        quadrants=publication.quadrants_of(cell),
        balance=publication.balance_of(cell),
        last_title=before[-1].title if before else None,
    )


def name_of(publication: Publication, cell: Cell) -> str:
    """Return what the unit, municipality or region is called."""
    region = publication.region
    if cell.level is Level.REGION:
        return region.name
    named = region.municipalities if cell.level is Level.MUNICIPALITY else region.units
    return next((one.name for one in named if one.id == cell.unit), cell.unit)


def wider_cell(publication: Publication, cell: Cell) -> Cell:
    """Return the smallest wider set with numbers: the municipality if it has them, else the region."""
    home = next((unit.municipality for unit in publication.region.units if unit.id == cell.unit), None)
    if cell.level is Level.COMMUNITY and home is not None:
        municipality = Cell(Level.MUNICIPALITY, home)
        if publication.state(municipality) is State.SHOWN:
            return municipality
    return publication.region_cell


def _standing(state: State) -> Standing:
    return {
        State.SHOWN: Standing.NUMBERS,
        State.PLACEMENT: Standing.PLACEMENT,
        State.WITHHELD: Standing.WIDER,
    }[state]


def _row(
    publication: Publication,
    measure: Measure,
    figure: Figure,
    *,
    words: tuple[str, str],
    earlier: Sequence[Publication],
) -> Row:
    region = publication.figure(publication.region_cell, measure.id)
    is_region = figure.cell.level is Level.REGION
    past = tuple(_past(one, figure, after) for one, after in _pairs(earlier, figure, measure.id))
    since = earlier[-1].round if earlier else None
    return Row(
        title=words[0],
        description=words[1],
        measure=measure,
        figure=figure,
        region=None if is_region else region,
        against=Against.UNKNOWN if is_region else _against(figure, region),
        past=past,
        trend=next((trend for trend in figure.trends if trend.since == since), None),
    )


def _pairs(earlier: Sequence[Publication], figure: Figure, measure: str) -> list[tuple[Publication, Figure | None]]:
    """Set each earlier publication beside the figure that follows it."""
    later = [one.figure(figure.cell, measure) for one in earlier[1:]]
    return list(zip(earlier, [*later, figure], strict=False)) if earlier else []


def _past(before: Publication, figure: Figure, after: Figure | None) -> Past:
    found = before.figure(figure.cell, figure.measure)
    shown = found if found is not None and found.state is State.SHOWN else None
    continued = after is not None and any(trend.since == before.round for trend in after.trends)
    return Past(before.title, shown, continued)


def _against(figure: Figure, region: Figure | None) -> Against:
    # The interval for conditions is used: whether a place differs is no question of who happened to answer.
    interval = figure.interval_conditions or figure.interval
    if region is None or region.mean is None or region.capped or interval is None:
        return Against.UNKNOWN
    if interval[0] > region.mean:
        return Against.HIGHER
    if interval[1] < region.mean:
        return Against.LOWER
    return Against.NO_DIFFERENCE
