"""Bring communities together: what each may say, what it said, and whom it finds."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.catalogue import DIMENSIONS
from app.core.matching.needs import needs_of_results
from app.core.matching.networking import Consent, ConsentSide, matching_communities, strong_dimensions
from app.store import networking, organisations, publications, weights


class InvalidConsent(Exception):
    """A consent names no dimension, no contact, or shares what the results do not show to be strong."""


def shareable_dimensions(session: Session, community: str) -> frozenset[str]:
    """Return the dimensions that a community may share: its own newest figures lie surely above the region's."""
    result = publications.load_released_surveys(session).result_of(community)
    if result is None:
        return frozenset()
    needs = needs_of_results([result], weights=weights.current(session))
    return strong_dimensions(needs.of(result.unit.id))


def consents(session: Session, community: str) -> dict[str, Consent]:
    """Return what a community said, by dimension."""
    return {consent.dimension: consent for consent in networking.consents(session) if consent.community == community}


def save_consents(
    session: Session, community: str, found_consents: Sequence[Consent], *, by: AccountId | None, now: datetime
) -> None:
    """Put a community's consents in place of its earlier ones; raises InvalidConsent."""
    strong = shareable_dimensions(session, community)
    for found_consent in found_consents:
        shares_nothing = found_consent.side is ConsentSide.SHARES and found_consent.dimension not in strong
        if found_consent.dimension not in DIMENSIONS or not found_consent.contact.strip() or shares_nothing:
            raise InvalidConsent(found_consent.dimension)
    networking.set_consents(session, community, found_consents, by=by, now=now)


def matching_contacts(session: Session, community: str) -> dict[str, tuple[tuple[str, Consent], ...]]:
    """Return by dimension the names and contacts of the other side, in the order of their names."""
    known = networking.consents(session)
    names = {unit.id: unit.name for unit in organisations.load_region(session).units}
    strong = {
        consent.community: shareable_dimensions(session, consent.community)
        for consent in known
        if consent.side is ConsentSide.SHARES
    }
    met = matching_communities(known, community, names, strong)
    return {word: tuple((names[other.community], other) for other in others) for word, others in met.items()}
