"""Second factors: encrypted secrets, last used time steps, and digests of recovery words."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.store.database import Base


class SecondFactorRow(Base):
    __tablename__ = "second_factor"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int]
    confirmed_at: Mapped[datetime | None]


class RecoveryWordRow(Base):
    __tablename__ = "recovery_word"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)


def store_unconfirmed_secret(session: Session, account_id: AccountId, sealed: bytes) -> None:
    """Store a new unconfirmed secret in place of an earlier one."""
    remove(session, account_id)
    session.add(SecondFactorRow(account_id=account_id, sealed=sealed, last_step=0))
    session.flush()


def sealed_secret(session: Session, account_id: AccountId, *, confirmed: bool) -> bytes | None:
    """Return the confirmed or the unconfirmed sealed secret, or None."""
    state = SecondFactorRow.confirmed_at.is_not(None) if confirmed else SecondFactorRow.confirmed_at.is_(None)
    return session.scalar(select(SecondFactorRow.sealed).where(SecondFactorRow.account_id == account_id, state))


def activate_with_recovery_words(
    session: Session, account_id: AccountId, digests: Iterable[bytes], *, now: datetime
) -> None:
    """Activate the second factor with its recovery words."""
    session.execute(update(SecondFactorRow).where(SecondFactorRow.account_id == account_id).values(confirmed_at=now))
    session.add_all(RecoveryWordRow(digest=digest, account_id=account_id) for digest in digests)
    session.flush()


def use_time_step(session: Session, account_id: AccountId, step: int) -> bool:
    """Mark a time step as used; False if it or a later one was used before. One atomic statement."""
    used = session.execute(
        update(SecondFactorRow)
        .where(SecondFactorRow.account_id == account_id, SecondFactorRow.last_step < step)
        .values(last_step=step)
        .returning(SecondFactorRow.account_id)
    )
    return used.first() is not None


def use_recovery_word(session: Session, account_id: AccountId, digest: bytes) -> bool:
    """Delete a recovery word; False if there is none."""
    same_word = (RecoveryWordRow.digest == digest, RecoveryWordRow.account_id == account_id)
    return (
        session.execute(delete(RecoveryWordRow).where(*same_word).returning(RecoveryWordRow.digest)).first() is not None
    )


def recovery_words_left(session: Session, account_id: AccountId) -> int:
    """Return the number of unused recovery words."""
    query = select(func.count()).select_from(RecoveryWordRow).where(RecoveryWordRow.account_id == account_id)
    return session.scalar(query) or 0


def remove(session: Session, account_id: AccountId) -> None:
    """Delete the second factor."""
    session.execute(delete(RecoveryWordRow).where(RecoveryWordRow.account_id == account_id))
    session.execute(delete(SecondFactorRow).where(SecondFactorRow.account_id == account_id))
