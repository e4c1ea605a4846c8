"""Convert the published statements on a measure into bounds on the unknown answers.

Reads everything published: means with their rounding and caps, midpoints of intervals, placements,
distributions, means of kinds of communities, answer bands, coverage of parents, and the number of invited people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.publication import (
    Capped,
    Cell,
    CommunityKindMean,
    DisclosureState,
    Distribution,
    Figure,
    Level,
    Measure,
    MeasureKind,
    Participation,
    Placement,
    Publication,
)

HALF_SHARE = 2.5  # per cent: shares are printed to 5


@dataclass(frozen=True, slots=True)
class AtomicCell:
    """The smallest set of people that an attacker can identify: a unit, or one staff group of it."""

    unit: int
    group: str | None
    invited: int


@dataclass(frozen=True, slots=True)
class Statement:
    """Bounds on the answers of some leaves: their number, their mean, and the shares of the thirds.

    `grain` is that of a mean rounded more coarsely than the measure's precision.
    """

    cell: Cell
    leaves: tuple[int, ...]
    answers: tuple[float, float]
    mean: tuple[float, float]
    shares: tuple[tuple[float, float], ...] = ()
    grain: float | None = None


@dataclass(frozen=True, slots=True)
class AttackerKnowledge:
    """All statements on one measure, the leaves, and the published sets."""

    measure: Measure
    leaves: tuple[AtomicCell, ...]
    municipalities: tuple[str, ...]
    statements: tuple[Statement, ...]
    published_sets: frozenset[tuple[int, ...]]


def read_attacker_knowledge(publication: Publication, measure: Measure) -> AttackerKnowledge:
    """Return everything that a publication states about one measure."""
    figures = tuple(_figures(publication, measure))
    groups = sorted({figure.cell.group for figure in figures if figure.cell.group is not None})
    cells = tuple(_leaves(publication, groups))
    pairs = [(figure, statement) for figure in figures for statement in _statements(publication, figure, cells)]
    printed = frozenset(statement.leaves for figure, statement in pairs if figure.state is DisclosureState.SHOWN)
    kinds = tuple(_kind_statements(publication, measure, cells))
    homes = tuple(unit.municipality for unit in publication.region.units)
    return AttackerKnowledge(
        measure,
        cells,
        homes,
        (*(statement for _, statement in pairs), *kinds),
        printed | {statement.leaves for statement in kinds},
    )


def _kind_statements(publication: Publication, measure: Measure, cells: Sequence[AtomicCell]) -> Iterator[Statement]:
    """Yield the statements that the means of kinds of communities make."""
    same = {other.id for other in publication.measures if other.identity == measure.identity}
    for item in publication.kinds:
        if item.measure in same:
            covered = _units_of_kind(publication, item)
            members = tuple(index for index, cell in enumerate(cells) if cell.unit in covered)
            figure = item.as_figure(publication.region_cell)
            bounds = _mean(publication, figure, publication.measure(item.measure))
            answers = (float(publication.k * item.communities), np.inf)
            grain = None if item.capped else item.grain
            yield Statement(publication.region_cell, members, answers, bounds, grain=grain)


def _units_of_kind(publication: Publication, item: CommunityKindMean) -> frozenset[int]:
    """Return the rows of the units that a kind's mean counts: the first set of the size that it states.

    Units with this scale printed; with enough answers; not withheld; all of the kind.
    """
    rows = [row for row, unit in enumerate(publication.region.units) if unit.kind is item.kind]
    ids = {row: publication.region.units[row].id for row in rows}
    not_withheld = [
        row
        for row in rows
        if publication.disclosure_state_of(Cell(Level.COMMUNITY, ids[row])) is not DisclosureState.WITHHELD
    ]
    for chosen in (
        [row for row in rows if _is_printed(publication, ids[row], item.measure, detail=False)],
        _units_with_enough_answers(publication, rows),
        not_withheld,
    ):
        if len(chosen) == item.communities:
            return frozenset(chosen)
    return frozenset(rows)


def _figures(publication: Publication, measure: Measure) -> Iterator[Figure]:
    """Yield the figures of the measure, and of any other measure with the same answers."""
    same = {other.id: other for other in publication.measures if other.identity == measure.identity}
    for figure in (*publication.figures, *publication.items):
        if figure.measure in same and figure.state is not DisclosureState.WITHHELD:
            yield figure


def _leaves(publication: Publication, groups: Sequence[str]) -> Iterator[AtomicCell]:
    for row, unit in enumerate(publication.region.units):
        for group in groups:
            yield AtomicCell(row, group, unit.invited.get(group, 0))
        yield AtomicCell(row, None, unit.invited_count)


def _statements(publication: Publication, figure: Figure, cells: Sequence[AtomicCell]) -> Iterator[Statement]:
    """Yield the statements of one figure; the mean and the distribution of a parent may count different units."""
    measure = publication.measure(figure.measure)
    band = publication.answers_band_of(figure)
    most = np.inf if band is None else float(band.split("-")[1])
    least = publication.placement_from if figure.state is DisclosureState.PLACEMENT else publication.k
    members = _members(publication, figure, cells, detail=False)
    grain = None if figure.capped else figure.grain
    yield Statement(figure.cell, members, (least, most), _mean(publication, figure, measure), grain=grain)
    if figure.distribution is not None:
        members = _members(publication, figure, cells, detail=True)
        yield Statement(figure.cell, members, (publication.detail_from, most), _whole(measure), _shares(figure))


def _members(publication: Publication, figure: Figure, cells: Sequence[AtomicCell], *, detail: bool) -> tuple[int, ...]:
    covered = _covered(publication, figure, detail=detail)
    group = figure.cell.group
    return tuple(
        index for index, cell in enumerate(cells) if covered[cell.unit] and (group is None or cell.group == group)
    )


def counted_unit_mask(publication: Publication, cell: Cell) -> NDArray[np.bool_]:
    """Return which units a parent counts over all ballots."""
    part = publication.participation_of(cell)
    covers = 0 if part is None or part.covers is None else part.covers[0]
    if cell.level is Level.REGION:
        return _units_counted_in_region(publication, covers)
    places = [row for row, unit in enumerate(publication.region.units) if unit.municipality == cell.unit]
    enough = _units_with_enough_answers(publication, places)
    result = np.zeros(len(publication.region.units), dtype=np.bool_)
    result[enough if len(enough) == covers else places] = True
    return result


def _covered(publication: Publication, figure: Figure, *, detail: bool) -> NDArray[np.bool_]:
    """Return the units counted in a figure, derived from "covers 9 of 10" and the published rules."""
    units = publication.region.units
    cell = figure.cell
    if cell.level is Level.COMMUNITY:
        return np.array([unit.id == cell.unit for unit in units])
    if cell.level is Level.MUNICIPALITY:
        return _municipality(publication, figure, detail=detail)
    parts = [Cell(Level.MUNICIPALITY, municipality.id) for municipality in publication.region.municipalities]
    figures = (publication.figure(part, figure.measure) for part in parts)
    counting = [figure for figure in figures if figure is not None and _covers(publication, figure, detail=detail)]
    together = np.zeros(len(units), dtype=np.bool_)
    for part_figure in counting:
        together |= _municipality(publication, part_figure, detail=detail)
    wanted = _covers(publication, figure, detail=detail)
    if wanted == sum(_covers(publication, figure, detail=detail) for figure in counting):
        return together
    part = publication.participation_of(cell)
    if not detail and part is not None and part.covers is not None and part.covers[0] == wanted:
        return _units_counted_in_region(publication, part.covers[0])
    mean = _mean_over_the_same(publication, figure, detail=detail)
    return np.ones(len(units), dtype=np.bool_) if mean is None else _covered(publication, mean, detail=False)


def _units_counted_in_region(publication: Publication, wanted: int) -> NDArray[np.bool_]:
    """Return the units that the region counts over all ballots, not for one question."""
    result = np.zeros(len(publication.region.units), dtype=np.bool_)
    counted = 0
    for municipality in publication.region.municipalities:
        places = [row for row, unit in enumerate(publication.region.units) if unit.municipality == municipality.id]
        part = publication.participation_of(Cell(Level.MUNICIPALITY, municipality.id))
        if part is None or part.covers is None:  # nothing is published about it
            continue
        enough = _units_with_enough_answers(publication, places)
        result[enough if len(enough) == part.covers[0] else places] = True
        counted += part.covers[0]
    return result if counted == wanted else np.ones_like(result)


def _units_with_enough_answers(publication: Publication, places: Sequence[int]) -> list[int]:
    """Return the units with enough answers for a number."""
    parts = [publication.participation_of(Cell(Level.COMMUNITY, publication.region.units[row].id)) for row in places]
    return [
        row for row, part in zip(places, parts, strict=True) if part is not None and _has_enough(part, publication.k)
    ]


def _mean_over_the_same(publication: Publication, figure: Figure, *, detail: bool) -> Figure | None:
    """Return a scale's mean that counts as many units as a distribution or an item, its own mean first."""
    if not detail and publication.measure(figure.measure).kind is MeasureKind.SCALE:
        return None
    identity = publication.measure(figure.measure).identity
    for scale in sorted(publication.scales, key=lambda measure: measure.identity != identity):
        mean = publication.figure(figure.cell, scale.id)
        wanted = _covers(publication, figure, detail=detail)
        if mean is not None and _covers(publication, mean, detail=False) == wanted:
            return mean
    return None


