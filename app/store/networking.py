"""Consents of communities to be put in contact with others."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.matching.networking import Consent, ConsentSide
from app.store.database import Base

_SIDES = ", ".join(repr(consent_side.value) for consent_side in ConsentSide)


class NetworkConsentRow(Base):
    __tablename__ = "network_consent"
    __table_args__ = (CheckConstraint(f"side IN ({_SIDES})", name="side"),)

    community_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    dimension: Mapped[str] = mapped_column(String(40), primary_key=True)
    side: Mapped[str] = mapped_column(String(10))
    contact: Mapped[str] = mapped_column("contact_person", String(200))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    at: Mapped[datetime]


def consents(session: Session) -> tuple[Consent, ...]:
    """Return all consents."""
    query = select(NetworkConsentRow).order_by(NetworkConsentRow.community_id, NetworkConsentRow.dimension)
    return tuple(
        Consent(row.community_id, row.dimension, ConsentSide(row.side), row.contact) for row in session.scalars(query)
    )


def set_consents(
    session: Session, community: str, new_consents: Iterable[Consent], *, by: AccountId | None, now: datetime
) -> None:
    """Replace the consents of a community."""
    session.execute(delete(NetworkConsentRow).where(NetworkConsentRow.community_id == community))
    session.add_all(
        NetworkConsentRow(
            community_id=community,
            dimension=consent.dimension,
            side=consent.side,
            contact=consent.contact,
            account_id=by,
            at=now,
        )
        for consent in new_consents
    )
    session.flush()


def withdraw_consents_of_account(session: Session, community: str, account: AccountId) -> None:
    """Delete the consents that an account gave for a community, when its contact person changes."""
    own_consents = (NetworkConsentRow.community_id == community, NetworkConsentRow.account_id == account)
    session.execute(delete(NetworkConsentRow).where(*own_consents))
