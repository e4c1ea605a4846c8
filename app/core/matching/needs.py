"""Needs of each community, from publications only; the same rule for communities of all sizes.

need = impact x (r reach + (1 - r) adverse) is a possible gain in wellbeing, in one unit for all dimensions: 1 is the
mean over all communities and dimensions of the region. `reach` is the expected shortfall to a level that a quarter of
the region's communities have already, `adverse` the expected share of staff in the adverse third of the scale; each
is divided by its mean over all communities and dimensions. Both come from what is known of the community's true mean,
its uncertainty included: so there is no threshold, and few answers do not make a need by chance. r is 0.35: in
simulated regions the adverse share is the steadier of the two, and the sum finds more of what helps than equal parts.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.caches import BoundedCache
from app.core.catalogue import DIMENSIONS
from app.core.instruments import Polarity
from app.core.matching.weights import WEIGHTS, Weights
from app.core.publication import (
    Capped,
    Cell,
    DisclosureState,
    Distribution,
    Figure,
    Level,
    Measure,
    Placement,
    Publication,
    RegionComparisonOutcome,
    RegionResults,
    SurveyResult,
    compare_measures_with_region,
    placement_chance,
)
from app.core.stats.posterior import (
    UPPER_QUARTER,
    Posterior,
    Prior,
    expected_share_below,
    expected_shortfall,
    from_group_mean,
    from_limits,
    from_mean,
    normal_quantile,
)

DEMANDS = "demands"
WELLBEING = "wellbeing"
THIRD = 1 / 3
# A publication that tells no variances (few answers, or an old one): a person's scores have a standard deviation of a
# fifth of the range, a tenth of their variance is the community's.
USUAL_VARIANCE = 0.2**2
USUAL_SHARE_BETWEEN = 0.10
CAPPED_SHARES = (10, 90)
# So many answers weigh as much as what the mean says of the share in the adverse third.
SHARE_PRIOR = 30
MOSTLY_COMMON = 0.8


class NeedBasis(StrEnum):
    """Which figure a need is computed from: own, placement, municipality, region, or none."""

    OWN = "own"
    PLACEMENT = "placement"
    MUNICIPALITY = "municipality"
    REGION = "region"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Need:
    """How much a community needs in one dimension, what that is made of, and the printed figures it rests on.

    `value` and `common` are in the region's unit (1 is the mean need); `common` is the need of an average community
    of the region. `impact` is the weight of the dimension for wellbeing (mean 1), `reach` the expected shortfall as a
    share of the range, `adverse` the expected share of staff in the adverse third. `posterior` is what is known of the
    true mean, as a share of the range with the good end up. `measure` and all that follows are of the scale that
    weighs most: printed means (`capped` ones are bounds), interval, placement and how likely it is true;
    `region_level` is the region's mean as a share of the range with the good end up, `ends` are those of the range.
    """

    dimension: str
    measure: str
    basis: NeedBasis
    value: float = 0.0
    common: float = 0.0
    impact: float = 1.0
    reach: float = 0.0
    adverse: float = 0.0
    posterior: Posterior | None = None
    polarity: Polarity = Polarity.HIGH_IS_GOOD
    mean: float | None = None
    region: float | None = None
    interval: tuple[float, float] | None = None
    placement: Placement | None = None
    chance: float | None = None
    distribution: Distribution | None = None
    region_level: float | None = None
    capped: Capped | None = None
    region_capped: Capped | None = None
    ends: tuple[float, float] = (0.0, 100.0)

    @property
    def difference_from_average_unit(self) -> float:
        """How much more (or less) is needed here than in an average community of the region."""
        return self.value - self.common

    @property
    def is_strength(self) -> bool:
        """Whether the community's own figure lies above the region's mean by more than its uncertainty."""
        if self.basis is not NeedBasis.OWN or self.posterior is None or self.region_level is None:
            return False
        return self.posterior.mean - self.posterior.sd > self.region_level

    @property
    def is_mostly_common(self) -> bool:
        """Whether an average community of the region needs nearly as much."""
        return self.common >= MOSTLY_COMMON * self.value


@dataclass(frozen=True)
class RegionNeeds:
    """The needs of every unit of a region by dimension, and the unit they are measured in.

    `impacts` is the weight of each dimension for wellbeing, `measured` whether these were measured or are all equal.
    `staff` is by unit.
    """

    units: Mapping[str, Mapping[str, Need]]
    staff: Mapping[str, int]
    impacts: Mapping[str, float]
    measured: bool

    def needs_of_unit(self, unit: str) -> Mapping[str, Need]:
        """Return the needs of a unit by dimension; KeyError for one that is not in the region's results."""
        return self.units[unit]


