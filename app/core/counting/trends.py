"""Changes since an earlier publication, made of printed figures and of nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot, sqrt

import numpy as np

from app.core.counting.coverage import CoverageOverlap, overlap_of
from app.core.counting.figure_columns import t_quantile
from app.core.counting.rounding import printed_half_width, rounded_once
from app.core.organisations import Region
from app.core.publication import Cell, Figure, Level, Measure, Participation, Publication, Trend
from app.core.rounds import RoundId, RoundKind
from app.core.stats.change import CLEAR_CHANGE, change_of_printed, label_change, p_of_interval, small_sample_correction
from app.core.stats.comparisons import benjamini_hochberg

ALLOWED_FALSE = 0.05
NORMAL = 1.96  # quantile at 97.5 per cent


@dataclass(frozen=True, slots=True, eq=False)
class _EarlierRound:
    """An earlier publication, the units that still are what they were, what both count, its measures by line."""

    publication: Publication
    unchanged: frozenset[str]
    overlap: CoverageOverlap
    measures: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Pair:
    """One figure now, the same thing earlier, and what each answered band says of its size.

    `is_of_the_same` tells whether both speak for mostly the same communities.
    """

    now: Figure
    then: Figure
    since: RoundId
    sizes: tuple[int, int]
    is_of_the_same: bool


def with_trends(
    figures: Sequence[Figure],
    measures: Sequence[Measure],
    earlier: Sequence[Publication],
    *,
    region: Region,
    parts: Mapping[Cell, Participation],
) -> tuple[Figure, ...]:
    """Add to every shown figure its change since the latest survey and the latest pulse that asked the very same.

    `figures` are those of one kind (scales, or items): the changes in one cell since rounds of one
    kind are one report, and a change is clear only if it holds among all of them (Benjamini-Hochberg)
    and if both rounds speak for mostly the same communities. The changes of a figure stand in the order
    of the rounds they look back to. `parts` is who answered now.
    """
    if not earlier:
        return tuple(figures)
    known = {measure.id: measure for measure in measures}
    result: dict[tuple[RoundKind, Cell], list[tuple[int, _Pair]]] = {}
    for kind in RoundKind:
        latest_first = _latest_first(
            (publication for publication in earlier if publication.kind is kind), region, parts, figures
        )
        for place, figure in enumerate(figures):
            pair = _pair(figure, known[figure.measure], latest_first, parts=parts)
            if pair is not None:
                result.setdefault((kind, figure.cell), []).append((place, pair))
    found_result: dict[int, list[Trend]] = {}
    for report in result.values():
        for (place, _compared), trend in zip(report, _report([pair for _, pair in report], known), strict=True):
            found_result.setdefault(place, []).append(trend)
    order = {publication.round: publication.asked_at for publication in earlier}
    finished = list(figures)
    for place, trends in found_result.items():
        finished[place] = replace(
            figures[place], trends=tuple(sorted(trends, key=lambda each_trend: order[each_trend.since]))
        )
    return tuple(finished)


def _latest_first(
    earlier: Iterable[Publication], region: Region, parts: Mapping[Cell, Participation], figures: Sequence[Figure]
) -> list[_EarlierRound]:
    return [
        _EarlierRound(
            publication,
            _unchanged_units(publication.region, region),
            overlap_of(publication, region, parts, figures),
            _by_line(publication),
        )
        for publication in sorted(earlier, key=lambda each_publication: each_publication.asked_at, reverse=True)
    ]


def _pair(
    figure: Figure, measure: Measure, latest_first: Sequence[_EarlierRound], *, parts: Mapping[Cell, Participation]
) -> _Pair | None:
    if figure.interval_conditions is None or figure.mean is None:
        return None
    for earlier in latest_first:
        if figure.cell.level is Level.COMMUNITY and figure.cell.unit not in earlier.unchanged:
            continue
        then = _same_question(earlier, figure.cell, measure)
        if then is not None:
            before = earlier.publication.answers_band_of(then)
            now = _band(figure, parts.get(figure.cell))
            measures = earlier.publication.measure(then.measure), measure
            same = figure.cell.level is Level.COMMUNITY or earlier.overlap.is_of_the_same(figure.cell, measures)
            return _Pair(figure, then, earlier.publication.round, (_size(before), _size(now)), same)
    return None


def _same_question(earlier: _EarlierRound, cell: Cell, measure: Measure) -> Figure | None:
    """Return the earlier figure that asked and scored the very same thing, if it may be compared."""
    for other in earlier.measures.get(measure.line, ()):
        figure = earlier.publication.figure(cell, other)
        if figure is not None and figure.mean is not None and figure.interval_conditions is not None:
            return figure
    return None


def _by_line(publication: Publication) -> dict[str, tuple[str, ...]]:
    result: dict[str, tuple[str, ...]] = {}
    for measure in publication.measures:
        result[measure.line] = (*result.get(measure.line, ()), measure.id)
    return result


def _unchanged_units(before: Region, now: Region) -> frozenset[str]:
    """Return the units that are still made of the same communities."""
    result = {unit.id: unit.communities for unit in before.units}
    return frozenset(unit.id for unit in now.units if result.get(unit.id) == unit.communities)


def _band(figure: Figure, part: Participation | None) -> str | None:
    """Return the band of how many answers stand behind a figure of the round that is counted."""
    return figure.answers_band or (None if part is None else part.answers_band)


def _size(band: str | None) -> int:
    """Return the middle of a printed band of answers."""
    return 2 if band is None else int(band.split("-")[0]) + 2


def _report(pairs: Sequence[_Pair], known: dict[str, Measure]) -> list[Trend]:
    changes = [_change(pair.then, pair.now, known[pair.now.measure]) for pair in pairs]
    degrees = [max(min(pair.sizes) - 1, 1) for pair in pairs]  # the intervals in print are those of t
    chances = benjamini_hochberg(
        np.array([p_of_interval(*change, degrees=item) for change, item in zip(changes, degrees, strict=True)])
    )
    trends = []
    for pair, (difference, interval), chance in zip(pairs, changes, chances, strict=True):
        measure = known[pair.now.measure]
        clear_from = CLEAR_CHANGE * (measure.high - measure.low) / 100
        decimals = measure.decimals
        # The label is that of the interval in print: nobody shall read "between 0 and 12" and "clear" in one line.
        printed = rounded_once(interval[0], decimals), rounded_once(interval[1], decimals)
        holds = bool(chance <= ALLOWED_FALSE) and pair.is_of_the_same
        trends.append(
            Trend(
                since=pair.since,
                difference=rounded_once(difference, decimals),
                interval=printed,
                label=label_change(round(difference, 9), printed, clear_from=clear_from, holds_among_many=holds),
                staff_interval=_staff_interval(pair, decimals),
                effect=_effect(pair, difference, measure),
                comparisons=len(pairs),
            )
        )
    return trends


def _change(then: Figure, now: Figure, measure: Measure) -> tuple[float, tuple[float, float]]:
    if then.mean is None or now.mean is None:
        message = "a change needs two printed means"
        raise ValueError(message)
    return change_of_printed(then.mean, _conditions(then, measure), now.mean, _conditions(now, measure))


def _conditions(figure: Figure, measure: Measure) -> tuple[float, float]:
    """Return the interval to compute a change from: the printed one, or the finer one that a large cell has.

    A printed mean lies anywhere within half a unit of the answers' own; of an interval that is not rounded
    outwards this is allowed for by the variance of even rounding, unit^2 / 12.
    """
    if figure.mean is None or figure.interval_conditions is None:
        message = "a change needs printed means with intervals"
        raise ValueError(message)
    if figure.half_width_conditions is None:
        return figure.interval_conditions
    half = hypot(figure.half_width_conditions, NORMAL * 10.0**-measure.decimals / sqrt(12))
    return figure.mean - half, figure.mean + half


def _staff_interval(pair: _Pair, decimals: int) -> tuple[float, float] | None:
    """Return the interval of "the mean of our staff differs"; where everyone answered there is none."""
    then = pair.then
    now = pair.now
    if then.mean is None or now.mean is None or then.interval is None or now.interval is None:
        return None
    low, high = change_of_printed(then.mean, then.interval, now.mean, now.interval)[1]
    return rounded_once(low, decimals), rounded_once(high, decimals)


def _effect(pair: _Pair, difference: float, measure: Measure) -> float | None:
    """Return Hedges g to a tenth; the spreads are recovered from printed intervals and bands."""
    spreads = []
    for figure, n in zip((pair.then, pair.now), pair.sizes, strict=True):
        if figure.mean is None or figure.interval_conditions is None:
            return None
        half = figure.half_width_conditions or printed_half_width(
            figure.mean, figure.interval_conditions, measure, grain=figure.grain
        )
        spreads.append(half * sqrt(n) / t_quantile(n - 1))
    degrees = sum(pair.sizes) - 2
    pooled = sqrt(sum((n - 1) * spread**2 for n, spread in zip(pair.sizes, spreads, strict=True)) / degrees)
    return rounded_once(small_sample_correction(degrees) * difference / pooled, 1)
