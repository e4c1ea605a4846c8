"""Figures of earlier rounds, and whether they are comparable."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from app.core.publication import Cell, DisclosureState, Figure, Level, Measure, Publication, Trend


class LineContinuity(StrEnum):
    """Whether a figure continues the previous one in a trend line, or why not."""

    WHOLE = "whole"
    NOT_ASKED = "not_asked"
    QUESTIONS_CHANGED = "questions_changed"
    LEAD_IN_CHANGED = "lead_in_changed"
    COMMUNITY_CHANGED = "community_changed"


@dataclass(frozen=True, slots=True)
class PreviousRound:
    """An earlier round of a row: title, date, figure, and how the next round continues it."""

    title: str
    at: datetime
    figure: Figure | None
    continuity: LineContinuity

    @property
    def is_continued(self) -> bool:
        """Whether the next round asked the same questions of the same community."""
        return self.continuity is LineContinuity.WHOLE


def publications_that_asked_cell(earlier: Sequence[Publication], cell: Cell) -> tuple[Publication, ...]:
    """Return the earlier publications of rounds that asked the unit or municipality of a cell.

    Others do not interrupt its trend lines.
    """
    return tuple(publication for publication in earlier if _asked_cell(publication, cell))


def figure_history(
    publication: Publication, earlier: Sequence[Publication], figure: Figure
) -> tuple[PreviousRound, ...]:
    """Return a figure's earlier rounds, oldest first; a survey's item may correspond to a pulse's scale."""
    rounds = (*earlier, publication)
    return tuple(_previous_round(before, after, figure, publication) for before, after in pairwise(rounds))


def latest_trend_with_publication(figure: Figure, earlier: Sequence[Publication]) -> tuple[Trend, Publication] | None:
    """Return the change since the latest possible of the earlier rounds, with that round, or None."""
    for before in reversed(earlier):
        for trend in figure.trends:
            if trend.since == before.round:
                return trend, before
    return None


def _previous_round(before: Publication, after: Publication, figure: Figure, newest: Publication) -> PreviousRound:
    wanted = newest.measure(figure.measure)
    then = _comparable_measure(before, wanted)
    following = _comparable_measure(after, wanted)
    earlier = None if then is None else before.figure(figure.cell, then.id)
    shown = (
        earlier
        if earlier is not None and earlier.state is DisclosureState.SHOWN and _was_theirs(before, figure, newest)
        else None
    )
    return PreviousRound(
        before.title, before.round_opened_at, shown, _continuity(before, after, figure.cell, (then, following))
    )


def _was_theirs(before: Publication, figure: Figure, newest: Publication) -> bool:
    """Tell whether readers of a cell could read it then: a community that joined since could not."""
    then = _communities_of(before, figure.cell)
    now = _communities_of(newest, figure.cell)
    return figure.cell.level is not Level.COMMUNITY or (then is not None and now is not None and set(now) <= set(then))


def _comparable_measure(publication: Publication, wanted: Measure) -> Measure | None:
    """Return the measure with the same questions, else the one with the same id."""
    same = [measure for measure in publication.measures if measure.comparison_key == wanted.comparison_key]
    same_questions = [measure for measure in publication.measures if measure.identity == wanted.identity]
    named = [measure for measure in publication.measures if measure.id == wanted.id]
    return next(iter([*same, *same_questions, *named]), None)


def _continuity(
    before: Publication, after: Publication, cell: Cell, measures: tuple[Measure | None, Measure | None]
) -> LineContinuity:
    then, following = measures
    if then is None:
        return LineContinuity.NOT_ASKED
    if following is None or then.identity != following.identity:
        return LineContinuity.QUESTIONS_CHANGED
    if then.comparison_key != following.comparison_key:
        return LineContinuity.LEAD_IN_CHANGED
    if cell.level is Level.COMMUNITY and _communities_of(before, cell) != _communities_of(after, cell):
        return LineContinuity.COMMUNITY_CHANGED
    return LineContinuity.WHOLE


def _asked_cell(publication: Publication, cell: Cell) -> bool:
    if cell.level is Level.COMMUNITY:
        return publication.find_unit_of_community(cell.unit) is not None
    region = publication.region
    return cell.level is Level.REGION or any(municipality.id == cell.unit for municipality in region.municipalities)


def _communities_of(publication: Publication, cell: Cell) -> tuple[str, ...] | None:
    return next((unit.communities for unit in publication.region.units if unit.id == cell.unit), None)
