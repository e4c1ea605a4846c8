"""What signing in leaves behind: sessions, one-time links and failed attempts, all as digests."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Enum, ForeignKey, LargeBinary, String, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId, Device, LoginSession, SignInMethod
from app.store.database import Base

HANDLE = 16  # hexadecimal digits of a digest: enough to name a session, useless to anybody who reads them


def _words(of: type[StrEnum], name: str) -> Enum:
    return Enum(
        of,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=20,
        values_callable=lambda words: [word.value for word in words],
    )


class SignedInRow(Base):
    __tablename__ = "signed_in"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    complete: Mapped[bool]
    device: Mapped[Device] = mapped_column(_words(Device, "device"))
    way: Mapped[SignInMethod] = mapped_column(_words(SignInMethod, "way"))


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


def begin(session: Session, digest: bytes, login_session: LoginSession, *, complete: bool = True) -> None:
    """Remember that whoever bears this digest's word is signed in, or has still the second step to take."""
    session.add(
        SignedInRow(
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


def find(session: Session, digest: bytes, *, complete: bool = True) -> LoginSession | None:
    """Return the session that bears this digest."""
    row = session.get(SignedInRow, digest)
    return None if row is None or row.complete is not complete else _login_session(row)


def sessions(
    session: Session, account_id: AccountId, *, seen_after: datetime, began_after: datetime
) -> tuple[LoginSession, ...]:
    """Return the sessions of an account that have not run out, the one used last first."""
    query = (
        select(SignedInRow)
        .where(
            SignedInRow.account_id == account_id,
            SignedInRow.complete,
            SignedInRow.seen_at > seen_after,
            SignedInRow.began_at > began_after,
        )
        .order_by(SignedInRow.seen_at.desc(), SignedInRow.digest)
    )
    return tuple(_login_session(row) for row in session.scalars(query))


def end_session(session: Session, account_id: AccountId, handle: str) -> bool:
    """Forget the session of an account that `handle` names; tell whether there was one."""
    digests = session.scalars(select(SignedInRow.digest).where(SignedInRow.account_id == account_id))
    result = next((digest for digest in digests if handle_of(digest) == handle), None)
    if result is not None:
        end(session, result)
    return result is not None


def handle_of(digest: bytes) -> str:
    """Return what names a session on a page."""
    return digest.hex()[:HANDLE]


def _login_session(row: SignedInRow) -> LoginSession:
    return LoginSession(
        handle_of(row.digest), AccountId(row.account_id), row.device, row.way, row.began_at, row.seen_at
    )


def refresh(session: Session, digest: bytes, *, now: datetime) -> None:
    """Note that the session was seen."""
    session.execute(update(SignedInRow).where(SignedInRow.digest == digest).values(seen_at=now))


def end(session: Session, digest: bytes) -> None:
    """Forget one session."""
    session.execute(delete(SignedInRow).where(SignedInRow.digest == digest))


def end_sessions(session: Session, account_id: AccountId) -> None:
    """Forget every session of an account; a one-time link that waits stays good."""
    session.execute(delete(SignedInRow).where(SignedInRow.account_id == account_id))


def end_all(session: Session, account_id: AccountId) -> None:
    """Forget every session and every one-time link of an account."""
    end_sessions(session, account_id)
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.account_id == account_id))


def end_all_accounts(session: Session) -> None:
    """Forget every session and every one-time link there is."""
    session.execute(delete(SignedInRow))
    session.execute(delete(OneTimeLinkRow))


def add_link(session: Session, digest: bytes, account_id: AccountId, *, expires_at: datetime) -> None:
    """Keep a one-time link in place of the account's earlier ones."""
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.account_id == account_id))
    session.add(OneTimeLinkRow(digest=digest, account_id=account_id, expires_at=expires_at))
    session.flush()


def spend_link(session: Session, digest: bytes, *, now: datetime) -> AccountId | None:
    """Use a one-time link up; return whose it was, None if it is unknown, used or too old."""
    spent = session.execute(
        delete(OneTimeLinkRow)
        .where(OneTimeLinkRow.digest == digest, OneTimeLinkRow.expires_at > now)
        .returning(OneTimeLinkRow.account_id)
    ).scalar_one_or_none()
    return None if spent is None else AccountId(spent)


def count_attempt(session: Session, digest: bytes, what: str, *, now: datetime, window: timedelta) -> int:
    """Count one attempt in the window that is running, and return its number; one atomic statement."""
    too_old = AttemptRow.began_at <= now - window
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    counted = (
        insert(AttemptRow)
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


def attempts(session: Session, digest: bytes, *, since: datetime) -> int:
    """Return how many attempts are counted in a window that began after `since`."""
    query = select(AttemptRow.number).where(AttemptRow.digest == digest, AttemptRow.began_at > since)
    return session.scalar(query) or 0


def forget_attempts(session: Session, digest: bytes) -> None:
    """Start the count of this digest afresh."""
    session.execute(delete(AttemptRow).where(AttemptRow.digest == digest))


def delete_expired(session: Session, *, sessions_before: datetime, attempts_before: datetime, now: datetime) -> None:
    """Delete what has run out."""
    session.execute(delete(SignedInRow).where(SignedInRow.seen_at <= sessions_before))
    session.execute(delete(AttemptRow).where(AttemptRow.began_at <= attempts_before))
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.expires_at <= now))