def region_needs(region: RegionResults, *, weights: Weights = WEIGHTS) -> RegionNeeds:
    """Return the needs of every unit of a region, each by its own newest survey.

    Kept in memory: several pages show them, and they read a part of a publication for every unit.
    """
    results = region.results
    key = tuple((result.publication.cache_key, result.unit.id) for result in results), repr(weights)
    # The results are held with the needs, so that no identity of a publication is taken twice.
    return _NEEDS.get_or_make(key, lambda: (needs_of_results(results, weights=weights), results))[0]


def needs_of_results(results: Iterable[SurveyResult], *, weights: Weights = WEIGHTS) -> RegionNeeds:
    """Return the needs of units by dimension, measured in the mean over all of them.

    Only dimensions of the catalogue count: a scale about anything else (what followed the last survey) is shown
    in no list of needs, so it must not steer one. The parts of a dimension are those of its scales, weighed by
    impact.
    """
    surveys: dict[int, _Survey] = {}
    staff: dict[str, int] = {}
    parts: dict[str, tuple[_Part, ...]] = {}
    for result in results:
        survey = surveys.setdefault(int(result.publication.round), _Survey(result.publication, weights))
        staff[result.unit.id] = result.unit.invited_count
        parts[result.unit.id] = survey.parts_of(result)
    known = [part for of_unit in parts.values() for part in of_unit if part.need.basis is not NeedBasis.NOTHING]
    scale = _Means(
        _mean(part.need.reach for part in known),
        _mean(part.need.adverse for part in known),
        weights.reach_share,
    )
    newest = max(surveys.values(), key=lambda survey: survey.publication.round_opened_at, default=None)
    return RegionNeeds(
        units={unit: {part.need.dimension: scale.applied(part) for part in of_unit} for unit, of_unit in parts.items()},
        staff=staff,
        impacts={} if newest is None else newest.impacts,
        measured=newest is not None and newest.measured,
    )


def weaker_dimensions(publication: Publication, unit: str) -> frozenset[str]:
    """Return the dimensions in which the results page calls a unit weaker than the region."""
    cell = Cell(Level.COMMUNITY, unit)
    compared = compare_measures_with_region(publication, cell)
    result = set()
    for measure in publication.scales:
        figure = publication.figure(cell, measure.id)
        if figure is None or figure.state is not DisclosureState.SHOWN:
            continue
        worse = (
            RegionComparisonOutcome.HIGHER
            if measure.polarity is Polarity.HIGH_IS_BAD
            else RegionComparisonOutcome.LOWER
        )
        if measure.dimension in DIMENSIONS and compared.get(measure.id) is worse:
            result.add(measure.dimension)
    return frozenset(result)


@dataclass(frozen=True, slots=True)
class _Part:
    """A need before it is scaled: its two parts, and those of an average community."""

    need: Need
    common_reach: float = 0.0
    common_adverse: float = 0.0


