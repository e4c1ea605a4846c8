"""Publications that rest on the same people and period: which there are, and whether another may stand beside them.

One publication for a community and period. A correction replaces the first one, which is then printed nowhere.
What was printed once stays known to whoever read it: before the second is stored, both are attacked as one.
Only a publication that nobody ever read is left out of the attack.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.core.disclosure.attack import Counts
from app.core.disclosure.union import attack_union, overlap
from app.core.publication import Publication, StoredPublication
from app.core.rounds import RoundId


@dataclass(frozen=True, slots=True)
class Overlap:
    """An earlier publication about the same people and period.

    `broken` is how many hidden sets both together would tell, `missing` the communities of the earlier one
    that the new one does not hold, `is_gathered` whether it was imported, `is_current` whether it is printed.
    """

    round: RoundId
    title: str
    communities: tuple[str, ...]
    broken: int
    missing: tuple[str, ...]
    is_gathered: bool
    is_current: bool

    @property
    def may_be_replaced(self) -> bool:
        """Whether the new publication may take the place of this one."""
        return self.is_current and self.is_gathered and not self.missing and not self.broken


def overlaps(
    publication: Publication, stored: Iterable[StoredPublication], counts: Callable[[], Mapping[str, Counts]]
) -> tuple[Overlap, ...]:
    """Return the stored publications that overlap a new one, each attacked together with it where it was ever read.

    `counts` tells how many answered each scale of the new one, by unit and staff group; it is asked only
    where something overlaps.
    """
    result = []
    for stored_publication in stored:
        earlier = stored_publication.publication
        shared = overlap(earlier, publication)
        if shared and earlier.round != publication.round:
            result.append(
                Overlap(
                    round=earlier.round,
                    title=earlier.title,
                    communities=_names(publication, shared),
                    broken=len(attack_union(earlier, publication, counts()).broken)
                    if stored_publication.is_read
                    else 0,
                    missing=_names(earlier, _communities(earlier) - _communities(publication)),
                    is_gathered=stored_publication.is_gathered,
                    is_current=stored_publication.is_current,
                )
            )
    return tuple(result)


def _communities(publication: Publication) -> frozenset[str]:
    return frozenset(name for unit in publication.region.units for name in unit.communities)


def _names(publication: Publication, communities: frozenset[str]) -> tuple[str, ...]:
    return tuple(unit.name for unit in publication.region.units if communities & set(unit.communities))
