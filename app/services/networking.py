"""Contacts between communities: their consents, what they may share, and the matches."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.catalogue import DIMENSIONS
from app.core.matching.needs import needs_of_results
from app.core.matching.networking import Consent, ConsentSide, matching_consents_by_dimension, strong_dimensions
from app.store import networking, organisations, publications, weights


class InvalidConsent(Exception):
    """A consent names no dimension, no contact, or shares what the results do not show to be strong."""


def shareable_strengths(session: Session, community: str) -> frozenset[str]:
    """Return the dimensions that a community may share: its own newest results are reliably above the region's."""
    result = publications.load_released_surveys(session).newest_result_of(community)
    if result is None:
        return frozenset()
    needs = needs_of_results([result], weights=weights.current_weights(session))
    return strong_dimensions(needs.needs_of_unit(result.unit.id))


def consents_by_dimension(session: Session, community: str) -> dict[str, Consent]:
    """Return the consents of a community by dimension."""
    return {consent.dimension: consent for consent in networking.consents(session) if consent.community == community}


def save_consents(
    session: Session, community: str, found_consents: Sequence[Consent], *, by: AccountId | None, now: datetime
) -> None:
    """Put a community's consents in place of its earlier ones; raises InvalidConsent."""
    strong = shareable_strengths(session, community)
    for found_consent in found_consents:
        shares_nothing = found_consent.side is ConsentSide.SHARES and found_consent.dimension not in strong
        if found_consent.dimension not in DIMENSIONS or not found_consent.contact.strip() or shares_nothing:
            raise InvalidConsent(found_consent.dimension)
    networking.set_consents(session, community, found_consents, by=by, now=now)


def matching_contacts_by_dimension(session: Session, community: str) -> dict[str, tuple[tuple[str, Consent], ...]]:
    """Return by dimension the names and consents of the communities that match, ordered by name."""
    known = networking.consents(session)
    names = {unit.id: unit.name for unit in organisations.load_region(session).units}
    strong = {
        consent.community: shareable_strengths(session, consent.community)
        for consent in known
        if consent.side is ConsentSide.SHARES
    }
    met = matching_consents_by_dimension(known, community, names, strong)
    return {word: tuple((names[other.community], other) for other in others) for word, others in met.items()}
