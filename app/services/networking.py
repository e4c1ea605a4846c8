"""Bring communities together: what each may say, what it said, and whom it finds."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.catalogue import DIMENSIONS
from app.core.matching.networking import Consent, ConsentSide, matching_communities, strong_dimensions
from app.store import networking, organisations, publications, weights


class InvalidConsent(Exception):
    """A consent names no dimension, no contact, or shares what the results do not show to be strong."""


def strengths(session: Session, community: str) -> frozenset[str]:
    """Return the dimensions that a community may share: its own newest figures show no need in them."""
    result = publications.latest_surveys(session).result_of(community)
    if result is None:
        return frozenset()
    return strong_dimensions(result.publication, result.unit.id, weights.current(session))


def consents(session: Session, community: str) -> dict[str, Consent]:
    """Return what a community said, by dimension."""
    return {one.dimension: one for one in networking.consents(session) if one.community == community}


def save_consents(
    session: Session, community: str, given: Sequence[Consent], *, by: AccountId | None, now: datetime
) -> None:
    """Put a community's consents in place of its earlier ones; raises InvalidConsent."""
    strong = strengths(session, community)
    for one in given:
        shares_nothing = one.side is ConsentSide.SHARES and one.dimension not in strong
        if one.dimension not in DIMENSIONS or not one.contact.strip() or shares_nothing:
            raise InvalidConsent(one.dimension)
    networking.set_consents(session, community, given, by=by, now=now)


def matching_contacts(session: Session, community: str) -> dict[str, tuple[tuple[str, Consent], ...]]:
    """Return by dimension the names and contacts of the other side, in the order of their names."""
    known = networking.consents(session)
    names = {unit.id: unit.name for unit in organisations.load_region(session).units}
    strong = {one.community: strengths(session, one.community) for one in known if one.side is ConsentSide.SHARES}
    met = matching_communities(known, community, names, strong)
    return {word: tuple((names[one.community], one) for one in others) for word, others in met.items()}
