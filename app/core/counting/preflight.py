"""What a count would print, looked at before anything is erased.

Only numbers of communities and names of scales are told: they follow from how many answered, which the
publication tells too, and from no answer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.counting.opened_ballots import OpenedBallots, without_unasked
from app.core.instruments import Instrument, scale_scores
from app.core.organisations import Region
from app.core.publication import Cell, DisclosureState, Level, Publication

HALF = 2  # times: more than half of something


@dataclass(frozen=True, slots=True)
class Preflight:
    """How much of what was hoped for a count would print.

    `expected` communities have enough staff for numbers, `without` of these would have none. Of
    `answered` communities enough people sent a ballot, `lost` of these would have no number all the
    same. `taken` are the scales that are withheld because of others in most of the communities that
    answered them well enough. `unreadable` of `ballots` could not be read.
    """

    expected: int
    without: int
    answered: int
    lost: int
    taken: tuple[str, ...] = ()
    ballots: int = 0
    unreadable: int = 0

    @property
    def is_faulty(self) -> bool:
        """Whether something is wrong: most who answered would be withheld, or most ballots cannot be read.

        >>> Preflight(expected=8, without=8, answered=8, lost=8).is_faulty
        True
        >>> Preflight(expected=8, without=8, answered=0, lost=0).is_faulty
        False
        """
        return HALF * self.lost > self.answered or HALF * self.unreadable > self.ballots

    @property
    def is_sparse(self) -> bool:
        """Whether most of the communities with enough staff would have no number: too few of them answered."""
        return HALF * self.without > self.expected

    @property
    def asks(self) -> bool:
        """Whether a person who counts is asked before anything is erased."""
        return self.is_faulty or self.is_sparse or bool(self.taken)


def preflight(
    publication: Publication, ballots: OpenedBallots, *, instrument: Instrument, unreadable: int
) -> Preflight:
    """Compare what would be printed with who was invited and who answered."""
    region = publication.region
    k = publication.k
    shown = np.array(
        [publication.state(Cell(Level.COMMUNITY, unit.id)) is DisclosureState.SHOWN for unit in region.units], bool
    )
    expected = np.array([unit.size >= k for unit in region.units], dtype=bool)
    answered = np.bincount(ballots.units, minlength=len(region.units)) >= k
    return Preflight(
        expected=int(expected.sum()),
        without=int((expected & ~shown).sum()),
        answered=int(answered.sum()),
        lost=int((answered & ~shown).sum()),
        taken=_taken(publication, without_unasked(ballots, region, instrument), instrument),
        ballots=len(ballots) + unreadable,
        unreadable=unreadable,
    )


def _taken(publication: Publication, ballots: OpenedBallots, instrument: Instrument) -> tuple[str, ...]:
    """Name the scales that are withheld in most of the communities where enough people answered them."""
    result = []
    for measure in publication.scales:
        least = publication.sensitive_from if measure.sensitive else publication.k
        enough = _answered(ballots, instrument, measure.id, units=len(publication.region.units)) >= least
        places = np.flatnonzero(enough).tolist()
        withheld = [not _is_shown(publication, publication.region, row, measure.id) for row in places]
        if HALF * sum(withheld) > len(withheld):
            result.append(measure.id)
    return tuple(result)


def _answered(ballots: OpenedBallots, instrument: Instrument, scale: str, *, units: int) -> NDArray[np.intp]:
    there = np.isfinite(scale_scores(instrument, instrument.scale(scale), ballots.ratings))
    result: NDArray[np.intp] = np.bincount(ballots.units[there], minlength=units)
    return result


def _is_shown(publication: Publication, region: Region, row: int, measure: str) -> bool:
    figure = publication.figure(Cell(Level.COMMUNITY, region.units[row].id), measure)
    return figure is not None and figure.state is DisclosureState.SHOWN
