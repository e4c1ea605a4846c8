"""Round keys of automatic rounds, encrypted to each host that can count the round.

Rows are deleted at the count. Backups leave the table out (`store/database_copies.py`): a copy that outlives the
count in a backup would open the boxes of that backup together with the disk of the host that it was sealed to.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ForeignKey, LargeBinary, String, Table, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.rounds import KeyMode, RoundId, RoundState
from app.store.database import Base, Executor, execute_and_count_rows, has_table
from app.store.rounds import LOCK_CLASS, RoundRow

SHARING_TASK = "share_keys"  # runs on every host, each minute
SILENCE = timedelta(minutes=5)  # after which a host that does not renew its row counts as lost


class RoundKeyCopyRow(Base):
    __tablename__ = "round_key_share"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True, autoincrement=False)
    host_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    host_name: Mapped[str] = mapped_column(String(100))
    host_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    proof: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary(80))
    can_open: Mapped[bool]
    seen_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class RoundKeyCopy:
    """One host's copy of a round's key: the secret key sealed to that host, and whether it can open it.

    `host_id` is the start of `host_key`, the host's public key; `proof` authenticates it. `sealed` is the round's
    secret key sealed to it, None until a host that can open the round has seen this one. `can_open`: the host has
    opened its copy. `seen_at` is renewed every minute.
    """

    round_id: RoundId
    host_id: str
    host_name: str
    host_key: bytes
    proof: bytes
    sealed: bytes | None
    can_open: bool
    seen_at: datetime

    def is_alive(self, now: datetime) -> bool:
        """Tell whether the host has renewed its row within the last minutes."""
        return now - self.seen_at <= SILENCE

    def is_alive_and_can_open(self, now: datetime) -> bool:
        """Tell whether the host can open the round and has renewed its row within the last minutes."""
        return self.can_open and self.is_alive(now)


@dataclass(frozen=True, slots=True)
class SharedKeyRound:
    """A round whose key is shared: in automatic mode, open or waiting for its count."""

    id: RoundId
    public_key: bytes


_TABLE = cast("Table", RoundKeyCopyRow.__table__)
_ROUND = cast("Table", RoundRow.__table__).c
_NEEDS_KEY = (_ROUND.key_mode == str(KeyMode.AUTOMATIC), _ROUND.state.in_([RoundState.OPEN, RoundState.CLOSED]))


def uncounted_automatic_rounds(session: Executor) -> tuple[SharedKeyRound, ...]:
    """Return the rounds in automatic mode whose boxes are still to be opened, the lowest number first."""
    query = select(_ROUND.id, _ROUND.public_key).where(*_NEEDS_KEY, _ROUND.public_key.is_not(None))
    return tuple(
        SharedKeyRound(RoundId(row.id), bytes(row.public_key)) for row in session.execute(query.order_by(_ROUND.id))
    )


def public_key_or_empty(session: Executor, round_id: RoundId) -> bytes:
    """Return the public key of a round that was opened, empty before."""
    return bytes(session.execute(select(_ROUND.public_key).where(_ROUND.id == round_id)).scalar() or b"")


def try_lock_against_count(session: Session, round_id: RoundId) -> bool:
    """Keep a round from being closed or counted until the transaction ends; False if that is happening now.

    Without the lock, a key_copy could be written after the count has deleted the round's key_copies.
    """
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock_shared(LOCK_CLASS, round_id))))


def has_key_copies_table(session: Executor) -> bool:
    """Tell whether the table exists: a process may start before the migrations."""
    return has_table(session, _TABLE)


def key_copies_of_round(session: Executor, round_id: RoundId) -> tuple[RoundKeyCopy, ...]:
    """Return the key copies of a round, one for each host, ordered by host id."""
    rows = session.execute(select(_TABLE).where(_TABLE.c.round_id == round_id).order_by(_TABLE.c.host_id))
    return tuple(RoundKeyCopy(**row._asdict()) for row in rows)


def upsert_key_copy(session: Session, key_copy: RoundKeyCopy) -> None:
    """Add the key copy of a host, or update its name, `can_open` and `seen_at`; the key sealed to it stays."""
    same = (_TABLE.c.round_id == key_copy.round_id, _TABLE.c.host_id == key_copy.host_id)
    if session.execute(select(_TABLE.c.host_id).where(*same)).first() is None:
        values = {name: getattr(key_copy, name) for name in _TABLE.c.keys()}  # noqa: SIM118 - a collection of columns
        session.execute(insert(_TABLE), values)
        return
    renewed = {"host_name": key_copy.host_name, "can_open": key_copy.can_open, "seen_at": key_copy.seen_at}
    session.execute(update(_TABLE).where(*same).values(**renewed))


def set_sealed(session: Session, key_copy: RoundKeyCopy, sealed: bytes | None) -> None:
    """Store the round key sealed to a host; None asks the other hosts to seal it again."""
    same = (_TABLE.c.round_id == key_copy.round_id, _TABLE.c.host_id == key_copy.host_id)
    session.execute(update(_TABLE).where(*same).values(sealed=sealed))


def clear_sealed_keys_of_host(session: Session, host_name: str, *, silent_since: datetime) -> int:
    """Clear the key copies sealed to the hosts of a name that have not renewed their row since; return how many.

    The rows stay.
    """
    matching = (_TABLE.c.host_name == host_name, _TABLE.c.sealed.is_not(None), _TABLE.c.seen_at < silent_since)
    return execute_and_count_rows(session, update(_TABLE).where(*matching).values(sealed=None))


def count_sealed_keys_of_host(session: Session, host_name: str) -> int:
    """Return how many rounds' keys are sealed to the hosts of a name."""
    matching = (_TABLE.c.host_name == host_name, _TABLE.c.sealed.is_not(None))
    return session.scalar(select(func.count()).select_from(_TABLE).where(*matching)) or 0


def erase(session: Session, round_id: RoundId) -> int:
    """Delete the copies of a round; return how many."""
    return len(session.execute(delete(_TABLE).where(_TABLE.c.round_id == round_id).returning(_TABLE.c.host_id)).all())
