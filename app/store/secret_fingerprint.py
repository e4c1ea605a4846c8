"""The mark of the secret that a database goes with: one row, laid once, compared ever after."""

from sqlalchemy import CheckConstraint, LargeBinary, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.rounds import RoundError, RoundFault
from app.store.database import Base

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
    """The secret of this host is not the one that the database goes with; the text says what to do."""

    def __init__(self) -> None:
        super().__init__(RoundFault.SECRET_DIFFERS)

    def __str__(self) -> str:
        """Say it in English, for the log of a service that does not start."""
        return f"{MISMATCH_MESSAGE} {REMEDY}"


def stored_fingerprint(session: Session) -> bytes | None:
    """Return the mark that a database bears, or None; a database before its migrations bears none."""
    if not has_table(session):
        return None
    return session.scalar(select(SecretFingerprintRow.digest).where(SecretFingerprintRow.id == ONLY))


def require(session: Session, digest: bytes) -> None:
    """Lay a mark where there is none, and there is room for one; raise SecretMismatch where there is another.

    Of several hosts that try at once, one lays its own.
    """
    if stored_fingerprint(session) is None and has_table(session):
        _insert(session, digest)
    if stored_fingerprint(session) not in {None, digest}:
        raise SecretMismatch


def replace(session: Session, digest: bytes) -> None:
    """Lay a mark, in the place of another if there is one."""
    _insert(session, digest)
    session.execute(update(SecretFingerprintRow).where(SecretFingerprintRow.id == ONLY).values(digest=digest))


def _insert(session: Session, digest: bytes) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(SecretFingerprintRow).values(id=ONLY, digest=digest).on_conflict_do_nothing())


def has_table(session: Session) -> bool:
    """Tell whether the database has the table of the mark; one before its migrations has not."""
    return inspect(session.connection()).has_table(SecretFingerprintRow.__tablename__)
