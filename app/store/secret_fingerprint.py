"""Fingerprint of the secret key that a database belongs to: a single row."""

from sqlalchemy import CheckConstraint, LargeBinary, inspect, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.rounds import RoundError, RoundFault
from app.store.database import Base, conflict_insert

MISMATCH_MESSAGE = "The secret of this host is not the one that its database goes with: no code would work here."
REMEDY = (
    "Copy the file secret, mode 0600, from a host where codes work or from where it is kept. "
    "If the old one is lost for good: ./run flask secret accept"
)
ONLY = 1
DIGEST_BYTES = 32


class SecretFingerprintRow(Base):
    __tablename__ = "hallmark"
    __table_args__ = (CheckConstraint(f"id = {ONLY}", name="only"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(DIGEST_BYTES))


class SecretMismatch(RoundError):
    """The secret key of this host does not belong to the database; the text says what to do."""

    def __init__(self) -> None:
        super().__init__(RoundFault.SECRET_DIFFERS)

    def __str__(self) -> str:
        """Return the English message for the log."""
        return f"{MISMATCH_MESSAGE} {REMEDY}"


def stored_fingerprint(session: Session) -> bytes | None:
    """Return the stored fingerprint, or None if there is none or no table yet."""
    if not has_fingerprint_table(session):
        return None
    return session.scalar(select(SecretFingerprintRow.digest).where(SecretFingerprintRow.id == ONLY))


def require_or_store(session: Session, digest: bytes) -> None:
    """Store the fingerprint if there is none; raise SecretMismatch if it differs.

    If several hosts try at once, one of them stores its own.
    """
    if stored_fingerprint(session) is None and has_fingerprint_table(session):
        _insert(session, digest)
    if stored_fingerprint(session) not in {None, digest}:
        raise SecretMismatch


def replace(session: Session, digest: bytes) -> None:
    """Store the fingerprint in place of another."""
    _insert(session, digest)
    session.execute(update(SecretFingerprintRow).where(SecretFingerprintRow.id == ONLY).values(digest=digest))


def _insert(session: Session, digest: bytes) -> None:
    session.execute(
        conflict_insert(session, SecretFingerprintRow).values(id=ONLY, digest=digest).on_conflict_do_nothing()
    )


def has_fingerprint_table(session: Session) -> bool:
    """Tell whether the table exists: a database before its migrations lacks it."""
    return inspect(session.connection()).has_table(SecretFingerprintRow.__tablename__)
