"""Link accounts to persons at the single sign-on provider."""

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.store.database import Base


class IdentityRow(Base):
    __tablename__ = "provider_identity"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255), index=True)


def find_account_id_of_identity(session: Session, issuer: str, subject: str) -> AccountId | None:
    """Return the account linked to a person at the provider, or None."""
    same_identity = (IdentityRow.issuer == issuer, IdentityRow.subject == subject)
    number = session.scalar(select(IdentityRow.account_id).where(*same_identity))
    return None if number is None else AccountId(number)


def is_linked(session: Session, account_id: AccountId) -> bool:
    """Tell whether an account is linked to a person at a provider."""
    return session.get(IdentityRow, account_id) is not None


def link_account(session: Session, account_id: AccountId, issuer: str, subject: str) -> None:
    """Link an account to a person at the provider."""
    session.add(IdentityRow(account_id=account_id, issuer=issuer, subject=subject))
    session.flush()


def unlink_account(session: Session, account_id: AccountId) -> None:
    """Remove the link of an account, so that the next matching person is linked."""
    session.execute(delete(IdentityRow).where(IdentityRow.account_id == account_id))
