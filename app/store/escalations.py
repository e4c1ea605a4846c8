"""Escalations of communities to their municipality, with the answers."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, Table, bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.followup import ActionId, AnswerKind, Escalation, EscalationAnswer, EscalationId
from app.core.rounds import RoundId
from app.store.database import Base, Executor

_KINDS = ", ".join(f"'{kind.value}'" for kind in AnswerKind)


class EscalationRow(Base):
    __tablename__ = "escalation"
    __table_args__ = (CheckConstraint(f"answer IN ({_KINDS})", name="answer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[str] = mapped_column(String(40), index=True)
    municipality_id: Mapped[str] = mapped_column(String(40), index=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("plan_action.id"), unique=True)
    what: Mapped[str] = mapped_column(String(500))
    why: Mapped[str] = mapped_column(String(500))
    raised_at: Mapped[datetime]
    raised_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    due: Mapped[date]
    answer: Mapped[str | None] = mapped_column(String(20))
    answer_text: Mapped[str] = mapped_column(String(500))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


def add(session: Session, raised: Escalation, *, by: AccountId | None) -> EscalationId | None:
    """Add an escalation; None if the action was escalated before."""
    row = EscalationRow(
        round_id=raised.round,
        unit_id=raised.unit,
        municipality_id=raised.municipality,
        action_id=raised.action,
        what=raised.what,
        why=raised.why,
        raised_at=raised.raised_at,
        raised_by=by,
        due=raised.due,
        answer_text="",
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return EscalationId(row.id)


def escalation(session: Session, number: EscalationId) -> Escalation | None:
    """Return an escalation, or None."""
    row = session.get(EscalationRow, number, populate_existing=True)
    return None if row is None else _value(row)


def escalations(
    session: Executor, *, round_id: RoundId | None = None, unit: str | None = None
) -> tuple[Escalation, ...]:
    """Return escalations by due date, optionally of one round or unit."""
    filters = {name: value for name, value in (("round_id", round_id), ("unit_id", unit)) if value is not None}
    return tuple(
        map(_value, session.execute(_by_due(*filters), {f"of_{name}": value for name, value in filters.items()}))
    )


@lru_cache(maxsize=16)
def _by_due(*names: str) -> Select[Any]:
    # Cached by filter: the respondent's first page lists the promises of the last plan.
    table = cast("Table", EscalationRow.__table__)
    wanted = (table.c[name] == bindparam(f"of_{name}") for name in names)
    return select(table).where(*wanted).order_by(table.c.due, table.c.id)


def set_answer(
    session: Session, number: EscalationId, answer: EscalationAnswer, *, before: datetime | None, by: AccountId | None
) -> bool:
    """Replace the answer given at `before`; False if somebody else answered concurrently."""
    earlier = EscalationRow.answered_at.is_(None) if before is None else EscalationRow.answered_at == before
    values = {"answer": answer.kind.value, "answer_text": answer.text, "answered_at": answer.at, "answered_by": by}
    statement = update(EscalationRow).where(EscalationRow.id == number, earlier).values(**values)
    return session.execute(statement.returning(EscalationRow.id)).one_or_none() is not None


def _value(row: Any) -> Escalation:
    answer = None
    if row.answer is not None and row.answered_at is not None:
        answer = EscalationAnswer(AnswerKind(row.answer), row.answer_text, row.answered_at)
    return Escalation(
        id=EscalationId(row.id),
        round=RoundId(row.round_id),
        unit=row.unit_id,
        municipality=row.municipality_id,
        action=ActionId(row.action_id),
        what=row.what,
        why=row.why,
        raised_at=row.raised_at,
        due=row.due,
        answer=answer,
    )
