"""What a community needs, dimension by dimension, from the frozen publication and nothing else.

A need is 0-1: the largest of three gaps, each as a share of what counts as a full need: the level
below what is acceptable, the distance to the region where the results themselves say that the place
differs from it, and the own decline where its interval excludes "no change".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from app.core.catalogue import DIMENSIONS
from app.core.instruments import Polarity
from app.core.matching.weights import WEIGHTS, Weights
from app.core.publication import (
    Cell,
    ChangeLabel,
    DisclosureState,
    Figure,
    Level,
    Measure,
    Placement,
    Publication,
    RegionComparison,
    Trend,
    compare_with_region,
    placement_chance,
)

DEMANDS = "demands"
Beside = Callable[[Cell], Mapping[str, RegionComparison]]


class NeedBasis(StrEnum):
    """Whose figure a need rests on."""

    OWN = "own"
    PLACEMENT = "placement"
    MUNICIPALITY = "municipality"
    REGION = "region"
    NOTHING = "nothing"


class NeedReason(StrEnum):
    """Why there is a need, or why there is none."""

    LEVEL = "level"
    REGION = "region"
    DECLINE = "decline"
    PLACEMENT = "placement"
    ACCEPTABLE = "acceptable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Need:
    """How much a community needs in one dimension, and what that rests on, in printed numbers.

    `gaps` holds every gap that was weighed, `mean` and `region` the printed means, `estimate` the
    steadier (shrunken) one that the level gap was taken from, `chance` how likely a placement is true, `change` the own
    decline, `is_clear` whether the results call it clear.
    """

    dimension: str
    measure: str
    value: float
    basis: NeedBasis
    cause: NeedReason
    gaps: Mapping[NeedReason, float]
    polarity: Polarity = Polarity.HIGH_IS_GOOD
    mean: float | None = None
    estimate: float | None = None
    region: float | None = None
    interval: tuple[float, float] | None = None
    placement: Placement | None = None
    chance: float | None = None
    change: float | None = None
    is_clear: bool = False


def community_needs(publication: Publication, unit: str, *, weights: Weights = WEIGHTS) -> dict[str, Need]:
    """Return the needs of a reporting unit by dimension; of two scales of one dimension the greater.

    Only dimensions of the catalogue count: a scale about anything else (what followed the last survey) is shown
    in no list of needs, so it must not steer one.
    Raises KeyError for a unit that is not part of the publication.
    """
    municipality = {unit.id: unit.municipality for unit in publication.region.units}[unit]
    ladder = (
        (NeedBasis.OWN, Cell(Level.COMMUNITY, unit)),
        (NeedBasis.MUNICIPALITY, Cell(Level.MUNICIPALITY, municipality)),
        (NeedBasis.REGION, publication.region_cell),
    )

    @cache
    def beside(cell: Cell) -> Mapping[str, RegionComparison]:
        return compare_with_region(publication, cell)

    result: dict[str, Need] = {}
    for measure in publication.scales:
        if measure.dimension not in DIMENSIONS:
            continue
        need = _need(publication, measure, ladder, weights, beside=beside)
        if need.value >= result.get(measure.dimension, need).value:
            result[measure.dimension] = need
    return result


def _need(
    publication: Publication,
    measure: Measure,
    ladder: tuple[tuple[NeedBasis, Cell], ...],
    weights: Weights,
    *,
    beside: Beside,
) -> Need:
    region = publication.figure(publication.region_cell, measure.id)
    for basis, cell in ladder:
        figure = publication.figure(cell, measure.id)
        if figure is None or figure.state is DisclosureState.WITHHELD:
            continue
        if figure.state is DisclosureState.PLACEMENT and figure.placement is not None:
            chance = placement_chance(publication, figure)
            return _from_placement(measure, figure.placement, region, weights, chance=chance)
        if figure.mean is not None:
            against = beside(cell).get(measure.id, RegionComparison.UNKNOWN)
            return _from_mean(measure, figure, region, basis=basis, weights=weights, against=against)
    return _known(measure, {}, basis=NeedBasis.NOTHING, otherwise=NeedReason.UNKNOWN)


def _from_mean(
    measure: Measure,
    figure: Figure,
    region: Figure | None,
    *,
    basis: NeedBasis,
    weights: Weights,
    against: RegionComparison,
) -> Need:
    region_mean = region.mean if region else None
    estimate = figure.mean if figure.shrunken is None else figure.shrunken
    decline = _decline(measure, figure)
    change = None if decline is None else decline.difference
    gaps = {
        NeedReason.LEVEL: _level_gap(measure, estimate, weights),
        NeedReason.REGION: _region_gap(measure, estimate, region_mean, against, weights),
        NeedReason.DECLINE: 0.0 if change is None else min(1.0, abs(change) / _range(measure) / weights.decline_span),
    }
    return _known(
        measure,
        gaps,
        basis=basis,
        mean=figure.mean,
        estimate=estimate,
        region=region_mean,
        interval=figure.interval,
        change=change,
        is_clear=decline is not None and decline.label is ChangeLabel.CLEAR,
    )


def _from_placement(
    measure: Measure, placement: Placement, region: Figure | None, weights: Weights, *, chance: float | None
) -> Need:
    worse = Placement.ABOVE if measure.polarity is Polarity.HIGH_IS_BAD else Placement.BELOW
    region_mean = region.mean if region else None
    level = _level_gap(measure, region_mean, weights) if placement in {worse, Placement.SAME} else 0.0
    gaps = {NeedReason.LEVEL: level, NeedReason.PLACEMENT: weights.placement_need if placement is worse else 0.0}
    return _known(measure, gaps, basis=NeedBasis.PLACEMENT, region=region_mean, placement=placement, chance=chance)


def _known(
    measure: Measure,
    gaps: Mapping[NeedReason, float],
    *,
    basis: NeedBasis,
    otherwise: NeedReason = NeedReason.ACCEPTABLE,
    **facts: object,
) -> Need:
    largest = max(gaps, key=lambda cause: gaps[cause], default=None)
    value = 0.0 if largest is None else gaps[largest]
    cause = largest if largest is not None and value > 0 else otherwise
    return Need(
        dimension=measure.dimension,
        measure=measure.id,
        value=value,
        basis=basis,
        cause=cause,
        gaps=dict(gaps),
        polarity=measure.polarity,
        **facts,  # type: ignore[arg-type]
    )


def _range(measure: Measure) -> float:
    return measure.high - measure.low


def goodness(measure: Measure, number: float) -> float:
    """Return where a printed number lies between the bad end (0) and the good end (1) of its range."""
    share = (number - measure.low) / _range(measure)
    return 1 - share if measure.polarity is Polarity.HIGH_IS_BAD else share


def _level_gap(measure: Measure, estimate: float | None, weights: Weights) -> float:
    if estimate is None:
        return 0.0
    return _between_0_and_1((weights.acceptable - goodness(measure, estimate)) / (weights.acceptable - weights.poor))


def _region_gap(
    measure: Measure, estimate: float | None, region: float | None, against: RegionComparison, weights: Weights
) -> float:
    """Return the gap to the region; none where the results page would say that there is no clear difference."""
    worse = RegionComparison.HIGHER if measure.polarity is Polarity.HIGH_IS_BAD else RegionComparison.LOWER
    if estimate is None or region is None or against is not worse:
        return 0.0
    return _between_0_and_1((goodness(measure, region) - goodness(measure, estimate)) / weights.region_span)


def _decline(measure: Measure, figure: Figure) -> Trend | None:
    """Return the own change for the worse, where its interval excludes "no change", else None."""
    if not figure.trends:
        return None
    trend = figure.trends[-1]
    low, high = trend.interval
    worse = low > 0 if measure.polarity is Polarity.HIGH_IS_BAD else high < 0
    return trend if worse else None


def _between_0_and_1(number: float) -> float:
    return min(1.0, max(0.0, number))
