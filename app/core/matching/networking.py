"""Match communities that could learn from each other: both must consent; no ranks or figures are shown."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum

from app.core.catalogue import DIMENSIONS
from app.core.matching.needs import Need
from app.core.text import sort_key


class ConsentSide(StrEnum):
    """Whether a community wants to contact others about a dimension or is willing to share its practices."""

    SEEKS = "seeks"
    SHARES = "shares"


@dataclass(frozen=True, slots=True)
class Consent:
    """A community's consent to be contacted about one dimension; its name is shown to the other side only."""

    community: str
    dimension: str
    side: ConsentSide
    contact: str


def strong_dimensions(needs: Mapping[str, Need]) -> frozenset[str]:
    """Return the dimensions in which a unit's own printed figures lie surely above the region's mean."""
    return frozenset(word for word, need in needs.items() if word in DIMENSIONS and need.is_strength)


def matching_consents_by_dimension(
    consents: Iterable[Consent], community: str, names: Mapping[str, str], strong: Mapping[str, Set[str]]
) -> dict[str, tuple[Consent, ...]]:
    """Return, by dimension, the consents of communities on the other side of a community's own consents.

    Whoever shares is left out where its newest figures show a need by now.
    """
    known = [consent for consent in consents if consent.community in names and _is_valid(consent, strong)]
    found_consents = [consent for consent in known if consent.community == community]
    result = {}
    for own in found_consents:
        others = [
            consent
            for consent in known
            if consent.dimension == own.dimension and consent.side is not own.side and consent.community != community
        ]
        result[own.dimension] = tuple(
            sorted(others, key=lambda consent: (sort_key(names[consent.community]), consent.community))
        )
    return result


def _is_valid(consent: Consent, strong: Mapping[str, Set[str]]) -> bool:
    return consent.side is ConsentSide.SEEKS or consent.dimension in strong.get(consent.community, frozenset())
