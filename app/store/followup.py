"""Follow-up steps, versions of access phrases, pulse surveys and sent reminders."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.followup import MANUAL_STEPS, FollowUpStep
from app.core.rounds import RoundId
from app.store.database import Base

_STEPS = ", ".join(f"'{step.value}'" for step in MANUAL_STEPS)
_ALL = ", ".join(f"'{step.value}'" for step in FollowUpStep)


class FollowUpStepRow(Base):
    __tablename__ = "followup_step"
    __table_args__ = (CheckConstraint(f"step IN ({_STEPS})", name="step"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    step: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


class AccessPhraseRow(Base):
    __tablename__ = "followup_word"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    edition: Mapped[int]


class PulseUnitRow(Base):
    __tablename__ = "pulse_unit"
    __table_args__ = (Index("ix_pulse_unit_of", "survey_id", "unit_id"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("round.id"))


class ReminderRow(Base):
    __tablename__ = "followup_reminder"
    __table_args__ = (CheckConstraint(f"step IN ({_ALL})", name="step"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    step: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime]


def step_times_by_unit(session: Session, round_id: RoundId) -> dict[str, dict[FollowUpStep, datetime]]:
    """Return the time of every step taken after a round, by unit."""
    result: dict[str, dict[FollowUpStep, datetime]] = {}
    for row in session.execute(
        select(FollowUpStepRow.unit_id, FollowUpStepRow.step, FollowUpStepRow.at).where(
            FollowUpStepRow.round_id == round_id
        )
    ):
        result.setdefault(row.unit_id, {})[FollowUpStep(row.step)] = row.at
    return result


def record_step(
    session: Session, round_id: RoundId, unit_id: str, step: FollowUpStep, *, by: AccountId | None, now: datetime
) -> bool:
    """Record a step; False if it was recorded before."""
    row = FollowUpStepRow(round_id=round_id, unit_id=unit_id, step=step.value, at=now, account_id=by)
    return _insert_unless_exists(session, row)


def delete_step(session: Session, round_id: RoundId, unit_id: str, step: FollowUpStep) -> bool:
    """Delete a recorded step; False if there was none."""
    conditions = (
        FollowUpStepRow.round_id == round_id,
        FollowUpStepRow.unit_id == unit_id,
        FollowUpStepRow.step == step.value,
    )
    return (
        session.execute(delete(FollowUpStepRow).where(*conditions).returning(FollowUpStepRow.step)).one_or_none()
        is not None
    )


def phrase_editions(session: Session) -> dict[tuple[RoundId, str], int]:
    """Return how often each access phrase was renewed; phrases never renewed are missing."""
    return {(RoundId(row.round_id), row.unit_id): row.edition for row in session.scalars(select(AccessPhraseRow))}


def increase_access_phrase_edition(session: Session, round_id: RoundId, unit_id: str) -> int:
    """Increase the edition of a unit's access phrase and return it."""
    row = session.get(AccessPhraseRow, (round_id, unit_id))
    if row is None:
        row = AccessPhraseRow(round_id=round_id, unit_id=unit_id, edition=0)
        session.add(row)
    row.edition += 1
    session.flush()
    return row.edition


def add_pulse_units(session: Session, round_id: RoundId, units: Iterable[str], *, survey: RoundId) -> None:
    """Store which units a pulse survey asks, and which survey it follows."""
    session.add_all(PulseUnitRow(round_id=round_id, unit_id=unit, survey_id=survey) for unit in units)
    session.flush()


def units_asked_by_pulse(session: Session, round_id: RoundId) -> frozenset[str] | None:
    """Return the units that a pulse survey asks; None for a round that asks all."""
    result = frozenset(session.scalars(select(PulseUnitRow.unit_id).where(PulseUnitRow.round_id == round_id)))
    return result or None


def pulse_rounds_by_unit(session: Session, survey: RoundId) -> dict[str, tuple[RoundId, ...]]:
    """Return the pulse surveys that follow a survey, by unit."""
    query = select(PulseUnitRow).where(PulseUnitRow.survey_id == survey).order_by(PulseUnitRow.round_id)
    result: dict[str, tuple[RoundId, ...]] = {}
    for row in session.scalars(query):
        result[row.unit_id] = (*result.get(row.unit_id, ()), RoundId(row.round_id))
    return result


def sent_reminders(session: Session, round_id: RoundId) -> frozenset[tuple[str, FollowUpStep, str]]:
    """Return the reminders sent after a round as unit, step and kind."""
    query = select(ReminderRow.unit_id, ReminderRow.step, ReminderRow.kind).where(ReminderRow.round_id == round_id)
    return frozenset((row.unit_id, FollowUpStep(row.step), row.kind) for row in session.execute(query))


def record_reminder(
    session: Session, round_id: RoundId, unit_id: str, step: FollowUpStep, kind: str, *, now: datetime
) -> bool:
    """Record a reminder; False if any process recorded it before."""
    return _insert_unless_exists(
        session, ReminderRow(round_id=round_id, unit_id=unit_id, step=step.value, kind=kind, at=now)
    )


def _insert_unless_exists(session: Session, row: Base) -> bool:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True
