"""Accounts, their grants and password hashes."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app.core.accounts import Account, AccountId, Grant, Role
from app.core.text import sort_key
from app.store.columns import enum_type
from app.store.database import Base, execute_and_count_rows


class EmailTaken(Exception):
    """Another account has this e-mail address."""


class AccountRow(Base):
    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(2))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    grants: Mapped[list["GrantRow"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="GrantRow.id"
    )


class GrantRow(Base):
    __tablename__ = "account_grant"
    __table_args__ = (UniqueConstraint("account_id", "role", "municipality", "community"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(enum_type(Role, "role"))
    municipality: Mapped[str | None] = mapped_column(String(40))
    community: Mapped[str | None] = mapped_column(String(40))


def normalise_email(email: str) -> str:
    """Return an address in the form used for comparison: stripped, lower case."""
    return email.strip().casefold()


def add(session: Session, *, email: str, name: str, language: str, grants: Iterable[Grant], now: datetime) -> AccountId:
    """Add an account without a password; EmailTaken if the address is in use."""
    row = AccountRow(email=normalise_email(email), name=name.strip(), language=language, made_at=now)
    row.grants = [_grant_row(grant) for grant in dict.fromkeys(grants)]
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise EmailTaken(email) from error
    return AccountId(row.id)


def find_account(session: Session, account_id: AccountId) -> Account | None:
    """Return an account, open or closed; None if there is none."""
    row = session.get(AccountRow, account_id)
    return None if row is None else _value(row)


def find_account_by_email(session: Session, email: str) -> Account | None:
    """Return the account with this address, open or closed; None if there is none."""
    row = session.scalar(select(AccountRow).where(AccountRow.email == normalise_email(email)))
    return None if row is None else _value(row)


def accounts(session: Session) -> tuple[Account, ...]:
    """Return every account by name, the closed ones last."""
    rows = sorted(
        session.scalars(select(AccountRow)), key=lambda row: (row.closed_at is not None, sort_key(row.name), row.id)
    )
    return tuple(_value(row) for row in rows)


def password_hash(session: Session, account_id: AccountId) -> str | None:
    """Return the password hash of an account."""
    return session.scalar(select(AccountRow.password_hash).where(AccountRow.id == account_id))


def set_password_hash(session: Session, account_id: AccountId, password_hash: str | None) -> None:
    """Replace the password hash of an account."""
    _row(session, account_id).password_hash = password_hash


LANGUAGE = "language"
# Same columns as other inputs of course lists: kind, community, identifier, number.
LANGUAGES_OF_PRINCIPALS = (
    select(literal(LANGUAGE).label("what"), GrantRow.community, AccountRow.language, literal(0).label("number"))
    .join(AccountRow, AccountRow.id == GrantRow.account_id)
    .where(GrantRow.role == Role.PRINCIPAL, GrantRow.community.is_not(None), AccountRow.closed_at.is_(None))
)


def set_language(session: Session, account_id: AccountId, language: str) -> None:
    """Set the language of the account's pages."""
    _row(session, account_id).language = language


def set_closed(session: Session, account_id: AccountId, closed_at: datetime | None) -> None:
    """Close an account, or reopen it with None."""
    _row(session, account_id).closed_at = closed_at


def delete_closed(session: Session, *, before: datetime) -> int:
    """Delete accounts closed before a time, with all their data; return how many."""
    closed = delete(AccountRow).where(AccountRow.closed_at < before)
    return execute_and_count_rows(session, closed)


def grant(session: Session, account_id: AccountId, new_grant: Grant) -> None:
    """Add a grant; does nothing if the account has it."""
    row = _row(session, account_id)
    if new_grant not in _value(row).grants:
        row.grants.append(_grant_row(new_grant))
        session.flush()


def revoke(session: Session, account_id: AccountId, old_grant: Grant) -> bool:
    """Remove a grant; return whether there was one."""
    row = _row(session, account_id)
    remaining = [grant_row for grant_row in row.grants if _grant(grant_row) != old_grant]
    exists = len(remaining) < len(row.grants)
    row.grants = remaining
    session.flush()
    return exists


def _row(session: Session, account_id: AccountId) -> AccountRow:
    return session.get_one(AccountRow, account_id)


def _value(row: AccountRow) -> Account:
    return Account(
        id=AccountId(row.id),
        email=row.email,
        name=row.name,
        language=row.language,
        grants=tuple(_grant(grant_row) for grant_row in row.grants),
        has_password=row.password_hash is not None,
        closed=row.closed_at is not None,
    )


def _grant(row: GrantRow) -> Grant:
    return Grant(row.role, row.municipality, row.community)


def _grant_row(value: Grant) -> GrantRow:
    return GrantRow(role=value.role, municipality=value.municipality, community=value.community)
