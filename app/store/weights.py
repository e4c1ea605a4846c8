"""Versions of the matching weights; versions are added and never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.matching.weight_numbers import weight_numbers, weights_from_numbers
from app.core.matching.weights import WEIGHTS, Weights
from app.store.accounts import AccountRow
from app.store.database import Base

BUILT_IN = 1


class WeightsRow(Base):
    __tablename__ = "weights_version"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(String(500))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


@dataclass(frozen=True, slots=True)
class WeightsVersion:
    """A version of the weights; the first is built in and has neither time nor author."""

    number: int
    weights: Weights
    reason: str = ""
    made_at: datetime | None = None
    made_by: str = ""


def current_weights(session: Session) -> Weights:
    """Return the current weights."""
    row = session.scalar(select(WeightsRow).order_by(WeightsRow.number.desc()).limit(1))
    return WEIGHTS if row is None else _weights(row)


def versions(session: Session) -> tuple[WeightsVersion, ...]:
    """Return all versions, oldest first."""
    query = (
        select(WeightsRow, AccountRow.name)
        .outerjoin(AccountRow, AccountRow.id == WeightsRow.account_id)
        .order_by(WeightsRow.number)
    )
    later = tuple(
        WeightsVersion(row.number, _weights(row), row.reason, row.made_at, name or "")
        for row, name in session.execute(query)
    )
    return (WeightsVersion(BUILT_IN, WEIGHTS), *later)


def next_number(session: Session) -> int:
    """Return the number of the next version."""
    return (session.scalar(select(func.max(WeightsRow.number))) or BUILT_IN) + 1


def add(session: Session, weights: Weights, *, number: int, reason: str, by: AccountId | None, now: datetime) -> None:
    """Store a new version."""
    row = WeightsRow(
        number=number,
        made_at=now,
        account_id=by,
        reason=reason,
        content={"version": weights.version, "numbers": weight_numbers(weights)},
    )
    session.add(row)
    session.flush()


def _weights(row: WeightsRow) -> Weights:
    return weights_from_numbers(row.content["numbers"], version=row.content["version"])