def _municipality(publication: Publication, figure: Figure, *, detail: bool) -> NDArray[np.bool_]:
    """Return the first candidate set of a municipality's units with the size that the figure states."""
    places = [row for row, unit in enumerate(publication.region.units) if unit.municipality == figure.cell.unit]
    wanted = _covers(publication, figure, detail=detail)
    result = np.zeros(len(publication.region.units), dtype=np.bool_)
    for rows in _sets(publication, figure, places, detail=detail):
        if len(rows) == wanted:
            result[rows] = True
            return result
    result[places] = True
    return result


def _sets(publication: Publication, figure: Figure, places: Sequence[int], *, detail: bool) -> Iterator[list[int]]:
    """Yield the sets of a municipality's units that a figure may count, most likely first.

    Units with this measure published; with its mean published; with another scale over the same answers
    published; with enough answers.
    """
    units = [publication.region.units[row].id for row in places]
    scales = [scale.id for scale in publication.scales if scale.id != figure.measure]
    for measure, kind in ((figure.measure, detail), (figure.measure, False), *((scale, False) for scale in scales)):
        yield [
            row for row, unit in zip(places, units, strict=True) if _is_printed(publication, unit, measure, detail=kind)
        ]
    yield _units_with_enough_answers(publication, places)


def _has_enough(part: Participation, k: int) -> bool:
    band = part.answers_band
    return part.state is DisclosureState.SHOWN or (band is not None and int(band.split("-")[0]) >= k)