@dataclass(frozen=True, slots=True)
class _Means:
    """The means over all communities and dimensions by which the two parts are divided, and the weight of reach."""

    reach: float
    adverse: float
    reach_share: float

    def applied(self, part: _Part) -> Need:
        """Return the need in the region's unit."""
        need = part.need
        return replace(
            need,
            value=need.impact * self._sum(need.reach, need.adverse),
            common=need.impact * self._sum(part.common_reach, part.common_adverse),
        )

    def _sum(self, reach: float, adverse: float) -> float:
        share = self.reach_share
        return share * _relative(reach, self.reach) + (1 - share) * _relative(adverse, self.adverse)


def _relative(value: float, mean: float) -> float:
    return value / mean if mean > 0 else 0.0


def _mean(numbers: Iterable[float]) -> float:
    result = list(numbers)
    return sum(result) / len(result) if result else 0.0


@dataclass(frozen=True, slots=True)
class _Scale:
    """A scale of one survey: what is known of the region, the level to reach, and where the adverse third begins.

    All as shares of the range with the good end up. `share` is its part in its dimension.
    """

    measure: Measure
    share: float
    prior: Prior | None
    level: float
    cut: float
    region: Figure | None

    def parts(self, posterior: Posterior) -> tuple[float, float]:
        """Return reach and adverse share for what is known of a true mean."""
        if self.prior is None:
            return 0.0, 0.0
        return expected_shortfall(posterior, self.level), expected_share_below(posterior, self.cut, self.prior.within)


class _Survey:
    """One publication, read once for all of its units."""

    def __init__(self, publication: Publication, weights: Weights) -> None:
        self.publication = publication
        scales = [measure for measure in publication.scales if measure.dimension in DIMENSIONS]
        impact = publication.impact if weights.impact_trust > 0 else None
        self.measured = impact is not None
        shares = _impact_shares(publication, scales, trust=weights.impact_trust)
        self.impacts = {
            dimension: sum(shares[measure.id] for measure in scales if measure.dimension == dimension)
            for dimension in dict.fromkeys(measure.dimension for measure in scales)
        }
        self.scales: dict[str, tuple[_Scale, ...]] = {
            dimension: tuple(
                _scale(publication, measure, share=shares[measure.id] / (impact_of or 1.0))
                for measure in scales
                if measure.dimension == dimension
            )
            for dimension, impact_of in self.impacts.items()
        }
        self.members: dict[str, int] = {}
        for unit in publication.region.units:
            self.members[unit.municipality] = self.members.get(unit.municipality, 0) + 1

    def parts_of(self, result: SurveyResult) -> tuple[_Part, ...]:
        """Return the parts of every dimension for one unit."""
        return tuple(
            _joined(
                [(scale.share, self._part(scale, result.unit.id, result.unit.municipality)) for scale in scales],
                impact=self.impacts[dimension],
            )
            for dimension, scales in self.scales.items()
        )

    def _part(self, scale: _Scale, unit: str, municipality: str) -> _Part:
        """Return one scale's part for a unit, from its own figure, else its municipality's, else the region's."""
        measure = scale.measure
        prior = scale.prior
        if prior is None:
            return _Part(Need(measure.dimension, measure.id, NeedBasis.NOTHING, polarity=measure.polarity))
        figure = self._figure(Cell(Level.COMMUNITY, unit), measure)
        basis = NeedBasis.OWN
        if figure is None:
            figure = self._figure(Cell(Level.MUNICIPALITY, municipality), measure)
            basis = NeedBasis.MUNICIPALITY if figure is not None else NeedBasis.REGION
        elif figure.placement is not None:
            basis = NeedBasis.PLACEMENT
        posterior = self._posterior(scale, prior, figure, basis, members=self.members.get(municipality, 1))
        reach, adverse = scale.parts(posterior)
        if basis is NeedBasis.OWN and figure is not None and figure.distribution is not None:
            adverse = _with_printed_share(adverse, figure.distribution, measure, n=self._answers(figure))
        common_reach, common_adverse = scale.parts(Posterior(prior.mean, math.sqrt(prior.between)))
        need = Need(
            dimension=measure.dimension,
            measure=measure.id,
            basis=basis,
            reach=reach,
            adverse=adverse,
            posterior=posterior,
            polarity=measure.polarity,
            ends=(measure.low, measure.high),
            region=None if scale.region is None else scale.region.mean,
            region_capped=None if scale.region is None else scale.region.capped,
            region_level=prior.mean,
            **self._printed(figure, basis),
        )
        return _Part(need, common_reach, common_adverse)

    def _printed(self, figure: Figure | None, basis: NeedBasis) -> dict[str, Any]:
        """Return the printed figures that a sentence about the need may name."""
        if figure is None:
            return {}
        if basis is NeedBasis.PLACEMENT:
            return {"placement": figure.placement, "chance": placement_chance(self.publication, figure)}
        return {
            "mean": figure.mean,
            "capped": figure.capped,
            "interval": figure.interval,
            "distribution": figure.distribution,
        }

    def _figure(self, cell: Cell, measure: Measure) -> Figure | None:
        """Return a figure of which something is printed, or None."""
        figure = self.publication.figure(cell, measure.id)
        if figure is None or figure.state is DisclosureState.WITHHELD:
            return None
        return None if figure.mean is None and figure.placement is None else figure

    def _posterior(
        self, scale: _Scale, prior: Prior, figure: Figure | None, basis: NeedBasis, *, members: int
    ) -> Posterior:
        """Return what the printed figure says of the unit's true mean."""
        if figure is None:
            return Posterior(prior.mean, math.sqrt(prior.between))
        n = self._answers(figure)
        if figure.placement is not None:
            low, high = _limits(scale, prior, figure.placement)
            return from_limits(prior, low, high, n)
        mean = goodness_fraction(scale.measure, figure.mean or 0.0)
        if basis is NeedBasis.MUNICIPALITY:
            return from_group_mean(prior, mean, members=members, n=n)
        known = from_mean(prior, mean, n)
        if figure.shrunken is None or prior.between <= 0:
            return known
        return Posterior(goodness_fraction(scale.measure, figure.shrunken), known.sd)

    def _answers(self, figure: Figure) -> int:
        """Return the middle of the printed band of answers; the least that a number takes where no band is printed."""
        band = self.publication.answers_band_of(figure)
        if band is None:
            return self.publication.placement_from if figure.placement is not None else self.publication.k
        low, high = (int(end) for end in band.split("-"))
        return (low + high) // 2


