"""Issues that communities escalated to their municipality, with the answers."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, Table, bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.followup import ActionId, Escalation, EscalationAnswer, EscalationId, MunicipalityAnswerKind
from app.core.rounds import RoundId
from app.store.database import Base, Executor, has_column
from app.store.translations import TRANSLATIONS_JSON, text_from_columns, translations_to_dict

_KINDS = ", ".join(f"'{kind.value}'" for kind in MunicipalityAnswerKind)


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
    answer_translations: Mapped[dict[str, str] | None] = mapped_column(TRANSLATIONS_JSON)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


_TABLE = cast("Table", EscalationRow.__table__)


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


def find_escalation(session: Session, number: EscalationId) -> Escalation | None:
    """Return an escalation, or None."""
    row = session.execute(select(_TABLE).where(_TABLE.c.id == number)).one_or_none()
    return None if row is None else escalation_from_row(row)


def escalations(
    session: Executor, *, round_id: RoundId | None = None, unit: str | None = None
) -> tuple[Escalation, ...]:
    """Return escalations by due date, optionally of one round or unit."""
    filters = {name: value for name, value in (("round_id", round_id), ("unit_id", unit)) if value is not None}
    query = _by_due(*filters, translated=has_column(session, _TABLE.c.answer_translations))
    rows = session.execute(query, {f"of_{name}": value for name, value in filters.items()})
    return tuple(map(escalation_from_row, rows))


@lru_cache(maxsize=16)
def _by_due(*names: str, translated: bool) -> Select[Any]:
    # Cached by filter: the respondent's first page lists the promises of the last plan, also before migration 0019.
    columns = [column for column in _TABLE.c if translated or column is not _TABLE.c.answer_translations]
    wanted = (_TABLE.c[name] == bindparam(f"of_{name}") for name in names)
    return select(*columns).where(*wanted).order_by(_TABLE.c.due, _TABLE.c.id)


def set_answer(
    session: Session, number: EscalationId, answer: EscalationAnswer, *, before: datetime | None, by: AccountId | None
) -> bool:
    """Replace the answer given at `before`; False if somebody else answered concurrently."""
    earlier = EscalationRow.answered_at.is_(None) if before is None else EscalationRow.answered_at == before
    values = {
        "answer": answer.kind.value,
        "answer_text": answer.text.main,
        "answer_translations": translations_to_dict(answer.text.translations),
        "answered_at": answer.at,
        "answered_by": by,
    }
    statement = update(EscalationRow).where(EscalationRow.id == number, earlier).values(**values)
    return session.execute(statement.returning(EscalationRow.id)).one_or_none() is not None


def escalation_from_row(row: Any) -> Escalation:
    """Return an escalation; a row has the columns of `EscalationRow` as attributes."""
    answer = None
    if row.answer is not None and row.answered_at is not None:
        text = text_from_columns(row.answer_text, getattr(row, "answer_translations", None))
        answer = EscalationAnswer(MunicipalityAnswerKind(row.answer), text, row.answered_at)
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