def _is_printed(publication: Publication, unit: str, measure: str, *, detail: bool) -> bool:
    """Tell whether this measure is published for a unit."""
    figure = publication.figure(Cell(Level.COMMUNITY, unit), measure)
    if figure is None or figure.state is not DisclosureState.SHOWN:
        return False
    return figure.distribution is not None or not detail


def _covers(publication: Publication, figure: Figure, *, detail: bool) -> int:
    """Return how many units a parent counts; 0 if it is not published."""
    if figure.state is not DisclosureState.SHOWN or (detail and figure.distribution is None):
        return 0
    covers = publication.unit_coverage_of_distribution(figure) if detail else publication.unit_coverage_of_mean(figure)
    return 0 if covers is None else covers[0]


def _whole(measure: Measure) -> tuple[float, float]:
    return measure.low, measure.high


def _mean(publication: Publication, figure: Figure, measure: Measure) -> tuple[float, float]:
    """Return the bounds of the mean that the published figure implies."""
    unit = 10.0**-measure.decimals
    if figure.placement is not None:
        return _placed(publication, figure.placement, measure)
    if figure.mean is None:
        return _whole(measure)
    if figure.capped is Capped.LOW:
        return measure.low, figure.mean + unit / 2
    if figure.capped is Capped.HIGH:
        return figure.mean - unit / 2, measure.high
    half = 0.5 * (figure.grain or unit)
    low = figure.mean - half
    high = figure.mean + half
    for interval in (figure.interval, figure.interval_conditions):
        if interval is not None and measure.low < interval[0] and interval[1] < measure.high:
            middle = (interval[0] + interval[1]) / 2
            low = max(low, middle - half)
            high = min(high, middle + half)
    return max(low, measure.low), min(high, measure.high)


def _placed(publication: Publication, placement: Placement, measure: Measure) -> tuple[float, float]:
    region = publication.figure(publication.region_cell, measure.id)
    if region is None or region.mean is None:
        return _whole(measure)
    low = region.mean - measure.step / 2
    high = region.mean + measure.step / 2
    if placement is Placement.BELOW:
        return measure.low, low
    if placement is Placement.ABOVE:
        return high, measure.high
    return low if low >= measure.cap_low else measure.low, high if high <= measure.cap_high else measure.high


def _shares(figure: Figure) -> tuple[tuple[float, float], ...]:
    if figure.distribution is None:
        return ()
    distribution: Distribution = figure.distribution
    return tuple(_share(share) for share in (distribution.low, distribution.middle, distribution.high))


def _share(share: int) -> tuple[float, float]:
    """Return the bounds of a published share as fractions; 10 and 90 are caps."""
    low = 0.0 if share <= 10 else (share - HALF_SHARE) / 100
    high = 1.0 if share >= 90 else (share + HALF_SHARE) / 100
    return low, high
