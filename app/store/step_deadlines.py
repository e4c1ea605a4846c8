"""Deadlines of follow-up steps, for rounds with changed deadlines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Select, Table, null, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.followup import DEFAULT_DEADLINES, StepDeadlines
from app.core.languages import PartlyTranslatedText
from app.core.rounds import RoundId, RoundKind, RoundState
from app.store.database import Base, Executor, has_column
from app.store.rounds import RoundRow


class StepDeadlineRow(Base):
    __tablename__ = "followup_pace"
    __table_args__ = (CheckConstraint("pulse_from <= pulse_by", name="pulse"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    preview: Mapped[int]
    meeting: Mapped[int]
    plan: Mapped[int]
    first_step: Mapped[int]
    pulse_from: Mapped[int]
    pulse_by: Mapped[int]
    review: Mapped[int]
    answer: Mapped[int]


@dataclass(frozen=True, slots=True)
class OpenRound:
    """An open round: title, closing time, and deadlines of its follow-up (None for pulse surveys)."""

    title: PartlyTranslatedText
    closes_at: datetime
    deadlines: StepDeadlines | None


_NAMES = tuple(DEFAULT_DEADLINES.days)
_DAYS = [getattr(StepDeadlineRow, name) for name in _NAMES]
_TRANSLATIONS = cast("Table", RoundRow.__table__).c.title_translations


def _open_now(translations: ColumnElement[Any]) -> Select[Any]:
    columns = (RoundRow.title, translations, RoundRow.closes_at, RoundRow.kind)
    of_rounds = select(*columns, *_DAYS).select_from(RoundRow).outerjoin(StepDeadlineRow)
    return of_rounds.where(RoundRow.state == str(RoundState.OPEN)).order_by(RoundRow.closes_at)


_OPEN_NOW = _open_now(_TRANSLATIONS)
_OPEN_NOW_BEFORE_0019 = _open_now(null())


def open_rounds(session: Executor) -> tuple[OpenRound, ...]:
    """Return all open rounds, without reading their boundaries."""
    query = _OPEN_NOW if has_column(session, _TRANSLATIONS) else _OPEN_NOW_BEFORE_0019
    return tuple(
        OpenRound(
            PartlyTranslatedText(title, translations),
            closes_at,
            _deadlines(days) if kind == RoundKind.SURVEY else None,
        )
        for title, translations, closes_at, kind, *days in session.execute(query)
    )


def deadlines(session: Session, round_id: RoundId) -> StepDeadlines:
    """Return the deadlines of a round, by default the standard ones."""
    row = session.get(StepDeadlineRow, round_id)
    return DEFAULT_DEADLINES if row is None else _deadlines([getattr(row, name) for name in _NAMES])


def set_deadlines(session: Session, round_id: RoundId, step_deadlines: StepDeadlines) -> None:
    """Store the deadlines of a round."""
    session.merge(StepDeadlineRow(round_id=round_id, **step_deadlines.days))
    session.flush()


def _deadlines(days: Sequence[int | None]) -> StepDeadlines:
    """Return these deadlines, with defaults for missing ones."""
    chosen = {name: timedelta(days=n) for name, n in zip(_NAMES, days, strict=True) if n is not None}
    return StepDeadlines(**chosen)
