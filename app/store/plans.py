"""Plans, their actions and the history of changes, with optimistic locking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    bindparam,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.errors import ConcurrentChange
from app.core.followup import Action, ActionId, ActionStatus, ActionTarget, DecisionLevel, MeetingMinutes, Plan
from app.core.rounds import RoundId
from app.store.columns import one_of_constraint
from app.store.database import Base, Executor, chunked

PLAN_SUBJECT = "plan"


class PlanRow(Base):
    __tablename__ = "plan"
    __table_args__ = (CheckConstraint("present > 0", name="present"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int]
    focus: Mapped[list[str]] = mapped_column(JSON)
    discussed_on: Mapped[date | None]
    present: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(500))
    pulse: Mapped[bool]


class ActionRow(Base):
    __tablename__ = "plan_action"
    __table_args__ = (
        ForeignKeyConstraint(["round_id", "unit_id"], ["plan.round_id", "plan.unit_id"]),
        Index("ix_plan_action_place", "round_id", "unit_id"),
        one_of_constraint("aim", ActionTarget),
        one_of_constraint("power", DecisionLevel),
        one_of_constraint("status", ActionStatus),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int]
    unit_id: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    dimension: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(500))
    aim: Mapped[str] = mapped_column(String(20))
    power: Mapped[str] = mapped_column(String(20))
    owner: Mapped[str] = mapped_column(String(120))
    first_step: Mapped[str] = mapped_column(String(500))
    first_by: Mapped[date]
    due: Mapped[date]
    sign: Mapped[str] = mapped_column(String(500))
    course: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(500))


class PlanChangeRow(Base):
    __tablename__ = "plan_change"
    __table_args__ = (Index("ix_plan_change_place", "round_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class StaleVersion(ConcurrentChange):
    """The row was changed after it was read; nothing was written."""


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A change of a plan or an action: who, when, and the texts after it."""

    subject: str
    version: int
    by: AccountId | None
    at: datetime
    texts: Mapping[str, str]


# Core statements built once: the respondent's first page lists the promises of the last plan.
_PLANS = cast("Table", PlanRow.__table__)
_ACTIONS = cast("Table", ActionRow.__table__)
_PLAN = select(_PLANS).where(_PLANS.c.round_id == bindparam("of_round"), _PLANS.c.unit_id == bindparam("of_unit"))
_PLAN_ACTIONS = (
    select(_ACTIONS)
    .where(_ACTIONS.c.round_id == bindparam("of_round"), _ACTIONS.c.unit_id == bindparam("of_unit"))
    .order_by(_ACTIONS.c.id)
)


def plan_or_empty(session: Executor, round_id: RoundId, unit_id: str) -> Plan:
    """Return a unit's plan with its actions; an empty plan of version 0 if there is none."""
    parameters = {"of_round": round_id, "of_unit": unit_id}
    row = session.execute(_PLAN, parameters).one_or_none()
    if row is None:
        return Plan(round_id, unit_id)
    return plan_from_rows(row, session.execute(_PLAN_ACTIONS, parameters))


def plan_from_rows(row: Any, action_rows: Iterable[Any]) -> Plan:
    """Return a plan; rows have the columns of `PlanRow` and `ActionRow` as attributes."""
    return _plan(row, {row.unit_id: list(map(_action, action_rows))})


def plans_by_unit(session: Session, round_id: RoundId) -> dict[str, Plan]:
    """Return all plans after a round, by unit."""
    rows = session.scalars(select(PlanRow).where(PlanRow.round_id == round_id)).all()
    actions = _actions(session, round_id, [row.unit_id for row in rows])
    return {row.unit_id: _plan(row, actions) for row in rows}


def save_plan_without_actions(session: Session, changed: Plan) -> int:
    """Save focus, meeting and pulse; StaleVersion unless `changed.version` is the stored version.

    Returns the new version. Actions are saved separately.
    """
    cells = _plan_cells(changed)
    if changed.version == 0:
        row = PlanRow(round_id=changed.round, unit_id=changed.unit, version=1, **cells)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError as error:
            raise StaleVersion from error
        return 1
    same_version = (
        PlanRow.round_id == changed.round,
        PlanRow.unit_id == changed.unit,
        PlanRow.version == changed.version,
    )
    _require_one_row(session.execute(update(PlanRow).where(*same_version).values(version=PlanRow.version + 1, **cells)))
    return changed.version + 1


