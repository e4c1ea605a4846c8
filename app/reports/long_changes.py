"""Changes over all rounds that asked the same questions, from published figures only.

A publication states the change since the last survey. Three small steps in one direction may be a change that none
of them shows alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.counting.coverage import coverage_overlap_of_publications
from app.core.publication import DisclosureState, Figure, Level, Measure, Publication, Trend, interval_for_changes
from app.core.stats.change import CLEAR_CHANGE, change_between_published_means, label_change, p_of_interval
from app.core.stats.comparisons import benjamini_hochberg
from app.reports.history import PreviousRound

MIN_ROUNDS = 3  # with two rounds this would be the change since the last one
ALLOWED_FALSE = 0.05


@dataclass(frozen=True, slots=True)
class LongChange:
    """The change of a mean over all rounds that asked the same: when it began, every mean, and the change."""

    since: datetime
    means: tuple[float, ...]
    trend: Trend


@dataclass(frozen=True, slots=True)
class _Chain:
    """The unbroken rounds of one row, oldest first, with the publication of the first."""

    figures: tuple[Figure, ...]
    first: Publication


def long_changes(
    publication: Publication,
    earlier: Sequence[Publication],
    rows: Sequence[tuple[Figure, Sequence[PreviousRound]]],
) -> list[LongChange | None]:
    """Return the change over all rounds of each row; None where fewer than three rounds asked the same.

    `rows` are the figures of one cell, each with its previous rounds, which are those of `earlier`, in the order of
    `earlier`. All changes of the cell are tested together.
    Formula: that of the change since the last survey (MOVER on the printed intervals, t with the degrees of the
    smaller round, Benjamini-Hochberg over the rows), between the first and the newest round. Source: docs/methods.md.
    """
    chains = [_chain(figure, previous, earlier) for figure, previous in rows]
    chances = [
        _p(publication, chain, publication.measure(chain.figures[-1].measure)) for chain in chains if chain is not None
    ]
    adjusted = iter(benjamini_hochberg(chances)) if chances else iter(())
    return [
        None if chain is None else _long_change(publication, chain, float(next(adjusted)), len(chances))
        for chain in chains
    ]


def _chain(figure: Figure, previous: Sequence[PreviousRound], earlier: Sequence[Publication]) -> _Chain | None:
    """Return the rounds before `figure` that it continues without a break, if they are enough."""
    if not _is_comparable(figure):
        return None
    figures = [figure]
    for before in reversed(previous):
        if not before.is_continued or before.figure is None or not _is_comparable(before.figure):
            break
        figures.insert(0, before.figure)
    if len(figures) < MIN_ROUNDS:
        return None
    return _Chain(tuple(figures), earlier[len(earlier) - len(figures) + 1])


def _is_comparable(figure: Figure) -> bool:
    is_shown = figure.state is DisclosureState.SHOWN
    return is_shown and figure.mean is not None and figure.interval_conditions is not None


def _difference(chain: _Chain, measure: Measure) -> tuple[float, tuple[float, float]]:
    then = chain.figures[0]
    now = chain.figures[-1]
    return change_between_published_means(
        then.mean or 0.0, interval_for_changes(then, measure), now.mean or 0.0, interval_for_changes(now, measure)
    )


def _p(publication: Publication, chain: _Chain, measure: Measure) -> float:
    sizes = _size(chain.first, chain.figures[0]), _size(publication, chain.figures[-1])
    return p_of_interval(*_difference(chain, measure), degrees=max(min(sizes) - 1, 1))


def _size(publication: Publication, figure: Figure) -> int:
    """Return about how many answered: the middle of the published band."""
    band = publication.answers_band_of(figure)
    return 2 if band is None else int(band.split("-")[0]) + 2


def _long_change(publication: Publication, chain: _Chain, chance: float, comparisons: int) -> LongChange:
    now = chain.figures[-1]
    measure = publication.measure(now.measure)
    difference, interval = _difference(chain, measure)
    rounded = round(interval[0], measure.decimals), round(interval[1], measure.decimals)
    holds = chance <= ALLOWED_FALSE and _is_same_staff(publication, chain, measure)
    label = label_change(
        round(difference, 9),
        rounded,
        clear_from=CLEAR_CHANGE * (measure.high - measure.low) / 100,
        holds_among_many=holds,
    )
    trend = Trend(chain.first.round, round(difference, measure.decimals), rounded, label, comparisons=comparisons)
    return LongChange(chain.first.round_opened_at, tuple(figure.mean or 0.0 for figure in chain.figures), trend)


def _is_same_staff(publication: Publication, chain: _Chain, measure: Measure) -> bool:
    """Tell whether a wider cell covers mostly the same staff in both rounds; a community is its own staff."""
    cell = chain.figures[-1].cell
    if cell.level is Level.COMMUNITY:
        return True
    overlap = coverage_overlap_of_publications(chain.first, publication)
    return overlap.figures_cover_mostly_same_staff(cell, (chain.first.measure(chain.figures[0].measure), measure))
