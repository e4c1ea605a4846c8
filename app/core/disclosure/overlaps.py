"""Find publications about the same people and period, and decide whether another one may be added.

There is one current publication for each community and period; a correction replaces the first one, which is
then no longer shown. Readers still know what was published, so both are attacked together before the second is
stored, unless nobody ever read the first.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.core.disclosure.attack import Counts
from app.core.disclosure.union import attack_union, overlapping_communities
from app.core.languages import PartlyTranslatedText
from app.core.publication import Publication, StoredPublication
from app.core.rounds import RoundId


@dataclass(frozen=True, slots=True)
class OverlappingPublication:
    """An earlier publication about the same people and period.

    `broken` is the number of hidden sets that both together reveal, `missing` the communities of the earlier one
    that the new one lacks, `is_imported` whether its answers were imported, `is_current` whether it is shown.
    """

    round: RoundId
    title: PartlyTranslatedText
    communities: tuple[str, ...]
    broken: int
    missing: tuple[str, ...]
    is_imported: bool
    is_current: bool


def find_overlapping_publications(
    publication: Publication, stored: Iterable[StoredPublication], counts: Callable[[], Mapping[str, Counts]]
) -> tuple[OverlappingPublication, ...]:
    """Return the stored publications that overlap a new one, attacked together with it if they were ever read.

    `counts` returns the number of answers to each scale of the new one, by unit and staff group; it is called only
    if there is an overlap.
    """
    result = []
    for stored_publication in stored:
        earlier = stored_publication.publication
        shared = overlapping_communities(earlier, publication)
        if shared and earlier.round != publication.round:
            result.append(
                OverlappingPublication(
                    round=earlier.round,
                    title=earlier.translated_title,
                    communities=_names(publication, shared),
                    broken=len(attack_union(earlier, publication, counts()).insufficiently_protected_sets)
                    if stored_publication.is_read
                    else 0,
                    missing=_names(earlier, _communities(earlier) - _communities(publication)),
                    is_imported=stored_publication.is_imported,
                    is_current=stored_publication.is_current,
                )
            )
    return tuple(result)


def _communities(publication: Publication) -> frozenset[str]:
    return frozenset(name for unit in publication.region.units for name in unit.communities)


def _names(publication: Publication, communities: frozenset[str]) -> tuple[str, ...]:
    return tuple(unit.name for unit in publication.region.units if communities & set(unit.communities))