def _joined(parts: Sequence[tuple[float, _Part]], *, impact: float) -> _Part:
    """Weigh the scales of one dimension together; the facts are those of the scale that weighs most."""
    leading = max(parts, key=lambda item: item[0] * (item[1].need.reach + item[1].need.adverse))[1]
    return _Part(
        replace(
            leading.need,
            impact=impact,
            reach=sum(share * part.need.reach for share, part in parts),
            adverse=sum(share * part.need.adverse for share, part in parts),
        ),
        sum(share * part.common_reach for share, part in parts),
        sum(share * part.common_adverse for share, part in parts),
    )


def _impact_shares(publication: Publication, scales: Sequence[Measure], *, trust: float) -> dict[str, float]:
    """Return the weight of each scale, such that those of the dimensions have the mean 1.

    Equal by dimension where nothing was measured; measured ones count by `trust`. Wellbeing itself is the outcome
    and gets the mean weight of the others, and so does a scale that was not measured.
    """
    by_dimension: dict[str, list[str]] = {}
    for measure in scales:
        by_dimension.setdefault(measure.dimension, []).append(measure.id)
    equal = {measure.id: 1 / len(by_dimension[measure.dimension]) for measure in scales}
    if publication.impact is None or trust <= 0:
        return equal
    measured = {weight.scale: weight.weight for weight in publication.impact.weights if weight.scale in equal}
    whole = sum(measured.values())
    if whole <= 0:
        return equal
    # The measured scales keep together what they would have with equal weights.
    together = sum(equal[scale] for scale in measured)
    return equal | {
        scale: (1 - trust) * equal[scale] + trust * together * weight / whole for scale, weight in measured.items()
    }


