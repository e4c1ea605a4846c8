"""The rounds before: what a row's number was then, and whether the line goes on from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from app.core.publication import Cell, DisclosureState, Figure, Level, Measure, Publication, Trend


class LineContinuity(StrEnum):
    """Why a number may be joined to the one before it, or why not."""

    WHOLE = "whole"
    QUESTIONS_CHANGED = "questions_changed"
    LEAD_IN_CHANGED = "lead_in_changed"
    COMMUNITY_CHANGED = "community_changed"


@dataclass(frozen=True, slots=True)
class PreviousRound:
    """One earlier round of a row: its title, when it was asked, its figure, and how the next round goes on from it."""

    title: str
    at: datetime
    figure: Figure | None
    line: LineContinuity

    @property
    def continued(self) -> bool:
        """Whether the next round asked the very same of the very same community."""
        return self.line is LineContinuity.WHOLE


def asked_in(earlier: Sequence[Publication], cell: Cell) -> tuple[Publication, ...]:
    """Leave out the rounds that did not ask a community or municipality: they interrupt no line of its figures."""
    return tuple(publication for publication in earlier if _has(publication, cell))


def previous_rounds(
    publication: Publication, earlier: Sequence[Publication], figure: Figure
) -> tuple[PreviousRound, ...]:
    """Return a figure's earlier rounds, oldest first; an item of a survey may stand for a scale of a pulse."""
    rounds = (*earlier, publication)
    return tuple(_past(before, after, figure, publication) for before, after in pairwise(rounds))


def latest_trend(figure: Figure, earlier: Sequence[Publication]) -> tuple[Trend, Publication] | None:
    """Return the change since the latest of `earlier` that it can be told from, with that round."""
    for before in reversed(earlier):
        for trend in figure.trends:
            if trend.since == before.round:
                return trend, before
    return None


def _past(before: Publication, after: Publication, figure: Figure, newest: Publication) -> PreviousRound:
    wanted = newest.measure(figure.measure)
    then = _asked(before, wanted)
    following = _asked(after, wanted)
    found_figure = None if then is None else before.figure(figure.cell, then.id)
    shown = (
        found_figure
        if found_figure is not None
        and found_figure.state is DisclosureState.SHOWN
        and _was_theirs(before, figure, newest)
        else None
    )
    return PreviousRound(before.title, before.asked_at, shown, _line(before, after, figure.cell, (then, following)))


def _was_theirs(before: Publication, figure: Figure, newest: Publication) -> bool:
    """Tell whether whoever reads a cell now might read it then: a community that joined since might not."""
    then = _made_of(before, figure.cell)
    now = _made_of(newest, figure.cell)
    return figure.cell.level is not Level.COMMUNITY or (then is not None and now is not None and set(now) <= set(then))


def _asked(publication: Publication, wanted: Measure) -> Measure | None:
    """Return the measure that asked the very same, else the one of the same name, whatever it asked."""
    same = [measure for measure in publication.measures if measure.line == wanted.line]
    asked = [measure for measure in publication.measures if measure.identity == wanted.identity]
    named = [measure for measure in publication.measures if measure.id == wanted.id]
    return next(iter([*same, *asked, *named]), None)


def _line(
    before: Publication, after: Publication, cell: Cell, measures: tuple[Measure | None, Measure | None]
) -> LineContinuity:
    then, following = measures
    if then is None or following is None or then.identity != following.identity:
        return LineContinuity.QUESTIONS_CHANGED
    if then.line != following.line:
        return LineContinuity.LEAD_IN_CHANGED
    if cell.level is Level.COMMUNITY and _made_of(before, cell) != _made_of(after, cell):
        return LineContinuity.COMMUNITY_CHANGED
    return LineContinuity.WHOLE


def _has(publication: Publication, cell: Cell) -> bool:
    if cell.level is Level.COMMUNITY:
        return publication.unit_of(cell.unit) is not None
    region = publication.region
    return cell.level is Level.REGION or any(municipality.id == cell.unit for municipality in region.municipalities)


def _made_of(publication: Publication, cell: Cell) -> tuple[str, ...] | None:
    return next((unit.communities for unit in publication.region.units if unit.id == cell.unit), None)
