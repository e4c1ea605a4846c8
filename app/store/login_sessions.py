"""Login sessions, one-time links and failed sign-in attempts, all stored as digests."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, String, case, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId, DeviceKind, LoginSession, SignInMethod
from app.store.columns import enum_type
from app.store.database import Base, conflict_insert

HANDLE_LENGTH = 16  # hexadecimal digits of the digest: identify a session and do not authenticate


class LoginSessionRow(Base):
    __tablename__ = "signed_in"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    complete: Mapped[bool]
    device: Mapped[DeviceKind] = mapped_column(enum_type(DeviceKind, "device"))
    way: Mapped[SignInMethod] = mapped_column(enum_type(SignInMethod, "way"))


class OneTimeLinkRow(Base):
    __tablename__ = "one_time_link"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]


class AttemptRow(Base):
    __tablename__ = "sign_in_attempt"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    what: Mapped[str] = mapped_column(String(20))
    began_at: Mapped[datetime] = mapped_column(index=True)
    number: Mapped[int]


def add_session(session: Session, digest: bytes, login_session: LoginSession, *, complete: bool = True) -> None:
    """Store a login session; `complete` is false while the second factor is missing."""
    session.add(
        LoginSessionRow(
            digest=digest,
            account_id=login_session.account,
            began_at=login_session.began_at,
            seen_at=login_session.seen_at,
            complete=complete,
            device=login_session.device,
            way=login_session.method,
        )
    )
    session.flush()


def find_session(session: Session, digest: bytes, *, complete: bool = True) -> LoginSession | None:
    """Return the session with this digest, or None."""
    row = session.get(LoginSessionRow, digest)
    return None if row is None or row.complete is not complete else _login_session(row)


def active_sessions(
    session: Session, account_id: AccountId, *, seen_after: datetime, began_after: datetime
) -> tuple[LoginSession, ...]:
    """Return the active sessions of an account, last used first."""
    query = (
        select(LoginSessionRow)
        .where(
            LoginSessionRow.account_id == account_id,
            LoginSessionRow.complete,
            LoginSessionRow.seen_at > seen_after,
            LoginSessionRow.began_at > began_after,
        )
        .order_by(LoginSessionRow.seen_at.desc(), LoginSessionRow.digest)
    )
    return tuple(_login_session(row) for row in session.scalars(query))


def delete_session_by_handle(session: Session, account_id: AccountId, handle: str) -> bool:
    """Delete the session with this handle; return whether there was one."""
    digests = session.scalars(select(LoginSessionRow.digest).where(LoginSessionRow.account_id == account_id))
    result = next((digest for digest in digests if handle_of(digest) == handle), None)
    if result is not None:
        delete_session(session, result)
    return result is not None


def handle_of(digest: bytes) -> str:
    """Return the handle of a session, which identifies it on a page."""
    return digest.hex()[:HANDLE_LENGTH]


def _login_session(row: LoginSessionRow) -> LoginSession:
    return LoginSession(
        handle_of(row.digest), AccountId(row.account_id), row.device, row.way, row.began_at, row.seen_at
    )


def set_last_used(session: Session, digest: bytes, *, now: datetime) -> None:
    """Update when the session was last used."""
    session.execute(update(LoginSessionRow).where(LoginSessionRow.digest == digest).values(seen_at=now))


def delete_session(session: Session, digest: bytes) -> None:
    """Delete a session."""
    session.execute(delete(LoginSessionRow).where(LoginSessionRow.digest == digest))


def delete_account_sessions(session: Session, account_id: AccountId) -> None:
    """Delete all sessions of an account, but not its one-time links."""
    session.execute(delete(LoginSessionRow).where(LoginSessionRow.account_id == account_id))


def delete_account_sessions_and_links(session: Session, account_id: AccountId) -> None:
    """Delete all sessions and one-time links of an account."""
    delete_account_sessions(session, account_id)
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.account_id == account_id))


def delete_all_sessions_and_links(session: Session) -> None:
    """Delete all sessions and one-time links of all accounts."""
    session.execute(delete(LoginSessionRow))
    session.execute(delete(OneTimeLinkRow))


def replace_one_time_link(session: Session, digest: bytes, account_id: AccountId, *, expires_at: datetime) -> None:
    """Store a one-time link in place of the account's earlier ones."""
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.account_id == account_id))
    session.add(OneTimeLinkRow(digest=digest, account_id=account_id, expires_at=expires_at))
    session.flush()


def spend_one_time_link(session: Session, digest: bytes, *, now: datetime) -> AccountId | None:
    """Delete a one-time link and return its account; None if it is unknown, used or expired."""
    spent = session.execute(
        delete(OneTimeLinkRow)
        .where(OneTimeLinkRow.digest == digest, OneTimeLinkRow.expires_at > now)
        .returning(OneTimeLinkRow.account_id)
    ).scalar_one_or_none()
    return None if spent is None else AccountId(spent)


def increment_attempts(session: Session, digest: bytes, what: str, *, now: datetime, window: timedelta) -> int:
    """Count an attempt in the current window and return the number, in one atomic statement."""
    too_old = AttemptRow.began_at <= now - window
    counted = (
        conflict_insert(session, AttemptRow)
        .values(digest=digest, what=what, began_at=now, number=1)
        .on_conflict_do_update(
            index_elements=[AttemptRow.digest],
            set_={
                "number": case((too_old, 1), else_=AttemptRow.number + 1),
                "began_at": case((too_old, now), else_=AttemptRow.began_at),
            },
        )
    )
    return int(session.execute(counted.returning(AttemptRow.number)).scalar_one())


def attempt_count(session: Session, digest: bytes, *, since: datetime) -> int:
    """Return the number of attempts in a window that began after `since`."""
    query = select(AttemptRow.number).where(AttemptRow.digest == digest, AttemptRow.began_at > since)
    return session.scalar(query) or 0


def reset_attempts(session: Session, digest: bytes) -> None:
    """Delete the attempts of this digest."""
    session.execute(delete(AttemptRow).where(AttemptRow.digest == digest))


def delete_expired_sign_in_data(
    session: Session, *, sessions_before: datetime, attempts_before: datetime, now: datetime
) -> None:
    """Delete expired sessions, attempts and links."""
    session.execute(delete(LoginSessionRow).where(LoginSessionRow.seen_at <= sessions_before))
    session.execute(delete(AttemptRow).where(AttemptRow.began_at <= attempts_before))
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.expires_at <= now))
