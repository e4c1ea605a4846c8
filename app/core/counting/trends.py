"""Changes since earlier publications, computed from published figures only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import sqrt

import numpy as np

from app.core.counting.coverage import RoundCoverageOverlap, coverage_overlap_with_current_round
from app.core.counting.figure_columns import t_quantile_975
from app.core.counting.rounding import half_width_without_rounding, round_half_away_from_zero
from app.core.organisations import Region
from app.core.publication import (
    Cell,
    Figure,
    Level,
    Measure,
    Participation,
    Publication,
    Trend,
    interval_for_changes,
)
from app.core.rounds import RoundId, RoundKind
from app.core.stats.change import (
    CLEAR_CHANGE,
    change_between_published_means,
    label_change,
    p_of_interval,
    small_sample_correction,
)
from app.core.stats.comparisons import benjamini_hochberg

ALLOWED_FALSE = 0.05


@dataclass(frozen=True, eq=False)
class _EarlierRound:
    """An earlier publication, its unchanged units, and its measures by comparison key.

    `compare` returns its coverage overlap with the current round. Its figures are loaded only if it asked the same
    question: a new round is compared with one or two of many.
    """

    stored: Publication
    unchanged: frozenset[str]
    measures: dict[str, tuple[str, ...]]
    compare: Callable[[Publication], RoundCoverageOverlap]

    @cached_property
    def publication(self) -> Publication:
        """The publication with all figures in memory."""
        return self.stored.load_completely()

    @cached_property
    def overlap(self) -> RoundCoverageOverlap:
        """The coverage overlap with the current round."""
        return self.compare(self.publication)


@dataclass(frozen=True, slots=True)
class _FigurePair:
    """A figure, the same measure's earlier figure, and the band midpoints of both.

    `covers_same_staff` tells whether both cover mostly the same communities.
    """

    now: Figure
    then: Figure
    since: RoundId
    sizes: tuple[int, int]
    covers_same_staff: bool


def with_trends(
    figures: Sequence[Figure],
    measures: Sequence[Measure],
    earlier: Sequence[Publication],
    *,
    region: Region,
    parts: Mapping[Cell, Participation],
) -> tuple[Figure, ...]:
    """Add to every shown figure its change since the latest survey and the latest pulse with the same questions.

    `figures` are all scales or all items: the changes in one cell since rounds of one kind are tested together, and
    a change is clear only if it holds among all of them (Benjamini-Hochberg) and both rounds cover mostly the same
    communities. The changes of a figure are in the order of the rounds they refer to. `parts` is the current
    participation.
    """
    if not earlier:
        return tuple(figures)
    measure_by_id = {measure.id: measure for measure in measures}
    pairs_by_report: dict[tuple[RoundKind, Cell], list[tuple[int, _FigurePair]]] = {}
    for kind in RoundKind:
        latest_first = _latest_first(
            (publication for publication in earlier if publication.kind is kind), region, parts, figures
        )
        for index, figure in enumerate(figures):
            pair = _earlier_pair(figure, measure_by_id[figure.measure], latest_first, parts=parts)
            if pair is not None:
                pairs_by_report.setdefault((kind, figure.cell), []).append((index, pair))
    trends_by_index: dict[int, list[Trend]] = {}
    for report in pairs_by_report.values():
        for (index, _compared), trend in zip(report, _report([pair for _, pair in report], measure_by_id), strict=True):
            trends_by_index.setdefault(index, []).append(trend)
    order = {publication.round: publication.round_opened_at for publication in earlier}
    finished = list(figures)
    for index, trends in trends_by_index.items():
        finished[index] = replace(figures[index], trends=tuple(sorted(trends, key=lambda item: order[item.since])))
    return tuple(finished)


def _latest_first(
    earlier: Iterable[Publication], region: Region, parts: Mapping[Cell, Participation], figures: Sequence[Figure]
) -> list[_EarlierRound]:
    return [
        _EarlierRound(
            publication,
            _unchanged_units(publication.region, region),
            _by_line(publication),
            lambda then: coverage_overlap_with_current_round(then, region, parts, figures),
        )
        for publication in sorted(earlier, key=lambda item: item.round_opened_at, reverse=True)
    ]


def _earlier_pair(
    figure: Figure, measure: Measure, latest_first: Sequence[_EarlierRound], *, parts: Mapping[Cell, Participation]
) -> _FigurePair | None:
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
            same = figure.cell.level is Level.COMMUNITY or earlier.overlap.figures_cover_mostly_same_staff(
                figure.cell, measures
            )
            return _FigurePair(figure, then, earlier.publication.round, (_size(before), _size(now)), same)
    return None


def _same_question(earlier: _EarlierRound, cell: Cell, measure: Measure) -> Figure | None:
    """Return the earlier figure with the same questions and scoring, if it can be compared."""
    for other in earlier.measures.get(measure.comparison_key, ()):
        figure = earlier.publication.figure(cell, other)
        if figure is not None and figure.mean is not None and figure.interval_conditions is not None:
            return figure
    return None


def _by_line(publication: Publication) -> dict[str, tuple[str, ...]]:
    measures_by_line: dict[str, tuple[str, ...]] = {}
    for measure in publication.measures:
        measures_by_line[measure.comparison_key] = (*measures_by_line.get(measure.comparison_key, ()), measure.id)
    return measures_by_line


def _unchanged_units(before: Region, now: Region) -> frozenset[str]:
    """Return the units that consist of the same communities as before."""
    communities_before = {unit.id: unit.communities for unit in before.units}
    return frozenset(unit.id for unit in now.units if communities_before.get(unit.id) == unit.communities)


def _band(figure: Figure, part: Participation | None) -> str | None:
    """Return the answer band of a figure of the current round."""
    return figure.answers_band or (None if part is None else part.answers_band)


def _size(band: str | None) -> int:
    """Return the midpoint of a published answer band."""
    return 2 if band is None else int(band.split("-")[0]) + 2


def _report(pairs: Sequence[_FigurePair], measure_by_id: dict[str, Measure]) -> list[Trend]:
    changes = [_change(pair.then, pair.now, measure_by_id[pair.now.measure]) for pair in pairs]
    degrees = [max(min(pair.sizes) - 1, 1) for pair in pairs]  # published intervals use the t distribution
    chances = benjamini_hochberg(
        np.array([p_of_interval(*change, degrees=item) for change, item in zip(changes, degrees, strict=True)])
    )
    trends = []
    for pair, (difference, interval), chance in zip(pairs, changes, chances, strict=True):
        measure = measure_by_id[pair.now.measure]
        clear_from = CLEAR_CHANGE * (measure.high - measure.low) / 100
        decimals = measure.decimals
        # The label uses the published interval: "between 0 and 12" must never be labelled "clear".
        rounded_interval = (
            round_half_away_from_zero(interval[0], decimals),
            round_half_away_from_zero(interval[1], decimals),
        )
        holds = bool(chance <= ALLOWED_FALSE) and pair.covers_same_staff
        trends.append(
            Trend(
                since=pair.since,
                difference=round_half_away_from_zero(difference, decimals),
                interval=rounded_interval,
                label=label_change(
                    round(difference, 9), rounded_interval, clear_from=clear_from, holds_among_many=holds
                ),
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
    return change_between_published_means(
        then.mean, interval_for_changes(then, measure), now.mean, interval_for_changes(now, measure)
    )


def _staff_interval(pair: _FigurePair, decimals: int) -> tuple[float, float] | None:
    """Return the interval of the difference between the staff's means; None where everyone answered."""
    then = pair.then
    now = pair.now
    if then.mean is None or now.mean is None or then.interval is None or now.interval is None:
        return None
    low, high = change_between_published_means(then.mean, then.interval, now.mean, now.interval)[1]
    return round_half_away_from_zero(low, decimals), round_half_away_from_zero(high, decimals)


def _effect(pair: _FigurePair, difference: float, measure: Measure) -> float | None:
    """Return Hedges' g rounded to a tenth; the spreads are recovered from published intervals and bands."""
    spreads = []
    for figure, n in zip((pair.then, pair.now), pair.sizes, strict=True):
        if figure.mean is None or figure.interval_conditions is None:
            return None
        half = figure.half_width_conditions or half_width_without_rounding(
            figure.mean, figure.interval_conditions, measure, grain=figure.grain
        )
        spreads.append(half * sqrt(n) / t_quantile_975(n - 1))
    degrees = sum(pair.sizes) - 2
    pooled = sqrt(sum((n - 1) * spread**2 for n, spread in zip(pair.sizes, spreads, strict=True)) / degrees)
    effect: float = small_sample_correction(degrees) * difference / pooled
    return round_half_away_from_zero(effect, 1)