def _scale(publication: Publication, measure: Measure, *, share: float) -> _Scale:
    """Read what the region says of a scale."""
    region = publication.figure(publication.region_cell, measure.id)
    if region is None or region.mean is None:
        return _Scale(measure, share, None, 0.0, THIRD, None)
    between, within = _variances(publication, measure)
    prior = Prior(goodness_fraction(measure, region.mean), between, within)
    return _Scale(
        measure,
        share,
        prior,
        prior.mean + UPPER_QUARTER * math.sqrt(between),
        _adverse_cut(region, prior, measure),
        region,
    )


def _variances(publication: Publication, measure: Measure) -> tuple[float, float]:
    """Return the variances between and within communities as shares of the squared range."""
    quality = publication.quality_of(measure.id)
    unit = (measure.high - measure.low) ** 2
    if quality is None or quality.between_variance is None:
        return USUAL_VARIANCE * USUAL_SHARE_BETWEEN, USUAL_VARIANCE * (1 - USUAL_SHARE_BETWEEN)
    between = quality.between_variance / unit
    if quality.within_variance is not None:
        return between, quality.within_variance / unit
    return between, USUAL_VARIANCE * (1 - USUAL_SHARE_BETWEEN)


def _adverse_cut(region: Figure, prior: Prior, measure: Measure) -> float:
    """Return the cut at which the normal model gives the region the share in the adverse third that is printed.

    Answers are not normal; the cut takes up what the model misses, so that communities with a printed share and
    those without are alike.
    """
    if region.distribution is None or prior.between + prior.within <= 0:
        return THIRD
    share = adverse_percentage(region.distribution, measure)
    if share in CAPPED_SHARES:
        return THIRD
    return normal_quantile(share / 100, prior.mean, prior.between + prior.within)


def adverse_percentage(distribution: Distribution, measure: Measure) -> int:
    """Return the published percentage of answers in the adverse third of a scale."""
    return distribution.high if measure.polarity is Polarity.HIGH_IS_BAD else distribution.low


def _with_printed_share(modelled: float, distribution: Distribution, measure: Measure, *, n: int) -> float:
    """Draw the printed share towards what the mean says, the more the fewer answered; a capped one is a bound.

    Formula: (n p + k q) / (n + k), p printed, q modelled, k = SHARE_PRIOR: the beta-binomial posterior mean.
    """
    share = adverse_percentage(distribution, measure) / 100
    if share <= CAPPED_SHARES[0] / 100:
        share = min(modelled, share)
    elif share >= CAPPED_SHARES[1] / 100:
        share = max(modelled, share)
    return (n * share + SHARE_PRIOR * modelled) / (n + SHARE_PRIOR)


def _limits(scale: _Scale, prior: Prior, placement: Placement) -> tuple[float, float]:
    """Return the limits that a placement sets to the mean of the answers, good end up."""
    half = scale.measure.step / (scale.measure.high - scale.measure.low) / 2
    if placement is Placement.SAME:
        return prior.mean - half, prior.mean + half
    turned = scale.measure.polarity is Polarity.HIGH_IS_BAD
    if (placement is Placement.BELOW) is not turned:
        return -math.inf, prior.mean - half
    return prior.mean + half, math.inf


def goodness_fraction(measure: Measure, number: float) -> float:
    """Return where a printed number lies between the bad end (0) and the good end (1) of its range."""
    share = (number - measure.low) / (measure.high - measure.low)
    return 1 - share if measure.polarity is Polarity.HIGH_IS_BAD else share


_NEEDS: BoundedCache[Hashable, tuple[RegionNeeds, tuple[SurveyResult, ...]]] = BoundedCache("needs of regions", most=4)
