"""Preview what a count would publish, before anything is erased.

Contains only numbers of communities and names of scales: they follow from how many answered, which the
publication states too, and from no answer.
"""

from dataclasses import dataclass

import numpy as np

from app.core.counting.ballot_sums import BallotSums
from app.core.instruments import Instrument
from app.core.organisations import Region
from app.core.publication import Cell, DisclosureState, Level, Publication

HALF = 2  # x is more than half of y if HALF * x > y


@dataclass(frozen=True, slots=True)
class Preflight:
    """How much of what was expected a count would publish.

    `expected` units have enough staff for numbers, `without_numbers` of them would have none. `answered` units
    have enough ballots, `answered_without_numbers` of them would still have none. `withheld_scales` are withheld
    because of other scales in most units with enough answers to them. `unreadable` of `ballots` could not be read.
    """

    expected: int
    without_numbers: int
    answered: int
    answered_without_numbers: int
    withheld_scales: tuple[str, ...] = ()
    ballots: int = 0
    unreadable: int = 0

    @property
    def is_mostly_withheld_or_unreadable(self) -> bool:
        """Whether most units with enough ballots would be withheld, or most ballots are unreadable.

        >>> nothing_to_print = Preflight(expected=8, without_numbers=8, answered=8, answered_without_numbers=8)
        >>> nothing_to_print.is_mostly_withheld_or_unreadable
        True
        >>> nobody_answered = Preflight(expected=8, without_numbers=8, answered=0, answered_without_numbers=0)
        >>> nobody_answered.is_mostly_withheld_or_unreadable
        False
        """
        return HALF * self.answered_without_numbers > self.answered or HALF * self.unreadable > self.ballots

    @property
    def is_sparse(self) -> bool:
        """Whether most units with enough staff would have no number because too few answered."""
        return HALF * self.without_numbers > self.expected

    @property
    def needs_confirmation(self) -> bool:
        """Whether a person must confirm the count before anything is erased."""
        return self.is_mostly_withheld_or_unreadable or self.is_sparse or bool(self.withheld_scales)


def preflight(publication: Publication, sums: BallotSums, *, instrument: Instrument, unreadable: int) -> Preflight:
    """Compare what would be published with who was invited and who answered."""
    region = publication.region
    k = publication.k
    shown = np.array(
        [
            publication.disclosure_state_of(Cell(Level.COMMUNITY, unit.id)) is DisclosureState.SHOWN
            for unit in region.units
        ],
        bool,
    )
    expected = np.array([unit.invited_count >= k for unit in region.units], dtype=bool)
    answered = sums.ballots.sum(axis=1) >= k
    return Preflight(
        expected=int(expected.sum()),
        without_numbers=int((expected & ~shown).sum()),
        answered=int(answered.sum()),
        answered_without_numbers=int((answered & ~shown).sum()),
        withheld_scales=_withheld_scales(publication, sums, instrument),
        ballots=len(sums) + unreadable,
        unreadable=unreadable,
    )


def _withheld_scales(publication: Publication, sums: BallotSums, instrument: Instrument) -> tuple[str, ...]:
    """Return the scales that are withheld in most units with enough answers to them."""
    result = []
    answered = sums.valid_scores().sum(axis=1)
    columns = {scale.id: column for column, scale in enumerate(instrument.scales)}
    for measure in publication.scales:
        min_answers = publication.sensitive_from if measure.sensitive else publication.k
        enough = answered[:, columns[measure.id]] >= min_answers
        rows = np.flatnonzero(enough).tolist()
        withheld = [not _is_shown(publication, publication.region, row, measure.id) for row in rows]
        if HALF * sum(withheld) > len(withheld):
            result.append(measure.id)
    return tuple(result)


def _is_shown(publication: Publication, region: Region, row: int, measure: str) -> bool:
    figure = publication.figure(Cell(Level.COMMUNITY, region.units[row].id), measure)
    return figure is not None and figure.state is DisclosureState.SHOWN