def add_action(session: Session, round_id: RoundId, unit_id: str, action: Action) -> ActionId:
    """Add an action to an existing plan; return its number."""
    row = ActionRow(round_id=round_id, unit_id=unit_id, version=1, **_action_cells(action))
    session.add(row)
    session.flush()
    return ActionId(row.id)


def save_action(session: Session, changed: Action) -> int:
    """Save an action and return the new version; StaleVersion unless `changed.version` is the stored one."""
    same_version = (ActionRow.id == changed.id, ActionRow.version == changed.version)
    _require_one_row(
        session.execute(
            update(ActionRow).where(*same_version).values(version=changed.version + 1, **_action_cells(changed))
        )
    )
    return changed.version + 1


def record_change(session: Session, round_id: RoundId, unit_id: str, change: PlanChange) -> None:
    """Add a change to the history."""
    session.add(
        PlanChangeRow(
            round_id=round_id,
            unit_id=unit_id,
            subject=change.subject,
            version=change.version,
            account_id=change.by,
            at=change.at,
            content=dict(change.texts),
        )
    )
    session.flush()


def changes(session: Session, round_id: RoundId, unit_id: str, *, subject: str | None = None) -> tuple[PlanChange, ...]:
    """Return the changes of a unit's plan, latest first, optionally of one subject."""
    query = select(PlanChangeRow).where(PlanChangeRow.round_id == round_id, PlanChangeRow.unit_id == unit_id)
    if subject is not None:
        query = query.where(PlanChangeRow.subject == subject)
    return tuple(
        PlanChange(
            row.subject, row.version, None if row.account_id is None else AccountId(row.account_id), row.at, row.content
        )
        for row in session.scalars(query.order_by(PlanChangeRow.id.desc()))
    )


def _require_one_row(result: Any) -> None:
    if result.rowcount != 1:
        raise StaleVersion


def _actions(session: Session, round_id: RoundId, units: Iterable[str]) -> dict[str, list[Action]]:
    ordered = select(ActionRow).where(ActionRow.round_id == round_id).order_by(ActionRow.id)
    result: dict[str, list[Action]] = {}
    for some in chunked(units):
        query = ordered.where(ActionRow.unit_id.in_(some)).execution_options(populate_existing=True)
        for row in session.scalars(query):
            result.setdefault(row.unit_id, []).append(_action(row))
    return result


def _plan(row: Any, actions: Mapping[str, list[Action]]) -> Plan:
    return Plan(
        round=RoundId(row.round_id),
        unit=row.unit_id,
        focus=tuple(row.focus),
        meeting=MeetingMinutes(row.discussed_on, row.present, row.note),
        pulse=row.pulse,
        actions=tuple(actions.get(row.unit_id, ())),
        version=row.version,
    )


def _plan_cells(value: Plan) -> dict[str, Any]:
    meeting = value.meeting
    return {
        "focus": list(value.focus),
        "discussed_on": meeting.discussed_on,
        "present": meeting.present,
        "note": meeting.note,
        "pulse": value.pulse,
    }


def _action_cells(value: Action) -> dict[str, Any]:
    names = ("dimension", "what", "owner", "first_step", "first_by", "due", "sign", "course", "outcome")
    return {name: getattr(value, name) for name in names} | {
        "aim": value.aim.value,
        "power": value.power.value,
        "status": value.status.value,
    }


def _action(row: Any) -> Action:
    return Action(
        id=ActionId(row.id),
        dimension=row.dimension,
        what=row.what,
        aim=ActionTarget(row.aim),
        power=DecisionLevel(row.power),
        owner=row.owner,
        first_step=row.first_step,
        first_by=row.first_by,
        due=row.due,
        sign=row.sign,
        course=row.course,
        status=ActionStatus(row.status),
        outcome=row.outcome,
        version=row.version,
    )
