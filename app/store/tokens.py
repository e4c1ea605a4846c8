"""API tokens: account, expiry and digest; the token itself is not stored."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId, Token
from app.store.database import Base


class TokenRow(Base):
    __tablename__ = "token"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_on: Mapped[date | None]


def add(
    session: Session, digest: bytes, account_id: AccountId, name: str, *, made_at: datetime, expires_at: datetime
) -> int:
    """Store the digest of a new token; return its number."""
    row = TokenRow(digest=digest, account_id=account_id, name=name, made_at=made_at, expires_at=expires_at)
    session.add(row)
    session.flush()
    return row.id


def tokens_of_account(session: Session, account_id: AccountId) -> Sequence[Token]:
    """Return the tokens of an account, newest first."""
    rows = session.scalars(select(TokenRow).where(TokenRow.account_id == account_id).order_by(TokenRow.id.desc()))
    return [_token(row) for row in rows]


def find_token_by_digest(session: Session, digest: bytes) -> Token | None:
    """Return the token with this digest, or None."""
    row = session.scalar(select(TokenRow).where(TokenRow.digest == digest))
    return None if row is None else _token(row)


def record_use(session: Session, token: int, *, on: date) -> None:
    """Record the day of the last use; the time of day is not stored."""
    session.execute(update(TokenRow).where(TokenRow.id == token).values(used_on=on))


def delete_token(session: Session, account_id: AccountId, token: int) -> bool:
    """Delete a token of an account; False if there is none."""
    result = delete(TokenRow).where(TokenRow.id == token, TokenRow.account_id == account_id).returning(TokenRow.id)
    return session.execute(result).first() is not None


def delete_account_tokens(session: Session, account_id: AccountId) -> None:
    """Delete all tokens of an account."""
    session.execute(delete(TokenRow).where(TokenRow.account_id == account_id))


def delete_expired(session: Session, *, now: datetime) -> None:
    """Delete expired tokens."""
    session.execute(delete(TokenRow).where(TokenRow.expires_at <= now))


def _token(row: TokenRow) -> Token:
    return Token(row.id, AccountId(row.account_id), row.name, row.made_at, row.expires_at, row.used_on)
